"""The query language in plain Python, implemented from the contract, to compare a backend with."""

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, NamedTuple


class Row(NamedTuple):
    """A segment by the wire's names; dates are microseconds since 1970 UTC."""

    id: int
    code: str
    name: str | None
    description: str | None
    createDate: int  # noqa: N815 - the wire's names
    updateDate: int  # noqa: N815
    createBy: str | None  # noqa: N815
    updateBy: str | None  # noqa: N815


class Clause(NamedTuple):
    """`field op value`, a date in microseconds."""

    field: str
    operator: str
    value: int | str | None


class SortKey(NamedTuple):
    field: str
    descending: bool


TEXT_FIELDS = ("code", "name", "description", "createBy", "updateBy")
DATE_FIELDS = ("createDate", "updateDate")

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda mine, theirs: mine > theirs,
    "ge": lambda mine, theirs: mine >= theirs,
    "lt": lambda mine, theirs: mine < theirs,
    "le": lambda mine, theirs: mine <= theirs,
    "cont": lambda mine, theirs: theirs in mine,
    "sw": lambda mine, theirs: mine.startswith(theirs),
}


def matching(rows: list[Row], clauses: list[Clause]) -> list[Row]:
    return [row for row in rows if all(holds(clause, row) for clause in clauses)]


def holds(clause: Clause, row: Row) -> bool:
    """Whether the row matches the clause: a missing value only equals another missing one."""
    mine, theirs = _folded(getattr(row, clause.field)), _folded(clause.value)
    if clause.operator == "eq":
        return bool(mine == theirs)
    if clause.operator == "ne":
        return bool(mine != theirs)
    return mine is not None and _COMPARE[clause.operator](mine, theirs)


def ordered(rows: list[Row], sort: list[SortKey]) -> list[Row]:
    """By each key in turn: missing values first, then by case folding, then by code point; finally by id."""

    def compare(one: Row, other: Row) -> int:
        for field, descending in sort:
            mine, theirs = getattr(one, field), getattr(other, field)
            if mine != theirs:
                return -1 if _is_before(mine, theirs) != descending else 1
        return one.id - other.id

    return sorted(rows, key=cmp_to_key(compare))


def _is_before(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is None
    return bool((_folded(one), one) < (_folded(other), other))


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
