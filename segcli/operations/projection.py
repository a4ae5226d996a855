"""Which fields of a segment are shown: --fields as masks over the JSON form, and the columns they leave.

Without --fields everything is shown, and the parser of masks is not loaded.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from segcli.errors import UsageError
from segcli.model import AUDIT_MEMBERS, SEGMENT_MEMBERS, Segment
from segcli.query.tree import Mask
from segcli.result import ACCOUNT_COUNT, SEGMENT_COLUMNS, Column, Json

_AUDIT = frozenset(AUDIT_MEMBERS)

# The names that --fields can use, each with those that can follow it in parentheses.
_Known: TypeAlias = Mapping[str, "_Known | None"]
_AUDIT_FIELDS: _Known = dict.fromkeys(AUDIT_MEMBERS)
_SEGMENT: _Known = {**dict.fromkeys(SEGMENT_MEMBERS), "auditInfo": _AUDIT_FIELDS, **_AUDIT_FIELDS}
_COUNTED: _Known = {**_SEGMENT, ACCOUNT_COUNT.name: None}
_HEAD: _Known = dict.fromkeys(("startIndex", "pageSize", "pageCount", "totalCount"))


class Projection(NamedTuple):
    """Masks over a segment and over the members of a collection, and the segment's columns.

    A mask is None if everything is shown; `items` is False if a collection is shown without its segments.
    `counts` says that each segment is shown with the number of its accounts.
    """

    segment: Mask | None = None
    columns: tuple[Column, ...] = SEGMENT_COLUMNS
    head: Mask | None = None
    items: bool = True
    counts: bool = False

    @property
    def fields(self) -> Mask | None:
        """What to request from a backend, as a mask over a collection."""
        if self.segment is None:
            return None
        keep = {name: inner for name, inner in self.segment.keep.items() if name != ACCOUNT_COUNT.name}
        mask = self.segment._replace(keep=keep, drop=self.segment.drop - {ACCOUNT_COUNT.name})
        return Mask({"totalCount": None, "items": mask})

    def apply(self, segment: Segment, accounts: int | None = None) -> Json:
        """The JSON form of `segment`, without what is not shown; `accounts` is their number, if counted."""
        document = segment.to_json()
        if self.counts:
            document[ACCOUNT_COUNT.name] = accounts
        return self.segment.apply(document) if self.segment else document


EVERYTHING = Projection()
_EVERYTHING_COUNTED = Projection(columns=(*SEGMENT_COLUMNS, ACCOUNT_COUNT), counts=True)


def segment_projection(text: str | None) -> Projection:
    """The fields of a segment that `text` names. Raises UsageError if one is unknown, or it names none."""
    mask = _parse(text)
    return EVERYTHING if mask is None else _of_segment(_canonical(mask, _SEGMENT))


def collection_projection(text: str | None, counts: bool = False) -> Projection:
    """The same for a collection; `text` may name a segment's fields without `items(…)`.

    With `counts` the fields include `accounts`, the last one if `text` does not name it.
    """
    mask = _parse(text)
    everything = _EVERYTHING_COUNTED if counts else EVERYTHING
    if mask is None:
        return everything
    segment = _COUNTED if counts else _SEGMENT
    collection = {**_HEAD, "items": segment}
    named = {name.lower() for name in (*mask.keep, *mask.drop)}
    if named.isdisjoint(name.lower() for name in collection):
        return _of_segment(_canonical(mask, segment), counts)
    mask = _canonical(mask, collection)
    inner = mask.keep.get("items")
    projection = _of_segment(inner, counts) if inner else everything
    return projection._replace(head=mask, items=mask.keeps("items"))


def _parse(text: str | None) -> Mask | None:
    if not text:
        return None
    from segcli.query.response_fields import parse_response_fields

    return parse_response_fields(text)


def _canonical(mask: Mask, known: _Known) -> Mask:
    """The mask with its names, which match in any case, as in the JSON form. Raises UsageError if unknown."""
    from segcli.query.response_fields import merge_masks

    by_lower_case = {name.lower(): name for name in known}

    def canonical(name: str) -> str:
        if name.lower() not in by_lower_case:
            hint = f"the fields are {', '.join(known)}" if known else None
            raise UsageError(f"--fields: unknown field '{name}'", hint=hint)
        return by_lower_case[name.lower()]

    named: dict[str, list[Mask | None]] = {}
    for written, inner in mask.keep.items():
        name = canonical(written)
        named.setdefault(name, []).append(inner and _canonical(inner, known[name] or {}))
    keep = {name: merge_masks(masks) for name, masks in named.items()}
    return Mask(keep, frozenset(map(canonical, mask.drop)), mask.others)


def _of_segment(mask: Mask, counts: bool = False) -> Projection:
    mask = _with_audit_nested(mask)
    if counts and not mask.others and ACCOUNT_COUNT.name not in mask.drop:
        mask = mask._replace(keep={**mask.keep, ACCOUNT_COUNT.name: None})
    counts = counts and mask.keeps(ACCOUNT_COUNT.name)
    columns = tuple(_columns(mask, counts))
    if not columns:
        raise UsageError(
            "--fields selects no field of a segment", hint=f"the fields are {', '.join(_SEGMENT)}"
        )
    return Projection(mask, columns, counts=counts)


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


def _columns(mask: Mask, counts: bool) -> list[Column]:
    """The columns that the mask leaves, in the order in which it names them."""
    columns = []
    members = (*SEGMENT_MEMBERS, ACCOUNT_COUNT.name) if counts else SEGMENT_MEMBERS
    for name in members if mask.others else mask.keep:
        if not mask.keeps(name):
            continue
        inner = mask.keep.get(name)
        shown = [
            column._replace(detail=column.detail and mask.others)
            for column in (*SEGMENT_COLUMNS, ACCOUNT_COUNT)
            if column.path[0] == name and (inner is None or inner.keeps(column.path[-1]))
        ]
        if inner and not inner.others:
            order = list(inner.keep)
            shown.sort(key=lambda column: order.index(column.path[-1]))
        columns += shown
    return columns
