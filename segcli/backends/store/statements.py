"""Statements on segments. Values are always parameters; column names only come from the table below."""

import sys
from collections.abc import Callable, Mapping
from typing import assert_never

from segcli.backends.store.dialect import Dialect, Parameter
from segcli.query.tree import Clause, Filter, Operator, Sort
from segcli.text import find_surrogate, fold

_COLUMNS = {
    "id": "id",
    "code": "code",
    "name": "name",
    "description": "description",
    "createDate": "create_date",
    "updateDate": "update_date",
    "createBy": "create_by",
    "updateBy": "update_by",
}
_TEXTS = ("code", "name", "description", "create_by", "update_by")
_NULLABLE = ("name", "description", "create_by", "update_by")
_FOLDED = "_folded"  # ends the column that has a text as it is compared
SEGMENT_COLUMNS = ", ".join(_COLUMNS.values())
INSERTED_COLUMNS = ", ".join([*list(_COLUMNS.values())[1:], *(text + _FOLDED for text in _TEXTS)])


def _folded_column(column: str) -> str:
    return column + _FOLDED


def insert_segment() -> str:
    """Its parameters are the values of INSERTED_COLUMNS; it returns SEGMENT_COLUMNS."""
    parameters = ", ".join("?" * (INSERTED_COLUMNS.count(",") + 1))
    return (
        f"INSERT INTO segment_record ({INSERTED_COLUMNS}) VALUES ({parameters}) RETURNING {SEGMENT_COLUMNS}"
    )


def update_segment() -> str:
    """Its parameters are the draft, the date, the user, the folded draft and user, and the segment's id."""
    columns = ("code", "name", "description", "update_date", "update_by")
    folded_columns = (column + _FOLDED for column in columns if column in _TEXTS)
    changes = ", ".join(f"{column} = ?" for column in (*columns, *folded_columns))
    return f"UPDATE segment_record SET {changes} WHERE id = ? RETURNING {SEGMENT_COLUMNS}"


def folded(*texts: str | None) -> list[str | None]:
    """The texts as they are compared."""
    return [None if text is None else fold(text) for text in texts]


def where(
    filter: Filter,
    dialect: Dialect,
    columns: Mapping[str, str] = _COLUMNS,
    fold: Callable[[str], str] = fold,
    compared: Callable[[str], str] = _folded_column,
) -> tuple[str, list[Parameter]]:
    """The condition for a WHERE clause, and its parameters.

    `columns` has the column of each field. Texts are compared as `fold` returns them, with what `compared`
    returns for the column.
    """
    parts = [_condition(clause, dialect, columns[clause.field.name], fold, compared) for clause in filter]
    condition = " AND ".join(sql for sql, _ in parts) or "TRUE"
    return condition, [value for _, values in parts for value in values]


def order_by(sort: Sort) -> str:
    """The terms for an ORDER BY clause; the id is always the last one."""
    terms = []
    for key in sort:
        column = _COLUMNS[key.field.name]
        direction = " DESC" if key.descending else ""
        if column in _NULLABLE:  # databases do not agree where NULL is
            direction += " NULLS LAST" if key.descending else " NULLS FIRST"
        if key.field.kind == "text":
            terms.append(f"{column}{_FOLDED}{direction}")
        terms.append(f"{column}{direction}")
    return ", ".join([*terms, "id"])


def after_prefix(prefix: str) -> str | None:
    """The smallest text that sorts after all that starts with `prefix`, by code point; None if none does."""
    rest = prefix.rstrip(chr(sys.maxunicode))
    if not rest:
        return None
    following = chr(ord(rest[-1]) + 1)
    return rest[:-1] + ("\ue000" if find_surrogate(following) is not None else following)


def _condition(
    clause: Clause,
    dialect: Dialect,
    column: str,
    fold: Callable[[str], str],
    compared: Callable[[str], str],
) -> tuple[str, list[Parameter]]:
    value = clause.value
    if value is None:
        return f"{column} IS {'NOT ' if clause.operator == 'ne' else ''}NULL", []
    if isinstance(value, str):
        value = fold(value)
        column = compared(column)
        if clause.operator == "sw":
            return _starts_with(column, value)
    elif isinstance(value, bool):
        value = int(value)
    return _comparison(clause.operator, column, dialect), [value]


def _comparison(operator: Operator, column: str, dialect: Dialect) -> str:
    match operator:
        case "eq":
            return f"{column} = ?"
        case "ne":  # a missing value is not equal to any
            return f"({column} IS NULL OR {column} <> ?)"
        case "gt":
            return f"{column} > ?"
        case "ge" | "sw":
            return f"{column} >= ?"
        case "lt":
            return f"{column} < ?"
        case "le":
            return f"{column} <= ?"
        case "cont":
            return f"{dialect.position}({column}, ?) > 0"
    assert_never(operator)


def _starts_with(column: str, prefix: str) -> tuple[str, list[Parameter]]:
    """A range, which an index can find."""
    end = after_prefix(prefix)
    if end is None:
        return f"{column} >= ?", [prefix]
    return f"{column} >= ? AND {column} < ?", [prefix, end]
