"""A query's tree as SQL. Values are always parameters; names come from the table below alone."""

from segcli.query.tree import Clause, Filter, Sort
from segcli.text import fold

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
_COMPARISONS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}

Parameter = int | str | None


def where(filter: Filter) -> tuple[str, list[Parameter]]:
    """The condition of a WHERE, and its parameters."""
    parts = [_condition(clause) for clause in filter]
    condition = " AND ".join(sql for sql, _ in parts) or "TRUE"
    return condition, [value for _, values in parts for value in values]


def order_by(sort: Sort) -> str:
    """The terms of an ORDER BY; ties, and no sort at all, go by id."""
    terms = []
    for key in sort:
        column = _COLUMNS[key.field.name]
        direction = " DESC" if key.descending else ""
        if key.field.kind == "text":
            terms.append(f"fold({column}){direction}")
        terms.append(f"{column}{direction}")
    return ", ".join([*terms, "id"])


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
    if clause.operator == "cont":
        return f"instr({operand}, ?) > 0", [value]
    if clause.operator == "sw":
        return f"instr({operand}, ?) = 1", [value]
    compared = f"{operand} {_COMPARISONS[clause.operator]} ?"
    if clause.operator == "ne":  # a missing value is not equal to any
        return f"({column} IS NULL OR {compared})", [value]
    return compared, [value]
