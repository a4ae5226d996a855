"""The fields of a segment that a filter or a sort may name (contract, "Query language")."""

from typing import Literal, NamedTuple

Kind = Literal["integer", "text", "date"]


class Field(NamedTuple):
    """A field by its name on the wire, and how its values compare."""

    name: str
    kind: Kind
    audit: bool = False


FIELDS: dict[str, Field] = {
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


def find_field(name: str) -> Field | None:
    """The field called `name`; those of the audit also answer to `auditInfo.createDate` and so on."""
    inner = name.removeprefix("auditInfo.")
    field = FIELDS.get(inner)
    if field is None or (inner != name and not field.audit):
        return None
    return field
