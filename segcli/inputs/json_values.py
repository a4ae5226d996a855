"""JSON arrays and JSON lines: ids as values, or as members of objects; an id may be a string of digits.

The array is read by our own code, on the decoder of Python's json. A library that reads item by item does
not limit the items: ijson needs memory in proportion to the square of their depth, and its fast backend
crashes the process at an integer of more than 4,300 digits. Here an item has at most about _LONGEST bytes,
and json limits its depth.
"""

import json
import re
from codecs import utf_8_decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import IO, Any

from segcli.errors import UsageError
from segcli.inputs.blocks import KNOWN_COLUMNS, MANY, READ_BYTES, Block, to_block, whole_lines
from segcli.inputs.rejects import INVALID_ID, Invalid, Reject
from segcli.model import INT32_MAX, parse_account_id

_BLOCK = 10_000  # ids
_LONGEST = 1 << 20  # bytes of a line, and of an item of an array
_MAX_DIGITS = 20  # of a number that is converted: int() takes quadratic time
_JSON_SPACE = " \t\r\n"
_TOO_DEEP = "nested too deeply"


def _integer(digits: str) -> int:
    """The integer, or 0, which is not a valid id either."""
    return int(digits) if len(digits) <= _MAX_DIGITS else 0


_DECODER = json.JSONDecoder()
_LENIENT = json.JSONDecoder(parse_int=_integer)  # slower, but accepts integers of any length
_SPACE = re.compile(f"[{_JSON_SPACE}]*")


def read_json_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of JSON values, one per line: numbers, or objects with a known member."""
    return _blocks(_values_of_lines(name, file, reject))


def _values_of_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[int]:
    for first, block in whole_lines(name, file, _LONGEST):
        for number, line in enumerate(block.split(b"\n"), first):
            if not line or line.isspace():
                continue
            reason = INVALID_ID
            try:
                account_id = _id_in(_value(line))
            except ValueError:
                account_id, reason = None, "not valid JSON"
            except RecursionError:
                account_id, reason = None, _TOO_DEEP
            if account_id is None:
                text = line.decode(errors="backslashreplace").strip()
                reject(Invalid(f"{name}, line {number}", text, reason))
            else:
                yield account_id


def _value(line: bytes) -> object:
    """The JSON value of a line. Raises ValueError, RecursionError."""
    try:
        text = line.decode().strip(_JSON_SPACE)
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            found: object = value
            return found
    except ValueError:
        pass
    return json.loads(line, parse_int=_integer)  # accepts more encodings, and takes three times as long


def read_json_array(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of one JSON array: numbers, or objects with a known member.

    Raises UsageError for what is not a JSON array, and for an item that is too long or nested too deeply.
    """
    return _Array(name, file, reject, within_object=False).blocks()


def read_json_items(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of an array that is a member of an object, from its `[` to the end of the object.

    Raises UsageError as `read_json_array` does.
    """
    return _Array(name, file, reject, within_object=True).blocks()


class _Array:
    """Reads an array: first `[`, by which the format was detected, then block by block."""

    def __init__(self, name: str, file: IO[bytes], reject: Reject, *, within_object: bool) -> None:
        self._name = name
        self._file = file
        self._reject = reject
        self._within_object = within_object
        self._count = 0  # items read
        self._rest = b""  # bytes read and not used
        self._at_end = False  # of the file
        self._closed = False  # `]` was read

    def blocks(self) -> Iterator[Block]:
        self._read()
        while (start := self._rest.lstrip())[:1] != b"[":
            self._read()
        self._rest = start[1:]
        while not self._closed:
            if block := self._many() or self._one_by_one():
                yield block
            if not self._closed:
                self._read()
        if self._within_object:
            self._check_members_behind()
            return
        while not self._rest.strip() and not self._at_end:
            self._rest = b""
            self._read()
        if self._rest.strip():
            raise self._invalid("there is text behind its end")

    def _check_members_behind(self) -> None:
        """Raises UsageError unless the file continues with the end of an object without an id of its own."""
        while not self._at_end and len(self._rest) <= _LONGEST:
            self._read()
            self._rest = self._rest.rstrip()
        try:
            members = json.loads(b'{"items": 0' + self._rest[:_LONGEST])
        except (ValueError, RecursionError):
            raise self._invalid("what follows is not the end of an object") from None
        for known in KNOWN_COLUMNS:
            if known in members:
                raise self._invalid(f"the object around it has the member {known} too")

    def _read(self) -> None:
        if self._at_end:
            raise self._invalid("it ends there")
        read = self._file.read(READ_BYTES)
        self._at_end = len(read) < READ_BYTES
        self._rest += read

    def _many(self) -> "Block | None":
        """The ids of most of what was read, decoded at once; None if that is not possible.

        It is cut at a comma, which may be one within an item: then what is before it is not valid.
        """
        rest = self._rest
        if self._at_end and self._within_object:  # what follows the array is not known
            return None
        if self._at_end:
            text, cut = rest, len(rest)
        else:
            cut = rest.rfind(b"},") + 1 if b"{" in rest else rest.rfind(b",")
            if cut <= 0:
                return None
            text = rest[:cut] + b"]"
        ids = self._decoded(b"[" + text)
        if ids:
            self._count += len(ids)
            self._rest = rest[cut + 1 :]
            self._closed = self._at_end
        return ids

    def _decoded(self, array: bytes) -> "Block | None":
        """The ids of an array, unless something is not valid."""
        if self._count > MANY:
            from segcli.inputs.numbers import decode_ids

            with suppress(ValueError):
                return decode_ids(array)
        try:
            return _valid_ids(json.loads(array.decode()))
        except (ValueError, RecursionError):
            return None

    def _one_by_one(self) -> Block:
        """The ids of all items that were read completely; an item that is not valid may be incomplete."""
        ids: Block = []
        try:
            text, decoded = utf_8_decode(self._rest, "strict", self._at_end)
        except UnicodeDecodeError:
            raise self._invalid("it is not UTF-8") from None
        position = _skip_space(text, 0)
        if not self._count and text[position : position + 1] == "]":
            self._closed = True
            position += 1
        while not self._closed:
            try:
                value, end = _LENIENT.raw_decode(text, position)
            except RecursionError:
                raise self._invalid(f"the next item is {_TOO_DEEP}") from None
            except ValueError:
                break
            comma = _skip_space(text, end)
            if text[comma : comma + 1] not in (",", "]"):
                break
            self._closed = text[comma] == "]"
            self._count += 1
            account_id = _id_in(value)
            if account_id is None:
                self._reject(Invalid(f"{self._name}, item {self._count}", text[position:end], INVALID_ID))
            else:
                ids.append(account_id)
            position = _skip_space(text, comma + 1)
        if not self._closed:
            if self._at_end and text[position:]:
                raise self._invalid("what follows is not valid JSON")
            if len(text) - position > _LONGEST:
                raise self._invalid(f"the next item is invalid, or has more than {_LONGEST:,} characters")
        self._rest = text[position:].encode() + self._rest[decoded:]
        return ids

    def _invalid(self, reason: str) -> UsageError:
        return UsageError(f"{self._name}, after item {self._count:,}: not a valid JSON array: {reason}")


def _skip_space(text: str, position: int) -> int:
    """The position of the next character that is not white space."""
    match = _SPACE.match(text, position)
    return match.end() if match else position


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
