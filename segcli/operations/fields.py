"""--fields worked out: a mask over a segment's JSON form, and the columns that it leaves."""

from segcli.errors import UsageError
from segcli.operations.view import View
from segcli.query.response_fields import Mask, merge_masks, parse_response_fields
from segcli.result import SEGMENT_COLUMNS, Column

_COLLECTION = ("startIndex", "pageSize", "pageCount", "totalCount", "items")
_SEGMENT = ("id", "code", "name", "description", "auditInfo")
_AUDIT = ("createDate", "updateDate", "createBy", "updateBy")


def parse_segment_view(text: str) -> View:
    """What `text` lets through of a segment. Raises UsageError where it names no field of one."""
    mask = parse_response_fields(text)
    return View() if mask is None else _view_of_segment(mask)


def parse_collection_view(text: str) -> View:
    """What `text` lets through of a collection; it may name a segment's fields without `items(…)`."""
    mask = parse_response_fields(text)
    if mask is None:
        return View()
    named = mask.keep.keys() | mask.drop
    if not named & set(_COLLECTION):
        return _view_of_segment(mask)
    inner = mask.keep.get("items")
    view = _view_of_segment(inner) if inner else View()
    unknown = sorted(named - set(_COLLECTION))
    note = f"unknown fields were ignored: {', '.join(unknown)}" if unknown else view.note
    return view._replace(head=mask, items=mask.lets_through("items"), note=note)


def _view_of_segment(mask: Mask) -> View:
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


def _with_audit_inside(mask: Mask) -> Mask:
    """The mask with `createDate` and its like, named alone, moved into `auditInfo` where they are."""
    if not (mask.keep.keys() | mask.drop) & set(_AUDIT):
        return mask
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


def _columns(mask: Mask) -> list[Column]:
    """The columns that the mask leaves, in the order in which it names them."""
    columns = []
    for name in _SEGMENT if mask.others else mask.keep:
        if not mask.lets_through(name):
            continue
        inner = mask.keep.get(name)
        shown = [
            column._replace(detail=column.detail and mask.others)
            for column in SEGMENT_COLUMNS
            if column.path[0] == name and (inner is None or inner.lets_through(column.path[-1]))
        ]
        if inner and not inner.others:
            order = list(inner.keep)
            shown.sort(key=lambda column: order.index(column.path[-1]))
        columns += shown
    return columns
