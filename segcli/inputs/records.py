"""CSV, JSON arrays and JSON lines: ids in a column, as items, or as members of objects."""

import csv
import io
import json
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import IO, Any

from segcli.errors import UsageError
from segcli.inputs.blocks import KNOWN_COLUMNS, Block, to_block
from segcli.inputs.rejects import INVALID_ID, Invalid, Reject
from segcli.model import INT32_MAX, parse_account_id

_BLOCK = 10_000  # ids
_SHOWN = 200  # characters of a header that an error quotes
_JSON_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


def read_csv(
    name: str, file: IO[bytes], reject: Reject, *, column: str | None, delimiter: str
) -> Iterator[Block]:
    """The ids of one column: the named one, or a known one, or the only one."""
    # Bytes that are not UTF-8 may be in other columns, which do not matter.
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
    rows = csv.reader(text, delimiter=delimiter)
    try:
        header = next(rows, [])
        index = _column(name, [cell.strip() for cell in header], column)
        yield from _columns(name, rows, index, reject)
    except csv.Error as error:
        raise UsageError(f"{name}, line {rows.line_num}: {error}") from None
    finally:
        text.detach()  # the caller closes the file


def _column(name: str, header: list[str], column: str | None) -> int:
    wanted = [column] if column else [known for known in KNOWN_COLUMNS if known in header]
    if wanted and wanted[0] in header:
        return header.index(wanted[0])
    if not column and len(header) == 1:
        return 0
    missing = f"no column '{column}'" if column else f"none of the columns {', '.join(KNOWN_COLUMNS)}"
    raise UsageError(
        f"{name} has {missing}",
        hint=f"choose a column with --column; the columns are: {', '.join(header)[:_SHOWN] or 'none'}",
    )


def _columns(name: str, rows: Any, index: int, reject: Reject) -> Iterator[Block]:
    """The ids of one column, a block of rows at a time."""
    filled = filter(None, rows)
    while cells := [
        (rows.line_num, row[index].strip() if index < len(row) else "") for row in islice(filled, _BLOCK)
    ]:
        yield _ids(name, cells, reject)


def _ids(name: str, cells: list[tuple[int, str]], reject: Reject) -> Block:
    """The ids of cells with their line numbers; all at once if they are only digits."""
    texts = [text for _, text in cells]
    digits = "".join(texts)
    if digits.isascii() and digits.isdigit():
        with suppress(ValueError):
            return to_block(list(map(int, texts)))
    return array("i", _ids_one_by_one(name, cells, reject))


def _ids_one_by_one(name: str, cells: Iterable[tuple[int, str]], reject: Reject) -> Iterator[int]:
    for line, text in cells:
        try:
            yield parse_account_id(text)
        except UsageError:
            reject(Invalid(f"{name}, line {line}", text, INVALID_ID))


def read_json_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of JSON values, one per line: numbers, or objects with a known member."""
    return _blocks(_values_of_lines(name, file, reject))


def _values_of_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[int]:
    for number, line in enumerate(file, 1):
        if line.isspace():
            continue
        try:
            value = _value(line)
        except (ValueError, RecursionError):
            text = line.decode(errors="backslashreplace").strip()
            reject(Invalid(f"{name}, line {number}", text, "not valid JSON"))
            continue
        account_id = _id_in(value)
        if account_id is None:
            reject(_invalid(f"{name}, line {number}", value))
        else:
            yield account_id


def _value(line: bytes) -> Any:
    """The JSON value of a line. Raises ValueError, RecursionError."""
    try:
        text = line.decode().strip(_JSON_SPACE)
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            return value
    except ValueError:
        pass
    return json.loads(line)  # accepts more encodings, and takes three times as long


def read_json_array(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of one JSON array: numbers, or objects with a known member."""
    return _blocks(_values_of_array(name, file, reject))


def _values_of_array(name: str, file: IO[bytes], reject: Reject) -> Iterator[int]:
    import ijson

    number = 0
    try:
        for number, value in enumerate(ijson.items(file, "item"), 1):
            account_id = _id_in(value)
            if account_id is None:
                reject(_invalid(f"{name}, item {number}", value))
            else:
                yield account_id
    except ijson.JSONError as error:
        what = str(error).strip().splitlines()[0]
        raise UsageError(f"{name}, after item {number}: not a valid JSON array: {what}") from None


def _id_in(value: Any) -> int | None:
    """The id in a value, if it contains a valid one."""
    if isinstance(value, dict):
        for known in KNOWN_COLUMNS:
            if known in value:
                value = value[known]
                break
    return value if type(value) is int and 1 <= value <= INT32_MAX else None


def _invalid(place: str, value: Any) -> Invalid:
    return Invalid(place, json.dumps(value, default=str)[:80], INVALID_ID)


def _blocks(ids: Iterable[int]) -> Iterator[Block]:
    iterator = iter(ids)
    while block := array("i", islice(iterator, _BLOCK)):
        yield block
