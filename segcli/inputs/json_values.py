"""JSON arrays and JSON lines: ids as values, or as members of objects; an id may be a string of digits."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import IO, Any

from segcli.errors import UsageError
from segcli.inputs.blocks import KNOWN_COLUMNS, MANY, Block, to_block, whole_lines
from segcli.inputs.json_array import JSON_SPACE, LONGEST, TOO_DEEP, JsonArray, bounded_integer
from segcli.inputs.rejects import INVALID_ID, Invalid, Reject
from segcli.model import INT32_MAX, parse_account_id

_BLOCK = 10_000  # ids
_DECODER = json.JSONDecoder()


def read_json_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of JSON values, one per line: numbers, or objects with a known member."""
    return _blocks(_values_of_lines(name, file, reject))


def _values_of_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[int]:
    for first, block in whole_lines(name, file, LONGEST):
        for number, line in enumerate(block.split(b"\n"), first):
            if not line or line.isspace():
                continue
            reason = INVALID_ID
            try:
                account_id = _id_in(_value(line))
            except ValueError:
                account_id, reason = None, "not valid JSON"
            except RecursionError:
                account_id, reason = None, TOO_DEEP
            if account_id is None:
                text = line.decode(errors="backslashreplace").strip()
                reject(Invalid(f"{name}, line {number}", text, reason))
            else:
                yield account_id


def _value(line: bytes) -> object:
    """The JSON value of a line. Raises ValueError, RecursionError."""
    try:
        text = line.decode().strip(JSON_SPACE)
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            found: object = value
            return found
    except ValueError:
        pass
    return json.loads(line, parse_int=bounded_integer)  # accepts more encodings, but is slower


def read_json_array(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of one JSON array: numbers, or objects with a known member.

    Raises UsageError for what is not a JSON array, and for an item that is too long or nested too deeply.
    """
    return _Ids(name, file, reject, within_object=False).blocks()


def read_json_items(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of an array that is a member of an object, from its `[` to the end of the object.

    Raises UsageError as `read_json_array` does.
    """
    return _Ids(name, file, reject, within_object=True).blocks()


class _Ids(JsonArray[int]):
    """The ids of an array."""

    def __init__(self, name: str, file: IO[bytes], reject: Reject, *, within_object: bool) -> None:
        super().__init__(name, file, within_object=within_object)
        self._reject = reject

    def decode(self, array: bytes) -> Block | None:
        if self.count > MANY:
            from segcli.inputs.numbers import decode_ids

            with suppress(ValueError):
                return decode_ids(array)
        try:
            return _valid_ids(json.loads(array.decode()))
        except (ValueError, RecursionError):
            return None

    def item(self, value: object, text: str) -> int | None:
        account_id = _id_in(value)
        if account_id is None:
            self._reject(Invalid(f"{self._name}, item {self.count}", text, INVALID_ID))
        return account_id


def _valid_ids(values: list[Any]) -> "Block | None":
    """The ids in `values`; None unless each contains a valid one."""
    if set(map(type, values)) != {int}:
        values = [_id_in(value) for value in values]
        if None in values:
            return None
    return to_block(values) if values else None


def _id_in(value: object) -> int | None:
    """The id in a value, if it contains a valid one; many exports write numbers as strings, as in a CSV."""
    if isinstance(value, dict):
        for known in KNOWN_COLUMNS:
            if known in value:
                value = value[known]
                break
    if isinstance(value, str):
        try:
            return parse_account_id(value.strip())
        except UsageError:
            return None
    return value if type(value) is int and 1 <= value <= INT32_MAX else None


def _blocks(ids: Iterable[int]) -> Iterator[Block]:
    iterator = iter(ids)
    while block := list(islice(iterator, _BLOCK)):
        yield block
