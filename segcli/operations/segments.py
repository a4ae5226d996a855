"""The commands on segments: typed values in, a result out. Nothing here prints or parses argv."""

from collections.abc import Iterator, Sequence
from typing import Literal

from segcli.backends.base import Backend, Reader, all_or_nothing, checked_draft, code_taken
from segcli.errors import AlreadyExistsError, NotFoundError, SegcliError, UsageError
from segcli.model import STDIN, Collection, Segment, SegmentDraft, SegmentRef
from segcli.operations.projection import EVERYTHING, Projection, collection_projection, segment_projection
from segcli.query.parse import filter_notes, parse_query
from segcli.query.tree import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from segcli.result import Json, Result, record
from segcli.terminal.streams import Terminal

_MAX_NAMED = 5  # segments that a confirmation names; more are only counted
DRY_RUN = "dry run: nothing was changed"

Exists = Literal["fail", "skip", "update"]  # what `add` does if the code exists


def add(
    backend: Backend,
    code: str,
    *,
    name: str | None,
    description: str | None,
    exists: Exists = "fail",
    dry_run: bool = False,
) -> Result:
    """AddSegment; if the code exists, fails, returns that segment, or updates its given fields.

    An empty text clears a field. A dry run returns the segment as it would be, a new one with the id None.
    Raises UsageError for a blank code, AlreadyExistsError.
    """
    new = checked_draft(_changed(SegmentDraft(None), code, name, description))
    given = (name, description) if exists == "update" else (None, None)
    if dry_run:
        old = _find_existing(backend, code)
        if old is None:
            return _planned(None, new)
        if exists == "fail":
            raise code_taken(code)
        return _planned(old, _changed(_draft_of(old), None, *given))
    with all_or_nothing(backend):
        old = None if exists == "fail" else _find_existing(backend, code)
        if old is None:
            try:
                return _one(backend.add_segment(new), EVERYTHING)
            except AlreadyExistsError:
                if exists == "fail" or backend.atomic:
                    raise
                old = backend.find_segment(SegmentRef(code=code))  # somebody else added it meanwhile
        draft = _changed(_draft_of(old), None, *given)
        return _one(old if draft == _draft_of(old) else backend.update_segment(old.id, draft), EVERYTHING)


def get(
    backend: Backend, segments: Sequence[str], *, fields: str | None, wide: bool, at: str | None = None
) -> Result:
    """GetSegment: one SEGMENT as an object, several, or those on stdin, as a collection of those that exist.

    The first that does not exist is the error of the result. `at` is the moment of the past to read. Raises
    NotFoundError if none exists.
    """
    reader = _reader(backend, at)
    projection = segment_projection(fields)
    if len(segments) == 1 and segments[0] != STDIN:
        return _one(reader.find_segment(SegmentRef.parse(segments[0])), projection)
    names = given(segments)
    found, missing = find_all(reader, [SegmentRef.parse(text) for text in names])
    if missing and not found:
        raise NotFoundError(f"none of these segments exists: {listed(names)}", hint=missing[0].hint)
    items = [projection.apply(segment) for segment in found]
    error = missing[0] if missing else None
    return Result(items, projection.columns, error=error, failures=missing[1:], short=not wide)


def list_segments(
    backend: Backend,
    terminal: Terminal,
    *,
    filter: str | None,
    sort: str | None,
    start_index: int,
    page_size: int | None,
    everything: bool,
    limit: int | None,
    fields: str | None,
    counts: bool = False,
    wide: bool = False,
    at: str | None = None,
) -> Result:
    """GetSegments: one page; with `everything` or a `limit`, segments across pages, streamed.

    With `counts`, each has the number of its accounts. On a tenant, all segments are then read before the
    first one is returned, because reading the accounts once is enough for all of them. `at` is the moment of
    the past to read.
    """
    reader = _reader(backend, at)
    projection = collection_projection(fields, counts)
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
        total, items = reader.iter_segments(query, limit)
        size = max(total - start_index, 0)
        size = size if limit is None else min(size, limit)
        page: Collection[Segment] = Collection(start_index, size or query.page_size, total, ())
        if terminal.stderr_is_tty and not terminal.stdout_is_tty:  # else the rows show how far it is
            from segcli.terminal.progress import Progress

            items = Progress(terminal, "reading", unit="segments").watch(items, size)
    else:
        page = reader.get_segments(query)
        items, size = iter(page.items), len(page.items)
    notes = filter_notes(filter)
    if not streamed and size < page.total_count - start_index:
        notes.append(f"{size:,} of {page.total_count:,} segments are shown; --all shows all of them")
    documents: Iterator[Json] = map(projection.apply, items)
    if projection.counts and projection.items:
        from segcli.operations.counted import counted

        documents = counted(reader, terminal, items, projection)
    return _collection(page, documents, projection)._replace(note="; ".join(notes) or None, short=not wide)


