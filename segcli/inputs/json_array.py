"""JSON arrays, read item by item without holding the file.

They are read by our own code, on the decoder of Python's json. A library that reads item by item does not
limit the items: ijson needs memory in proportion to the square of their depth, and its fast backend crashes
the process at an integer of more than 4,300 digits. Here an item has at most about LONGEST bytes, and json
limits its depth.
"""

import json
import re
from abc import ABC, abstractmethod
from codecs import utf_8_decode
from collections.abc import Iterator
from typing import IO, Generic, TypeVar

from segcli.errors import UsageError
from segcli.inputs.blocks import KNOWN_COLUMNS, READ_BYTES

T = TypeVar("T")
LONGEST = 1 << 20  # bytes of a line, and of an item of an array
TOO_DEEP = "nested too deeply"
JSON_SPACE = " \t\r\n"
_MAX_DIGITS = 20  # of a number that is converted: int() takes quadratic time
_SPACE = re.compile(f"[{JSON_SPACE}]*")


def bounded_integer(digits: str) -> int:
    """The integer for `parse_int`, or 0, which is not a valid id either."""
    return int(digits) if len(digits) <= _MAX_DIGITS else 0


_LENIENT = json.JSONDecoder(parse_int=bounded_integer)  # slower, but accepts integers of any length


class JsonArray(ABC, Generic[T]):
    """Reads an array: first `[`, by which the format was detected, then block by block."""

    def __init__(self, name: str, file: IO[bytes], *, within_object: bool) -> None:
        """`within_object`: the array is a member of an object, whose end follows it."""
        self._name = name
        self._file = file
        self._within_object = within_object
        self.count = 0  # items read
        self._rest = b""  # bytes read and not used
        self._at_end = False  # of the file
        self._closed = False  # `]` was read

    @abstractmethod
    def decode(self, array: bytes) -> list[T] | None:
        """The items of an array, unless something is not valid."""

    @abstractmethod
    def item(self, value: object, text: str) -> T | None:
        """The item with that JSON value, written as `text`; None for one that is left out."""

    def blocks(self) -> Iterator[list[T]]:
        """The items. Raises UsageError for what is not a JSON array, or an item too long or too deep."""
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
        while not self._at_end and len(self._rest) <= LONGEST:
            self._read()
            self._rest = self._rest.rstrip()
        try:
            members = json.loads(b'{"items": 0' + self._rest[:LONGEST])
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

    def _many(self) -> list[T] | None:
        """The items of most of what was read, decoded at once; None if that is not possible.

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
        items = self.decode(b"[" + text)
        if items:
            self.count += len(items)
            self._rest = rest[cut + 1 :]
            self._closed = self._at_end
        return items

    def _one_by_one(self) -> list[T]:
        """All items that were read completely; one that is not valid may be incomplete."""
        items: list[T] = []
        try:
            text, decoded = utf_8_decode(self._rest, "strict", self._at_end)
        except UnicodeDecodeError:
            raise self._invalid("it is not UTF-8") from None
        position = _skip_space(text, 0)
        if not self.count and text[position : position + 1] == "]":
            self._closed = True
            position += 1
        while not self._closed:
            try:
                value, end = _LENIENT.raw_decode(text, position)
            except RecursionError:
                raise self._invalid(f"the next item is {TOO_DEEP}") from None
            except ValueError:
                break
            comma = _skip_space(text, end)
            if text[comma : comma + 1] not in (",", "]"):
                break
            self._closed = text[comma] == "]"
            self.count += 1
            item = self.item(value, text[position:end])
            if item is not None:
                items.append(item)
            position = _skip_space(text, comma + 1)
        if not self._closed:
            if self._at_end and text[position:]:
                raise self._invalid("what follows is not valid JSON")
            if len(text) - position > LONGEST:
                raise self._invalid(f"the next item is invalid, or has more than {LONGEST:,} characters")
        self._rest = text[position:].encode() + self._rest[decoded:]
        return items

    def _invalid(self, reason: str) -> UsageError:
        return UsageError(f"{self._name}, after item {self.count:,}: not a valid JSON array: {reason}")


def _skip_space(text: str, position: int) -> int:
    """The position of the next character that is not white space."""
    match = _SPACE.match(text, position)
    return match.end() if match else position
