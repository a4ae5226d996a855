"""Filters and sorts segments that are in memory, as a database does it (contract, "Query language")."""

from collections.abc import Callable, Iterable
from typing import Any

from segcli.model import Segment
from segcli.query.tree import Clause, Field, SegmentQuery
from segcli.query.values import read_date
from segcli.text import fold

_AUDIT = {
    "createDate": "create_date",
    "updateDate": "update_date",
    "createBy": "create_by",
    "updateBy": "update_by",
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda mine, theirs: mine > theirs,
    "ge": lambda mine, theirs: mine >= theirs,
    "lt": lambda mine, theirs: mine < theirs,
    "le": lambda mine, theirs: mine <= theirs,
    "cont": lambda mine, theirs: theirs in mine,
    "sw": lambda mine, theirs: mine.startswith(theirs),
}


def select(segments: Iterable[Segment], query: SegmentQuery) -> list[Segment]:
    """All segments that match the filter, sorted; pages are up to the caller."""
    found = [segment for segment in segments if all(_matches(segment, clause) for clause in query.filter)]
    found.sort(key=lambda segment: segment.id)
    for key in reversed(query.sort):
        found.sort(key=lambda segment: _sort_key(segment, key.field), reverse=key.descending)
    return found


def _matches(segment: Segment, clause: Clause) -> bool:
    """A missing value only equals another missing one."""
    mine, theirs = _value(segment, clause.field), clause.value
    if isinstance(mine, str) and isinstance(theirs, str):
        mine, theirs = fold(mine), fold(theirs)
    if clause.operator == "eq":
        return mine == theirs
    if clause.operator == "ne":
        return mine != theirs
    return mine is not None and _COMPARISONS[clause.operator](mine, theirs)


def _sort_key(segment: Segment, field: Field) -> tuple[bool, str, int | str]:
    """Missing values come first; text is compared by case folding, then by code point."""
    value = _value(segment, field)
    if value is None:
        return False, "", 0
    return True, fold(value) if isinstance(value, str) else "", value


def _value(segment: Segment, field: Field) -> int | str | None:
    if not field.audit:
        value: int | str | None = getattr(segment, field.name)
        return value
    text: str | None = getattr(segment.audit_info, _AUDIT[field.name])
    return read_date(text) if field.kind == "date" and text is not None else text
