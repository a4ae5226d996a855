"""The commands on segments: typed values in, a result out. Nothing here prints or parses argv."""

from collections.abc import Iterator, Sequence

from segcli.backends.base import Backend, all_or_nothing, checked_draft
from segcli.errors import NotFoundError, SegcliError, UsageError
from segcli.model import Collection, Segment, SegmentDraft, SegmentRef
from segcli.operations.projection import EVERYTHING, Projection, collection_projection, segment_projection
from segcli.query.parse import parse_query
from segcli.query.tree import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from segcli.result import Result, columns_of, record
from segcli.terminal.streams import Terminal

_MAX_NAMED = 5  # segments that a confirmation names; more are only counted
_DELETED = columns_of(("id", "code", "accounts", "result"))


def add(backend: Backend, code: str, *, name: str | None, description: str | None) -> Result:
    """AddSegment; an empty name or description is not set. Raises ConflictError."""
    draft = SegmentDraft(code, name or None, description or None)
    if backend.atomic:
        checked_draft(draft)  # before the transaction, which creates a missing store
    with all_or_nothing(backend):
        return _one(backend.add_segment(draft), EVERYTHING)


def get(backend: Backend, segments: Sequence[str], *, fields: str | None) -> Result:
    """GetSegment: one SEGMENT as an object, several as a list of those that exist.

    Those that do not exist are failures. Raises NotFoundError if none exists.
    """
    projection = segment_projection(fields)
    refs = [SegmentRef.parse(text) for text in segments]
    if len(refs) == 1:
        return _one(backend.find_segment(refs[0]), projection)
    found, failures = _find_all(backend, refs)
    if not found:
        raise NotFoundError(
            f"none of these segments exists: {', '.join(segments)}",
            hint="list the existing segments with: segments list",
        )
    items = [projection.apply(segment) for segment in found]
    return Result(items, projection.columns, "list", failures=failures, note=projection.note)


def list_segments(
    backend: Backend,
    *,
    filter: str | None,
    sort: str | None,
    start_index: int,
    page_size: int | None,
    everything: bool,
    limit: int | None,
    fields: str | None,
) -> Result:
    """GetSegments: one page; with `everything` or a `limit`, segments across pages, streamed."""
    projection = collection_projection(fields)
    streamed = everything or limit is not None
    default = min(limit or MAX_PAGE_SIZE, MAX_PAGE_SIZE) if streamed else DEFAULT_PAGE_SIZE
    query = parse_query(
        filter=filter or "",
        sort_by=sort or "",
        start_index=start_index,
        page_size=default if page_size is None else page_size,
    )._replace(fields=projection.fields)
    items: Iterator[Segment]
    if streamed:
        total, items = backend.iter_segments(query, limit)
        size = max(total - start_index, 0)
        size = size if limit is None else min(size, limit)
        page: Collection[Segment] = Collection(start_index, size or query.page_size, total, ())
    else:
        page = backend.get_segments(query)
        items, size = iter(page.items), len(page.items)
    note = projection.note
    if size < page.total_count - start_index:
        note = f"{size:,} of {page.total_count:,} segments are shown; --all shows all of them"
    return _collection(page, items, projection)._replace(note=note)


def update(
    backend: Backend,
    segment: str,
    *,
    code: str | None,
    name: str | None,
    description: str | None,
) -> Result:
    """UpdateSegment: reads the segment, changes the given fields, writes it; an empty text clears a field.

    One transaction on a local store. A tenant knows no condition on a PUT, which replaces all fields: a
    change that someone else makes between the GET and the PUT is lost, even if it is in another field.

    Raises UsageError if no field was given, NotFoundError, ConflictError.
    """
    if code is None and name is None and description is None:
        raise UsageError(
            "nothing to change", hint='pass --code, --name or --description; pass "" to clear a field'
        )
    ref = SegmentRef.parse(segment)
    with all_or_nothing(backend):
        old = backend.find_segment(ref)
        draft = SegmentDraft(
            old.code if code is None else code,
            old.name if name is None else name or None,
            old.description if description is None else description or None,
        )
        return _one(backend.update_segment(old.id, draft), EVERYTHING)


def delete(
    backend: Backend,
    terminal: Terminal,
    segments: Sequence[str],
    *,
    yes: bool,
    ignore_missing: bool,
) -> Result:
    """DeleteSegment, after confirmation; the result has an item for each deleted segment.

    Deletes all of them or none; on a tenant, those before an error stay deleted. Raises NotFoundError
    before anything is deleted if a segment is missing, unless `ignore_missing`.
    """
    terminal.require_yes(yes, f"delete {_listed(segments)}")
    refs = [SegmentRef.parse(text) for text in segments]
    found, missing = _find_all(backend, refs)
    if missing and not ignore_missing:
        raise missing[0]
    counts = [backend.count_segment_accounts(segment.id) for segment in found]
    if found:
        terminal.confirm(_question(found, counts), yes=yes)
    _delete(backend, found)
    items = [
        {"id": segment.id, "code": segment.code, "accounts": count, "result": "deleted"}
        for segment, count in zip(found, counts, strict=True)
    ]
    return Result(items, _DELETED, note="; ".join(error.message for error in missing) or None)


def _delete(backend: Backend, segments: Sequence[Segment]) -> None:
    with all_or_nothing(backend):
        for count, segment in enumerate(segments):
            try:
                backend.delete_segment(segment.id)
            except SegcliError as error:
                if backend.atomic or not count:
                    raise
                after = f"{count} of {len(segments)} segments were deleted"
                raise error.with_context(after=after) from error


def _find_all(backend: Backend, refs: Sequence[SegmentRef]) -> tuple[list[Segment], list[SegcliError]]:
    """The segments that exist, each once, and an error for each that does not."""
    found: dict[int, Segment] = {}
    missing: list[SegcliError] = []
    for ref in refs:
        try:
            segment = backend.find_segment(ref)
        except NotFoundError as error:
            missing.append(error)
        else:
            found.setdefault(segment.id, segment)
    return list(found.values()), missing


def _question(segments: Sequence[Segment], counts: Sequence[int | None]) -> str:
    what = _listed([f"{segment.code} (id {segment.id})" for segment in segments])
    known = [count for count in counts if count is not None]
    number = f"{sum(known):,} " if len(known) == len(counts) else ""
    noun = "account association" if number == "1 " else "account associations"
    joint = " and its" if len(segments) == 1 else ", and their"
    return f"Delete {what}{joint} {number}{noun}?"


def _listed(names: Sequence[str]) -> str:
    """The names as prose; of many only the first."""
    more = len(names) - _MAX_NAMED
    if more > 0:
        names = [*names[:_MAX_NAMED], f"{more} more"]
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def _one(segment: Segment, projection: Projection) -> Result:
    return Result([projection.apply(segment)], projection.columns, "object", note=projection.note)


def _collection(page: Collection[Segment], items: Iterator[Segment], projection: Projection) -> Result:
    head = projection.head.apply(page.head()) if projection.head else page.head()
    if not projection.items:
        return record(head)
    documents = (projection.apply(segment) for segment in items)
    return Result(documents, projection.columns, "collection", head)
