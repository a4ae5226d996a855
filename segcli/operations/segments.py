"""What the commands on segments do: typed values in, a result out. Nothing here prints or parses argv."""

from collections.abc import Iterator, Sequence

from segcli.backends.base import Backend
from segcli.errors import NotFoundError, SegcliError, UsageError
from segcli.model import Segment, SegmentCollection, SegmentDraft, SegmentRef
from segcli.operations.projection import View, collection_view, segment_view
from segcli.query.parse import parse_query
from segcli.query.tree import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from segcli.result import Column, Result
from segcli.terminal.streams import Terminal

_NAMED_IN_QUESTION = 5
_DELETED = tuple(Column(name, (name,)) for name in ("id", "code", "accounts", "result"))


def add(backend: Backend, code: str, *, name: str | None, description: str | None) -> Result:
    """AddSegment. An empty name or description is none. Raises ConflictError."""
    segment = backend.add_segment(SegmentDraft(code, name or None, description or None))
    return _one(segment, View())


def get(backend: Backend, segments: Sequence[str], *, fields: str | None) -> Result:
    """GetSegment for one SEGMENT, an object, or for several, a list of those that exist.

    Raises NotFoundError where there is none of them; some that are missing are failures.
    """
    view = segment_view(fields)
    refs = [SegmentRef.parse(text) for text in segments]
    if len(refs) == 1:
        return _one(backend.find_segment(refs[0]), view)
    found, failures = _find_all(backend, refs)
    if not found:
        raise NotFoundError(
            "there is none of these segments: " + ", ".join(segments),
            hint="segments list shows what there is",
        )
    items = [view.show(segment) for segment in found]
    return Result(items, view.columns, "list", failures=failures, note=view.note)


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
    """GetSegments: one page, or, with `everything` or a `limit`, as many as there are, streamed."""
    view = collection_view(fields)
    streamed = everything or limit is not None
    default = min(limit or MAX_PAGE_SIZE, MAX_PAGE_SIZE) if streamed else DEFAULT_PAGE_SIZE
    query = parse_query(
        filter=filter or "",
        sort_by=sort or "",
        start_index=start_index,
        page_size=default if page_size is None else page_size,
    )._replace(fields=view.fields)
    items: Iterator[Segment]
    if streamed:
        total, items = backend.iter_segments(query, limit)
        size = max(total - start_index, 0)
        size = size if limit is None else min(size, limit)
        page = SegmentCollection(start_index, size or query.page_size, total, ())
    else:
        page = backend.get_segments(query)
        items, size = iter(page.items), len(page.items)
    note = view.note
    if size < page.total_count - start_index:
        note = f"{size:,} of {page.total_count:,} segments are shown; --all shows every one"
    return _collection(page, items, view)._replace(note=note)


def update(
    backend: Backend,
    segment: str,
    *,
    code: str | None,
    name: str | None,
    description: str | None,
) -> Result:
    """UpdateSegment: reads, changes what was given, writes; an empty text empties.

    Raises UsageError where nothing was given, NotFoundError, ConflictError.
    """
    if code is None and name is None and description is None:
        raise UsageError("there is nothing to change", hint='say --code, --name or --description; "" empties')
    ref = SegmentRef.parse(segment)
    with backend.transaction():
        old = backend.find_segment(ref)
        draft = SegmentDraft(
            old.code if code is None else code,
            old.name if name is None else name or None,
            old.description if description is None else description or None,
        )
        return _one(backend.update_segment(old.id, draft), View())


def delete(
    backend: Backend,
    terminal: Terminal,
    segments: Sequence[str],
    *,
    yes: bool,
    ignore_missing: bool,
) -> Result:
    """DeleteSegment for all of them or none, after asking; answers what went, an item each.

    Raises NotFoundError before anything is deleted, unless `ignore_missing`.
    """
    terminal.require_yes(yes, f"delete {_listed(segments)}")
    refs = [SegmentRef.parse(text) for text in segments]
    found, missing = _find_all(backend, refs)
    if missing and not ignore_missing:
        raise missing[0]
    counts = [backend.count_segment_accounts(segment.id) for segment in found]
    if found:
        terminal.confirm(_question(found, counts), yes=yes)
    with backend.transaction():
        for segment in found:
            backend.delete_segment(segment.id)
    items = [
        {"id": segment.id, "code": segment.code, "accounts": count, "result": "deleted"}
        for segment, count in zip(found, counts, strict=True)
    ]
    return Result(items, _DELETED, note="; ".join(error.message for error in missing) or None)


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
    more = len(names) - _NAMED_IN_QUESTION
    if more > 0:
        names = [*names[:_NAMED_IN_QUESTION], f"{more} more"]
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def _one(segment: Segment, view: View) -> Result:
    return Result([view.show(segment)], view.columns, "object", note=view.note)


def _collection(page: SegmentCollection, items: Iterator[Segment], view: View) -> Result:
    head = view.head.apply(page.head()) if view.head else page.head()
    if not view.items:
        return Result([head], tuple(Column(name, (name,)) for name in head), "object")
    documents = (view.show(segment) for segment in items)
    return Result(documents, view.columns, "collection", head)