def update(
    backend: Backend,
    segment: str,
    *,
    code: str | None,
    name: str | None,
    description: str | None,
    dry_run: bool = False,
) -> Result:
    """UpdateSegment: reads the segment, changes the given fields, writes it; an empty text clears a field.

    One transaction on a local store. A tenant knows no condition on a PUT, which replaces all fields: a
    change that someone else makes between the GET and the PUT is lost, even if it is in another field.

    A dry run returns the segment as it would be. Raises UsageError if no field was given or the code is
    blank, NotFoundError, AlreadyExistsError.
    """
    if code is None and name is None and description is None:
        raise UsageError(
            "nothing to change", hint='pass --code, --name or --description; pass "" to clear a field'
        )
    ref = SegmentRef.parse(segment)
    _changed(SegmentDraft(None), code, name, description)  # checks them before a transaction begins
    if dry_run:
        old = backend.find_segment(ref)
        if code is not None and code != old.code and _find_existing(backend, code):
            raise code_taken(code)
        return _planned(old, _changed(_draft_of(old), code, name, description))
    ids = []
    if backend.atomic:  # a transaction creates a store that does not exist
        ids.append(backend.find_segment(ref).id)
    with all_or_nothing(backend):
        backend.lock_segments(ids)
        old = backend.find_segment(ref)
        draft = _changed(_draft_of(old), code, name, description)
        return _one(backend.update_segment(old.id, draft), EVERYTHING)


def _reader(backend: Backend, at: str | None) -> Reader:
    """The backend, or its state at a moment of the past. Raises UsageError."""
    if at is None:
        return backend
    from segcli.operations.past import Past

    return Past(backend).reader(at)


def given(segments: Sequence[str]) -> Sequence[str]:
    """The SEGMENTs, those of stdin in place of `-`."""
    if STDIN not in segments:
        return segments
    from segcli.inputs.words import with_stdin

    return with_stdin(segments)


def _find_existing(backend: Backend, code: str) -> Segment | None:
    try:
        return backend.find_segment(SegmentRef(code=code))
    except NotFoundError:
        return None


def _draft_of(segment: Segment) -> SegmentDraft:
    return SegmentDraft(segment.code, segment.name, segment.description)


def _changed(
    draft: SegmentDraft, code: str | None, name: str | None, description: str | None
) -> SegmentDraft:
    """The draft with the given fields; an empty text clears a field.

    Raises UsageError for a blank code, or text that is not valid Unicode.
    """
    if code is not None and not code.strip():
        raise UsageError(f"'{code}' is not a valid code: expected text that is not blank")
    draft = SegmentDraft(
        draft.code if code is None else code,
        draft.name if name is None else name or None,
        draft.description if description is None else description or None,
    )
    draft.require_text()
    return draft


def _planned(segment: Segment | None, draft: SegmentDraft) -> Result:
    """The segment, None if it is new, as it would be with the fields of `draft`."""
    document = segment.to_json() if segment else {**Segment(0, "").to_json(), "id": None}
    return Result([{**document, **draft._asdict()}], EVERYTHING.columns, "object", note=DRY_RUN)


def find_all(backend: Reader, refs: Sequence[SegmentRef]) -> tuple[list[Segment], list[SegcliError]]:
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


def listed(names: Sequence[str]) -> str:
    """The names as prose; of many only the first."""
    more = len(names) - _MAX_NAMED
    if more > 0:
        names = [*names[:_MAX_NAMED], f"{more} more"]
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def _one(segment: Segment, projection: Projection) -> Result:
    return Result([projection.apply(segment)], projection.columns, "object")


def _collection(page: Collection[Segment], documents: Iterator[Json], projection: Projection) -> Result:
    head = projection.head.apply(page.head()) if projection.head else page.head()
    if not projection.items:
        return record(head)
    return Result(documents, projection.columns, "collection", head)
