"""CSV, JSON arrays and JSON lines: an id is found in a column, an item, or a member of one."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

from segcli.errors import UsageError
from segcli.inputs import KNOWN_COLUMNS, Block, Invalid, Reject
from segcli.model import INT32_MAX, parse_account_id

_BLOCK = 50_000  # ids


def read_csv(
    name: str, file: IO[bytes], reject: Reject, *, column: str | None, delimiter: str
) -> Iterator[Block]:
    """The ids of one column: the named one, else a known one, else the only one."""
    # Bytes that are no UTF-8 are some other column's: they are passed through.
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
    rows = csv.reader(text, delimiter=delimiter)
    try:
        header = next(rows, [])
        index = _column(name, [cell.strip() for cell in header], column)
        yield from _blocks(_cells(name, rows, index, reject))
    except csv.Error as error:
        raise UsageError(f"{name}, line {rows.line_num}: {error}") from None
    finally:
        text.detach()  # the file is its opener's to close


def _column(name: str, header: list[str], column: str | None) -> int:
    wanted = [column] if column else [known for known in KNOWN_COLUMNS if known in header]
    if wanted and wanted[0] in header:
        return header.index(wanted[0])
    if not column and len(header) == 1:
        return 0
    missing = f"no column {column}" if column else f"none of the columns {', '.join(KNOWN_COLUMNS)}"
    raise UsageError(
        f"{name} has {missing}", hint=f"say which with --column; it has {', '.join(header) or 'none'}"
    )


def _cells(name: str, rows: Any, index: int, reject: Reject) -> Iterator[int]:
    for row in rows:
        if not row:
            continue
        text = row[index].strip() if index < len(row) else ""
        try:
            yield parse_account_id(text)
        except UsageError:
            reject(Invalid(f"{name}, line {rows.line_num}", text or "nothing", "is no account id"))


def read_json_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of JSON values, one a line: numbers, or objects that hold one."""
    return _blocks(_values_of_lines(name, file, reject))


def _values_of_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[int]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            text = line.decode(errors="backslashreplace").strip()
            reject(Invalid(place, text, "is no JSON"))
            continue
        yield from _id_of(place, value, reject)


def read_json_array(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of one JSON array: numbers, or objects that hold one."""
    return _blocks(_values_of_array(name, file, reject))


def _values_of_array(name: str, file: IO[bytes], reject: Reject) -> Iterator[int]:
    import ijson

    number = 0
    try:
        for number, value in enumerate(ijson.items(file, "item"), 1):
            yield from _id_of(f"{name}, item {number}", value, reject)
    except ijson.JSONError as error:
        what = str(error).strip().splitlines()[0]
        raise UsageError(f"{name}, after item {number}: this is no JSON array: {what}") from None


def _id_of(place: str, value: Any, reject: Reject) -> Iterator[int]:
    """The id in a value, where there is one."""
    found = value
    if isinstance(value, dict):
        found = next((value[known] for known in KNOWN_COLUMNS if known in value), None)
    if type(found) is int and 1 <= found <= INT32_MAX:
        yield found
    else:
        reject(Invalid(place, json.dumps(value, default=str)[:80], "is no account id"))


def _blocks(ids: Iterable[int]) -> Iterator[Block]:
    iterator = iter(ids)
    while block := list(islice(iterator, _BLOCK)):
        yield block
