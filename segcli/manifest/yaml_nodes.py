"""YAML as nodes. Values are those of YAML 1.2 as far as JSON has them; aliases and tags are rejected.

The parser's events are read one by one: nothing is expanded, and depth and size are limited.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from yaml.resolver import Resolver

from segcli.manifest.nodes import MAX_DEPTH, MAX_VALUES, Mapping, Node, Plain, Scalar, Sequence, invalid

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = "tag:yaml.org,2002:str"
_MAX_DIGITS = 20  # of a number
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
# Numbers of YAML 1.2 that PyYAML, which reads YAML 1.1, takes for text.
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+")
_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
_LOOKS_BOOLEAN = frozenset(("y", "Y", "n", "N"))  # in YAML 1.1
_resolver: Any = Resolver()  # its stubs have no types


def parse_yaml(name: str, text: str) -> Node | None:
    """The document, or None if it is empty. Raises DocumentError."""
    events = yaml.parse(text, Loader=_Loader)
    try:
        found = _Builder(name, events).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        invalid(name, mark.line + 1 if mark else 1, f"not valid YAML: {error.problem or error.context}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        invalid(name, line, f"not valid YAML: {error.reason}", "write the character as an escape in quotes")
    return found


def looks_like_text(text: str) -> bool:
    """Whether every reader of YAML takes `text` without quotes for text, as far as its type goes."""
    if text in _LOOKS_BOOLEAN or _NUMBER.fullmatch(text):
        return False
    return bool(_resolver.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT)


class _Builder:
    """Makes nodes of events."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self._name: Final = name
        self._events: Final = events
        self._count = 0

    def document(self) -> Node | None:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        root = self._node(next(self._events), 0)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._invalid(after, "a second document starts here: expected one")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        self._count += 1
        if self._count > MAX_VALUES:
            self._invalid(event, f"more than {MAX_VALUES:,} values", "put accounts into files")
        if isinstance(event, yaml.AliasEvent):
            self._invalid(event, f"*{event.anchor}: aliases are not supported", "write the value again")
        if event.tag is not None:
            self._invalid(event, f"{event.tag}: tags are not supported", "write the value without it")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(line, event.value, plain=bool(event.implicit[0]))
        if depth >= MAX_DEPTH:
            self._invalid(event, f"more than {MAX_DEPTH} levels of lists and mappings")
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            return Sequence(line, items)
        mapping = Mapping(line)
        while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
            key = self._key(inner)
            if key in mapping.members:
                first = mapping.lines[key]
                self._invalid(inner, f"'{key}' appears twice; first in line {first}")
            mapping.lines[key] = inner.start_mark.line + 1
            mapping.members[key] = self._node(next(self._events), depth + 1)
        return mapping

    def _key(self, event: Any) -> str:
        self._count += 1
        if not isinstance(event, yaml.ScalarEvent) or event.tag is not None:
            self._invalid(event, "expected a key, which is plain text")
        return str(event.value)

    def _invalid(self, event: Any, reason: str, hint: str | None = None) -> None:
        invalid(self._name, event.start_mark.line + 1, reason, hint)


def _scalar(line: int, text: str, *, plain: bool) -> Scalar:
    if not plain:
        return Scalar(line, text, None)
    if text in _CONSTANTS:
        return Scalar(line, _CONSTANTS[text], text)
    if len(text) <= _MAX_DIGITS and _INTEGER.fullmatch(text):
        return Scalar(line, int(text), text)
    return Scalar(line, text if looks_like_text(text) else Plain(text), text)
