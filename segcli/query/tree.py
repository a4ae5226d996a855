"""The query of GetSegments or GetAccounts as values (contract, "Query language"): filter, sort and mask.

The parsers are in modules of their own, because most commands need only these types.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 200

Kind = Literal["integer", "text", "date", "boolean"]
Operator = Literal["eq", "ne", "gt", "ge", "lt", "le", "cont", "sw"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
TEXT_ONLY: tuple[Operator, ...] = ("cont", "sw")
NULLABLE: tuple[Operator, ...] = ("eq", "ne")
Value = int | str | None


class Field(NamedTuple):
    """A field that a filter or a sort can name: its name on the wire, and how its values compare.

    `audit` says that it is a member of `auditInfo`. `many` says that an account has any number of values:
    `eq` matches if one of them is equal, `ne` if none is. Only these two apply to it, and to a boolean.
    """

    name: str
    kind: Kind
    audit: bool = False
    many: bool = False


Fields = Mapping[str, Field]


FIELDS: Fields = {
    field.name: field
    for field in (
        Field("id", "integer"),
        Field("code", "text"),
        Field("name", "text"),
        Field("description", "text"),
        Field("createDate", "date", audit=True),
        Field("updateDate", "date", audit=True),
        Field("createBy", "text", audit=True),
        Field("updateBy", "text", audit=True),
    )
}

# What GetAccounts filters by, and what it sorts by.
ACCOUNT_FIELDS: Fields = {
    "id": FIELDS["id"],
    **{
        field.name: field
        for field in (
            Field("emailAddress", "text"),
            Field("userName", "text"),
            Field("externalId", "text"),
            Field("customerSet", "text"),
            Field("isAnonymous", "boolean"),
            Field("isActive", "boolean"),
            Field("segments.id", "integer", many=True),
            Field("segments.code", "text", many=True),
        )
    },
}
ACCOUNT_SORT_FIELDS: Fields = {"id": FIELDS["id"]}


def find_field(name: str, fields: Fields = FIELDS) -> Field | None:
    """The field with that name in any case; audit fields are also called `auditInfo.createDate` and so on."""
    name = name.lower()
    inner = name.removeprefix("auditinfo.")
    field = next((field for field in fields.values() if field.name.lower() == inner), None)
    if field is None or (inner != name and not field.audit):
        return None
    return field


class Clause(NamedTuple):
    """`field operator value`. A date is in microseconds since 1970 UTC; None is `null`."""

    field: Field
    operator: Operator
    value: Value


class SortKey(NamedTuple):
    """A field to sort by. Text sorts by case folding, then by code point; missing values come first."""

    field: Field
    descending: bool = False


Filter = tuple[Clause, ...]
Sort = tuple[SortKey, ...]


class Mask(NamedTuple):
    """responseFields: members to keep, each with its own mask or None for all of it, and members to drop.

    `others` says whether members that are not named are kept. Unknown names match nothing. A name in lower
    case matches a member in any case.
    """

    keep: dict[str, "Mask | None"]
    drop: frozenset[str] = frozenset()
    others: bool = False

    def apply(self, value: Any) -> Any:
        """`value` in its JSON form, without what the mask removes."""
        if isinstance(value, list):
            return [self.apply(item) for item in value]
        if not isinstance(value, dict):
            return value
        masked = {}
        for name, member in value.items():
            known = name if name in self.keep or name in self.drop else name.lower()
            if not self.keeps(known):
                continue
            inner = self.keep.get(known)
            masked[name] = inner.apply(member) if inner else member
        return masked

    def keeps(self, name: str) -> bool:
        return name not in self.drop and (self.others or name in self.keep)


class SegmentQuery(NamedTuple):
    """The parameters of GetSegments, GetAccountSegments and GetAccounts.

    `fields` is a hint: a backend may return more members, and the caller removes them.
    """

    filter: Filter = ()
    sort: Sort = ()
    start_index: int = 0
    page_size: int = DEFAULT_PAGE_SIZE
    fields: Mask | None = None
