"""How much of a segment is shown: --fields as masks over the JSON form, and the columns they leave.

Without --fields all is shown, and the parser of masks is not even loaded.
"""

from typing import TYPE_CHECKING, NamedTuple

from segcli.errors import UsageError
from segcli.model import Segment
from segcli.result import SEGMENT_COLUMNS, Column, Json

if TYPE_CHECKING:
    from segcli.query.tree import Mask
else:
    Mask = object  # as in segcli.config

_COLLECTION = ("startIndex", "pageSize", "pageCount", "totalCount", "items")
_SEGMENT = ("id", "code", "name", "description", "auditInfo")
_AUDIT = ("createDate", "updateDate", "createBy", "updateBy")


class View(NamedTuple):
    """Masks over a segment and over the members beside `items`, and the segment's columns.

    A mask is None where all is shown; `items` is False where no segment is shown at all.
    """

    segment: Mask | None = None
    columns: tuple[Column, ...] = SEGMENT_COLUMNS
    head: Mask | None = None
    items: bool = True
    note: str | None = None

    @property
    def fields(self) -> "Mask | None":
        """What to ask a backend for, as a mask over a collection."""
        if self.segment is None:
            return None
        from segcli.query.tree import Mask

        return Mask({"totalCount": None, "items": self.segment})

    def show(self, segment: Segment) -> Json:
        """The JSON form of `segment`, as far as it is shown."""
        document = segment.to_json()
        return self.segment.apply(document) if self.segment else document


def segment_view(text: str | None) -> View:
    """What `text` lets through of a segment. Raises UsageError where it names no field of one."""
    mask = _parse(text)
    return View() if mask is None else _view_of_segment(mask)


def collection_view(text: str | None) -> View:
    """What `text` lets through of a collection; it may name a segment's fields without `items(…)`."""
    mask = _parse(text)
    if mask is None:
        return View()
    named = mask.keep.keys() | mask.drop
    if not named & set(_COLLECTION):
        return _view_of_segment(mask)
    inner = mask.keep.get("items")
    view = _view_of_segment(inner) if inner else View()
    unknown = sorted(named - set(_COLLECTION))
    note = f"unknown fields were ignored: {', '.join(unknown)}" if unknown else view.note
    return view._replace(head=mask, items=mask.keeps("items"), note=note)


def _parse(text: str | None) -> "Mask | None":
    if not text:
        return None
    from segcli.query.response_fields import parse_response_fields

    return parse_response_fields(text)


def _view_of_segment(mask: "Mask") -> View:
    unknown = sorted((mask.keep.keys() | mask.drop) - {*_SEGMENT, *_AUDIT})
    mask = _with_audit_inside(mask)
    columns = tuple(_columns(mask))
    if not columns:
        raise UsageError(
            "--fields leaves nothing of a segment to show",
            hint=f"its fields are {', '.join((*_SEGMENT, *_AUDIT))}",
        )
    note = f"unknown fields were ignored: {', '.join(unknown)}" if unknown else None
    return View(mask, columns, note=note)


def _with_audit_inside(mask: "Mask") -> "Mask":
    """The mask with `createDate` and its like, named alone, moved into `auditInfo` where they are."""
    if not (mask.keep.keys() | mask.drop) & set(_AUDIT):
        return mask
    from segcli.query.response_fields import merge_masks
    from segcli.query.tree import Mask

    keep: dict[str, Mask | None] = {}
    for name, inner in mask.keep.items():
        if name in _AUDIT:
            name, inner = "auditInfo", Mask({name: None})
        keep[name] = merge_masks(keep[name], inner) if name in keep else inner
    dropped = mask.drop & set(_AUDIT)
    if dropped and (mask.others or "auditInfo" in keep):
        audit = keep.get("auditInfo") or Mask({}, others=True)
        keep["auditInfo"] = audit._replace(drop=audit.drop | dropped)
    return Mask(keep, mask.drop - set(_AUDIT), mask.others)


def _columns(mask: "Mask") -> list[Column]:
    """The columns that the mask leaves, in the order in which it names them."""
    columns = []
    for name in _SEGMENT if mask.others else mask.keep:
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
