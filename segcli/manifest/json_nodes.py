"""JSON as nodes: as Python's json reads it, but each value knows its line, and depth and size are limited."""

import re
from bisect import bisect_right
from json import JSONDecodeError, JSONDecoder
from typing import Final, NoReturn

from segcli.manifest.nodes import (
    MAX_DEPTH,
    MAX_VALUES,
    Mapping,
    Node,
    Plain,
    Scalar,
    Sequence,
    invalid,
    shown,
)

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[^ \t\r\n,:\[\]{}\"]+")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NEWLINE = re.compile("\n")
_DECODER = JSONDecoder()
_CONSTANTS: dict[str, bool | None] = {"null": None, "true": True, "false": False}


def parse_json(name: str, text: str) -> list[Node]:
    """Every value of the text: one of a JSON document, one per line of JSON lines. Raises DocumentError."""
    return _Scanner(name, text).values()


class _Scanner:
    """Reads values from a position on."""

    def __init__(self, name: str, text: str) -> None:
        self._name: Final = name
        self._text: Final = text
        self._ends: Final = [match.start() for match in _NEWLINE.finditer(text)]
        self._position = 0
        self._count = 0

    def values(self) -> list[Node]:
        found = []
        while self._skip():
            found.append(self._value(0))
        return found

    def _skip(self) -> str:
        """The next character that is not white space; empty at the end."""
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position
        return self._text[self._position : self._position + 1]

    def _line(self) -> int:
        return bisect_right(self._ends, self._position - 1) + 1

    def _value(self, depth: int) -> Node:
        self._count += 1
        if self._count > MAX_VALUES:
            self._invalid(f"more than {MAX_VALUES:,} values", "put accounts into files")
        first, line = self._skip(), self._line()
        if first == '"':
            return Scalar(line, self._string(), None)
        if first in ("[", "{") and depth >= MAX_DEPTH:
            self._invalid(f"more than {MAX_DEPTH} levels of lists and objects")
        if first == "[":
            return self._sequence(line, depth)
        if first == "{":
            return self._mapping(line, depth)
        return self._word(line)

    def _sequence(self, line: int, depth: int) -> Sequence:
        items: list[Node] = []
        self._position += 1
        if self._skip() == "]":
            self._position += 1
            return Sequence(line, items)
        while True:
            items.append(self._value(depth + 1))
            if self._comma_or("]"):
                return Sequence(line, items)

    def _mapping(self, line: int, depth: int) -> Mapping:
        mapping = Mapping(line)
        self._position += 1
        if self._skip() == "}":
            self._position += 1
            return mapping
        while True:
            if self._skip() != '"':
                self._expected("a key in double quotes")
            where, start = self._line(), self._position
            key = self._string()
            if key in mapping.members:
                self._position = start
                self._invalid(f"'{shown(key)}' appears twice; first in line {mapping.lines[key]}")
            if self._skip() != ":":
                self._expected("a colon")
            self._position += 1
            mapping.lines[key] = where
            mapping.members[key] = self._value(depth + 1)
            if self._comma_or("}"):
                return mapping

    def _comma_or(self, end: str) -> bool:
        """Skips a comma (False) or the end (True)."""
        found = self._skip()
        if found not in (",", end) or not found:
            self._expected(f"a comma or {end}")
        self._position += 1
        return found == end

    def _string(self) -> str:
        try:
            text, self._position = _DECODER.raw_decode(self._text, self._position)
        except JSONDecodeError as error:
            self._position = min(error.pos, len(self._text))
            self._invalid(f"not valid JSON: {error.msg}")
        try:
            str(text).encode()
        except UnicodeEncodeError:
            self._invalid("not valid JSON: half of a surrogate pair")
        return str(text)

    def _word(self, line: int) -> Scalar:
        match = _WORD.match(self._text, self._position)
        word = match.group() if match else ""
        if word in _CONSTANTS:
            value: int | bool | Plain | None = _CONSTANTS[word]
        elif _INTEGER.fullmatch(word):
            value = int(word)
        elif _NUMBER.fullmatch(word):
            value = Plain(word)
        else:
            self._expected("a value")
        self._position += len(word)
        return Scalar(line, value, word)

    def _expected(self, what: str) -> NoReturn:
        match = _WORD.match(self._text, self._position)
        found = shown(match.group()) if match else self._text[self._position : self._position + 1]
        got = f"'{found}'" if found else "the end"
        self._invalid(f"not valid JSON: expected {what}, got {got}")

    def _invalid(self, reason: str, hint: str | None = None) -> NoReturn:
        invalid(self._name, self._line(), reason, hint)
