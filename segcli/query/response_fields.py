"""responseFields: which members a response contains (contract, "Query language")."""

import re
from collections.abc import Sequence

from segcli.query.scan import problem, require_length, skip_space
from segcli.query.tree import Mask

_NAME = re.compile(r"\s*(?:(-)\s*)?([A-Za-z_][A-Za-z0-9_]*)\s*")
_MAX_DEPTH = 8


def parse_response_fields(text: str) -> Mask | None:
    """The mask that `text` describes; None if it is blank. Raises UsageError with the mistake marked."""
    require_length("fields", text)
    if not text.strip():
        return None
    mask, position = _parse_list(text, 0, 0)
    if position < len(text):
        raise problem("fields", text, position, position, "unmatched )")
    return mask


def _parse_list(text: str, position: int, depth: int) -> tuple[Mask, int]:
    """The comma-separated list at `position`, and where it ends: at a `)` or at the end of the text."""
    keep: dict[str, list[Mask | None]] = {}
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
            keep.setdefault(name, []).append(inner)
        if text[position : position + 1] != ",":
            if text[position : position + 1] not in ("", ")"):
                raise problem("fields", text, position, position, "expected a comma, or the end of the list")
            merged = {name: merge_masks(masks) for name, masks in keep.items()}
            return Mask(merged, frozenset(drop), others=not keep), position
        position += 1


def _parse_nested(text: str, start: int, depth: int, dropped: bool) -> tuple[Mask, int]:
    """The list in the parentheses that open at `start`, and the position after them."""
    if dropped:
        raise problem("fields", text, start, start, "a field with a minus sign cannot have a list")
    if depth == _MAX_DEPTH:
        raise problem("fields", text, start, start, f"more than {_MAX_DEPTH} levels deep")
    inner, position = _parse_list(text, start + 1, depth + 1)
    if position == len(text):
        raise problem("fields", text, start, start, "unmatched (")
    return inner, skip_space(text, position + 1)


def in_any_case(mask: Mask) -> Mask:
    """The mask with its names in lower case, which match members in any case."""
    named: dict[str, list[Mask | None]] = {}
    for name, inner in mask.keep.items():
        named.setdefault(name.lower(), []).append(inner and in_any_case(inner))
    keep = {name: merge_masks(masks) for name, masks in named.items()}
    return Mask(keep, frozenset(map(str.lower, mask.drop)), mask.others)


def merge_masks(masks: Sequence[Mask | None]) -> Mask | None:
    """The mask of what any of `masks` keeps; None keeps everything. Takes time linear in their size."""
    if len(masks) == 1:
        return masks[0]
    keeping: dict[str, list[Mask | None]] = {}  # for each name, the masks inside those that keep it
    unnamed: dict[str, int] = {}  # for each name, how many masks keep it as one of the others
    keeping_others = sum(mask is None or mask.others for mask in masks)
    for mask in masks:
        if mask is None:
            return None
        for name in dict.fromkeys((*mask.keep, *mask.drop)):
            inner = keeping.setdefault(name, [])
            unnamed.setdefault(name, keeping_others)
            unnamed[name] -= mask.others
            if mask.keeps(name):
                inner.append(mask.keep.get(name))
    keep: dict[str, Mask | None] = {}
    for name, inner in keeping.items():
        if unnamed[name] or inner:
            keep[name] = None if unnamed[name] else merge_masks(inner)
    return Mask(keep, frozenset(keeping.keys() - keep.keys()), keeping_others > 0)
