"""responseFields: which members of an answer are wanted (contract, "Query language")."""

import re
from typing import Any, NamedTuple

from segcli.query.scan import problem, skip_space

_NAME = re.compile(r"\s*(-?)\s*([A-Za-z_][A-Za-z0-9_]*)\s*")
_MAX_DEPTH = 8


class Mask(NamedTuple):
    """Members to keep, each with a mask of its own or None for the whole, and members to drop.

    Where nothing is to be kept by name, all is kept but what is dropped. Unknown names match nothing.
    """

    keep: dict[str, "Mask | None"]
    drop: frozenset[str] = frozenset()

    def apply(self, value: Any) -> Any:
        """`value` in its JSON form, with only what the mask lets through."""
        if isinstance(value, list):
            return [self.apply(item) for item in value]
        if not isinstance(value, dict):
            return value
        masked = {}
        for name, member in value.items():
            if not self.lets_through(name):
                continue
            inner = self.keep.get(name)
            masked[name] = inner.apply(member) if inner else member
        return masked

    def lets_through(self, name: str) -> bool:
        return name not in self.drop and (not self.keep or name in self.keep)


def parse_response_fields(text: str) -> Mask | None:
    """The mask that `text` describes; None where it is blank. Raises UsageError, the place marked."""
    if not text.strip():
        return None
    mask, position = _parse_list(text, 0, 0)
    if position < len(text):
        raise problem("fields", text, position, position, "this ) closes nothing")
    return mask


def _parse_list(text: str, position: int, depth: int) -> tuple[Mask, int]:
    """The comma list at `position`, and where it ends: at a `)` or at the text's end."""
    keep: dict[str, Mask | None] = {}
    drop: set[str] = set()
    while True:
        match = _NAME.match(text, position)
        if match is None:
            raise problem("fields", text, position, position, "a field's name is missing here")
        minus, name = match.groups()
        position = match.end()
        inner: Mask | None = None
        if text[position : position + 1] == "(":
            inner, position = _parse_nested(text, position, depth, bool(minus))
        if minus:
            drop.add(name)
        else:
            keep[name] = _merge(keep[name], inner) if name in keep else inner
        if text[position : position + 1] != ",":
            if text[position : position + 1] not in ("", ")"):
                raise problem("fields", text, position, position, "expected a comma, or the end")
            return Mask(keep, frozenset(drop)), position
        position += 1


def _parse_nested(text: str, start: int, depth: int, taken_away: bool) -> tuple[Mask, int]:
    """The list in the parentheses that open at `start`, and what follows them."""
    if taken_away:
        raise problem("fields", text, start, start, "a field that is taken away is named whole")
    if depth == _MAX_DEPTH:
        raise problem("fields", text, start, start, f"nested more than {_MAX_DEPTH} deep")
    inner, position = _parse_list(text, start + 1, depth + 1)
    if position == len(text):
        raise problem("fields", text, start, start, "this ( is never closed")
    return inner, skip_space(text, position + 1)


def _merge(one: Mask | None, other: Mask | None) -> Mask | None:
    """What either lets through; the whole where one of them is the whole."""
    if one is None or other is None:
        return None
    named = one.drop | other.drop
    drop = frozenset(n for n in named if not (one.lets_through(n) or other.lets_through(n)))
    keep: dict[str, Mask | None] = {}
    if one.keep and other.keep:
        keep = one.keep | other.keep
        for name in one.keep.keys() & other.keep.keys():
            keep[name] = _merge(one.keep[name], other.keep[name])
    return Mask(keep, drop)
