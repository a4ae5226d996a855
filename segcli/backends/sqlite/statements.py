"""A query as SQL. Values are always parameters; column names only come from the table below."""

import sys
from typing import assert_never

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
SEGMENT_COLUMNS = ", ".join(_COLUMNS.values())

Parameter = int | str | None


def where(filter: Filter) -> tuple[str, list[Parameter]]:
    """The condition for a WHERE clause, and its parameters."""
    parts = [_condition(clause) for clause in filter]
    condition = " AND ".join(sql for sql, _ in parts) or "TRUE"
    return condition, [value for _, values in parts for value in values]


def order_by(sort: Sort) -> str:
    """The terms for an ORDER BY clause; the id is always the last one."""
    terms = []
    for key in sort:
        column = _COLUMNS[key.field.name]
        direction = " DESC" if key.descending else ""
        if key.field.kind == "text":
            terms.append(f"fold({column}){direction}")
        terms.append(f"{column}{direction}")
    return ", ".join([*terms, "id"])


def after_prefix(prefix: str) -> str | None:
    """The smallest text that sorts after all that starts with `prefix`, by code point; None if none does."""
    rest = prefix.rstrip(chr(sys.maxunicode))
    if not rest:
        return None
    following = chr(ord(rest[-1]) + 1)
    return rest[:-1] + ("\ue000" if find_surrogate(following) is not None else following)


def _condition(clause: Clause) -> tuple[str, list[Parameter]]:
    column = _COLUMNS[clause.field.name]
    value = clause.value
    if value is None:
        return f"{column} IS {'NOT ' if clause.operator == 'ne' else ''}NULL", []
    if isinstance(value, str):
        value = fold(value)
        operand = f"fold({column})"
    else:
        operand = column
    return _comparison(clause.operator, column, operand), [value]


def _comparison(operator: Operator, column: str, operand: str) -> str:
    match operator:
        case "eq":
            return f"{operand} = ?"
        case "ne":  # a missing value is not equal to any
            return f"({column} IS NULL OR {operand} <> ?)"
        case "gt":
            return f"{operand} > ?"
        case "ge":
            return f"{operand} >= ?"
        case "lt":
            return f"{operand} < ?"
        case "le":
            return f"{operand} <= ?"
        case "cont":
            return f"instr({operand}, ?) > 0"
        case "sw":
            return f"instr({operand}, ?) = 1"
    assert_never(operator)
