"""A query as the parameters of a request (contract, "Query language")."""

from datetime import date

from segcli.query.tree import FIELDS, Clause, Mask, SegmentQuery
from segcli.query.values import MICROSECONDS

_HEAD = "startIndex,pageSize,pageCount,totalCount"
_REQUIRED = ("id", "code")  # a response without them is not a segment
_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 24 * 60 * 60 * MICROSECONDS


def parameters(query: SegmentQuery) -> dict[str, str]:
    """The parameters; those that are not set are omitted."""
    params = {"startIndex": str(query.start_index), "pageSize": str(query.page_size)}
    text = filter_text(query)
    if text is not None:
        params["filter"] = text
    if query.sort:
        params["sortBy"] = ", ".join(
            f"{key.field.name} {'desc' if key.descending else 'asc'}" for key in query.sort
        )
    if query.fields:
        params["responseFields"] = f"{_HEAD},{_items(query.fields)}"
    return params


def filter_text(query: SegmentQuery) -> str | None:
    """The parameter `filter`; None without clauses."""
    return " and ".join(map(_clause, query.filter)) or None


def _clause(clause: Clause) -> str:
    value = clause.value
    if value is None:
        text = "null"
    elif isinstance(value, str):
        text = _doubled(value, '"') if clause.field.name in FIELDS else account_text(value)
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = _date_literal(value) if clause.field.kind == "date" else str(value)
    return f"{clause.field.name} {clause.operator} {text}"


def account_text(value: str) -> str:
    """A text in a filter of accounts: in single quotes, or in double quotes if it contains an apostrophe."""
    return _doubled(value, '"' if "'" in value else "'")


def _doubled(value: str, quote: str) -> str:
    return f"{quote}{value.replace(quote, quote * 2)}{quote}"


def _date_literal(microseconds: int) -> str:
    """RFC 3339 in UTC; a date that its offset moved out of the calendar becomes the nearest one in it."""
    days, rest = divmod(microseconds, _DAY)
    day = date.fromordinal(min(max(days + _EPOCH, 1), date.max.toordinal()))
    seconds, fraction = divmod(rest, MICROSECONDS)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{day.isoformat()}T{clock}.{fraction:06}Z"


def _items(fields: Mask) -> str:
    """The mask of a collection's items; `id` and `code` are always kept."""
    if not fields.keeps("items"):
        return f"items({','.join(_REQUIRED)})"
    mask = fields.keep.get("items")
    if mask is None:
        return "items"
    if not mask.others:
        names = [_member(name, inner) for name, inner in mask.keep.items() if name not in mask.drop]
        names = [*_REQUIRED, *(name for name in names if name not in _REQUIRED)]
    else:
        names = [f"-{name}" for name in sorted(mask.drop) if name not in _REQUIRED]
    return f"items({','.join(names)})" if names else "items"


def _member(name: str, inner: Mask | None) -> str:
    if inner is None:
        return name
    named = [] if inner.others else [_member(*member) for member in inner.keep.items()]
    names = named + [f"-{dropped}" for dropped in sorted(inner.drop)]
    return f"{name}({','.join(names)})" if names else name
