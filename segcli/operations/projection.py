"""Which fields of a segment are shown: --fields as masks over the JSON form, and the columns they leave.

Without --fields everything is shown, and the parser of masks is not loaded.
"""

from typing import NamedTuple

from segcli.errors import UsageError
from segcli.model import AUDIT_MEMBERS, SEGMENT_MEMBERS, Segment
from segcli.query.tree import Mask
from segcli.result import SEGMENT_COLUMNS, Column, Json

_COLLECTION = {"startIndex", "pageSize", "pageCount", "totalCount", "items"}
_AUDIT = frozenset(AUDIT_MEMBERS)


class Projection(NamedTuple):
    """Masks over a segment and over the members of a collection, and the segment's columns.

    A mask is None if everything is shown; `items` is False if a collection is shown without its segments.
    """

    segment: Mask | None = None
    columns: tuple[Column, ...] = SEGMENT_COLUMNS
    head: Mask | None = None
    items: bool = True
    note: str | None = None

    @property
    def fields(self) -> Mask | None:
        """What to request from a backend, as a mask over a collection."""
        return Mask({"totalCount": None, "items": self.segment}) if self.segment else None

    def apply(self, segment: Segment) -> Json:
        """The JSON form of `segment`, without what is not shown."""
        document = segment.to_json()
        return self.segment.apply(document) if self.segment else document


EVERYTHING = Projection()


def segment_projection(text: str | None) -> Projection:
    """The fields of a segment that `text` names. Raises UsageError if it names none."""
    mask = _parse(text)
    return EVERYTHING if mask is None else _of_segment(mask)


def collection_projection(text: str | None) -> Projection:
    """The same for a collection; `text` may name a segment's fields without `items(…)`."""
    mask = _parse(text)
    if mask is None:
        return EVERYTHING
    names = mask.keep.keys() | mask.drop
    if not names & _COLLECTION:
        return _of_segment(mask)
    inner = mask.keep.get("items")
    projection = _of_segment(inner) if inner else EVERYTHING
    note = _ignored(names - _COLLECTION) or projection.note
    return projection._replace(head=mask, items=mask.keeps("items"), note=note)


def _parse(text: str | None) -> Mask | None:
    if not text:
        return None
    from segcli.query.response_fields import parse_response_fields

    return parse_response_fields(text)


def _of_segment(mask: Mask) -> Projection:
    known = (*SEGMENT_MEMBERS, *AUDIT_MEMBERS)
    note = _ignored((mask.keep.keys() | mask.drop).difference(known))
    mask = _with_audit_nested(mask)
    columns = tuple(_columns(mask))
    if not columns:
        raise UsageError("--fields selects no field of a segment", hint=f"the fields are {', '.join(known)}")
    return Projection(mask, columns, note=note)


def _ignored(unknown: set[str]) -> str | None:
    return f"unknown fields were ignored: {', '.join(sorted(unknown))}" if unknown else None


def _with_audit_nested(mask: Mask) -> Mask:
    """The mask with audit fields that are named alone, such as `createDate`, moved into `auditInfo`."""
    if not (mask.keep.keys() | mask.drop) & _AUDIT:
        return mask
    from segcli.query.response_fields import merge_masks

    named: dict[str, list[Mask | None]] = {}
    for name, inner in mask.keep.items():
        if name in _AUDIT:
            name, inner = "auditInfo", Mask({name: None})
        named.setdefault(name, []).append(inner)
    keep = {name: merge_masks(masks) for name, masks in named.items()}
    dropped = mask.drop & _AUDIT
    if dropped and (mask.others or "auditInfo" in keep):
        audit = keep.get("auditInfo") or Mask({}, others=True)
        keep["auditInfo"] = audit._replace(drop=audit.drop | dropped)
    return Mask(keep, mask.drop - _AUDIT, mask.others)


def _columns(mask: Mask) -> list[Column]:
    """The columns that the mask leaves, in the order in which it names them."""
    columns = []
    for name in SEGMENT_MEMBERS if mask.others else mask.keep:
        if not mask.keeps(name):
            continue
        inner = mask.keep.get(name)
        shown = [
            column._replace(detail=column.detail and mask.others)
            for column in SEGMENT_COLUMNS
            if column.path[0] == name and (inner is None or inner.keeps(column.path[-1]))
        ]
        if inner and not inner.others:
            order = list(inner.keep)
            shown.sort(key=lambda column: order.index(column.path[-1]))
        columns += shown
    return columns
