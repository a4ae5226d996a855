"""responseFields: which members a response contains (contract, "Query language")."""

import re

from segcli.query.scan import problem, skip_space
from segcli.query.tree import Mask

_NAME = re.compile(r"\s*(?:(-)\s*)?([A-Za-z_][A-Za-z0-9_]*)\s*")
_MAX_DEPTH = 8


def parse_response_fields(text: str) -> Mask | None:
    """The mask that `text` describes; None if it is blank. Raises UsageError with the mistake marked."""
    if not text.strip():
        return None
    mask, position = _parse_list(text, 0, 0)
    if position < len(text):
        raise problem("fields", text, position, position, "this ) has no matching (")
    return mask


def _parse_list(text: str, position: int, depth: int) -> tuple[Mask, int]:
    """The comma-separated list at `position`, and where it ends: at a `)` or at the end of the text."""
    keep: dict[str, Mask | None] = {}
    drop: set[str] = set()
    while True:
        match = _NAME.match(text, position)
        if match is None:
            raise problem("fields", text, position, position, "a field name is missing")
        minus, name = match.groups()
        position = match.end()
        inner: Mask | None = None
        if text[position : position + 1] == "(":
            inner, position = _parse_nested(text, position, depth, bool(minus))
        if minus:
            drop.add(name)
        else:
            keep[name] = merge_masks(keep[name], inner) if name in keep else inner
        if text[position : position + 1] != ",":
            if text[position : position + 1] not in ("", ")"):
                raise problem("fields", text, position, position, "expected a comma, or the end of the list")
            return Mask(keep, frozenset(drop), others=not keep), position
        position += 1


def _parse_nested(text: str, start: int, depth: int, dropped: bool) -> tuple[Mask, int]:
    """The list in the parentheses that open at `start`, and the position after them."""
    if dropped:
        raise problem("fields", text, start, start, "a field with a minus sign cannot have a list")
    if depth == _MAX_DEPTH:
        raise problem("fields", text, start, start, f"more than {_MAX_DEPTH} levels deep")
    inner, position = _parse_list(text, start + 1, depth + 1)
    if position == len(text):
        raise problem("fields", text, start, start, "this ( is not closed")
    return inner, skip_space(text, position + 1)


def merge_masks(one: Mask | None, other: Mask | None) -> Mask | None:
    """The mask of what either one keeps; None keeps everything."""
    if one is None or other is None:
        return None
    keep: dict[str, Mask | None] = {}
    drop: set[str] = set()
    for name in [*one.keep, *other.keep, *one.drop, *other.drop]:
        keeping = [mask.keep.get(name) for mask in (one, other) if mask.keeps(name)]
        if keeping:
            keep[name] = merge_masks(keeping[0], keeping[-1])
        else:
            drop.add(name)
    return Mask(keep, frozenset(drop), one.others or other.others)
