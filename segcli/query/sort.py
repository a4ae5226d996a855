"""sortBy: `field [asc|desc]`, comma-separated (contract, "Query language")."""

import re

from segcli.query.scan import problem, require_length
from segcli.query.tree import FIELDS, Fields, Sort, SortKey, find_field

_WORD = re.compile(r"\S+")


def parse_sort(text: str, fields: Fields = FIELDS) -> Sort:
    """The sort keys of `text`, by `fields`; none if it is blank. Raises UsageError with the mistake marked.

    If a field appears more than once, only the first one counts.
    """
    require_length("sort", text)
    if not text.strip():
        return ()
    keys: dict[str, SortKey] = {}
    start = 0
    for part in text.split(","):
        key = _parse_key(text, start, part, fields)
        keys.setdefault(key.field.name, key)
        start += len(part) + 1
    return tuple(keys.values())


def _parse_key(text: str, start: int, part: str, fields: Fields) -> SortKey:
    words = list(_WORD.finditer(part))
    if not words:
        raise problem("sort", text, start, start, "a field is missing")
    name, *rest = words
    field = find_field(name.group(), fields)
    if field is None:
        raise problem(
            "sort",
            text,
            start + name.start(),
            start + name.end(),
            f"unknown field '{name.group()}'",
            f"the fields are {', '.join(fields)}",
        )
    if not rest:
        return SortKey(field)
    direction = rest[0]
    if direction.group() not in ("asc", "desc") or len(rest) > 1:
        wrong = direction if direction.group() not in ("asc", "desc") else rest[1]
        raise problem(
            "sort",
            text,
            start + wrong.start(),
            start + wrong.end(),
            f"expected asc, desc or a comma, not {wrong.group()}",
        )
    return SortKey(field, direction.group() == "desc")
