"""What the commands on a segment's accounts do: typed values in, a result out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from segcli.backends.base import Added, Backend
from segcli.errors import ConflictError, UsageError
from segcli.model import AccountSet, Segment, SegmentCollection, SegmentRef, parse_account_id
from segcli.operations.view import segment_view
from segcli.query import MAX_PAGE_SIZE, SegmentQuery, parse_query
from segcli.result import ACCOUNT_ID, Column, Result

_SHOWN_IN_NOTE = 10


class Source(NamedTuple):
    """Accounts as a command is given them: words, or a file and how to read it."""

    words: Sequence[str] = ()
    file: str | None = None
    column: str | None = None
    skip_invalid: bool = False
    rejects: str | None = None


class _Given(NamedTuple):
    requested: int
    accounts: AccountSet
    invalid: int


def add(backend: Backend, segment: str, source: Source) -> Result:
    """AddSegmentAccounts; answers how many were new and how many were members.

    All or nothing on a local store. Raises UsageError before anything is sent where the source holds
    what is no account id, unless it says to skip that.
    """
    ref = SegmentRef.parse(segment)
    given = _read(source)
    with backend.transaction():
        found = backend.find_segment(ref)
        unique, added = Added(0, 0)
        if given.accounts.ids:
            unique, added = backend.add_segment_accounts(found.id, given.accounts)
    return _report(
        found,
        requested=given.requested,
        unique=unique,
        added=added,
        alreadyMembers=None if added is None else unique - added,
        invalid=given.invalid,
    )


def remove(backend: Backend, segment: str, source: Source, *, strict: bool) -> Result:
    """RemoveSegmentAccount for each account; one that is no member is counted.

    Raises ConflictError for the first that is no member where `strict`, and then nothing is removed
    on a local store; UsageError as `add` does.
    """
    ref = SegmentRef.parse(segment)
    given = _read(source)
    strangers = []
    with backend.transaction():
        found = backend.find_segment(ref)
        for account_id in given.accounts.ids:
            try:
                backend.remove_segment_account(found.id, account_id)
            except ConflictError:
                if strict:
                    raise ConflictError(
                        f"account {account_id} is no member of {found.code}; nothing was removed",
                        hint="without --strict such accounts are counted and left",
                    ) from None
                strangers.append(account_id)
    unique = len(given.accounts.ids)
    report = _report(
        found,
        requested=given.requested,
        unique=unique,
        removed=unique - len(strangers),
        notMembers=len(strangers),
        invalid=given.invalid,
    )
    return report._replace(note=_strangers_note(found, strangers))


def _read(source: Source) -> _Given:
    """The accounts that a source gives. Raises UsageError."""
    if source.file is None:
        if source.column or source.skip_invalid or source.rejects:
            raise UsageError("--column, --skip-invalid and --rejects go with --file")
        if not source.words:
            raise UsageError("no accounts are given", hint="name them, or a file of them with --file")
        ids = [parse_account_id(text) for text in source.words]
        return _Given(len(ids), AccountSet.of(ids), 0)
    if source.words:
        raise UsageError("accounts are given as words or with --file, not both")
    if source.rejects and not source.skip_invalid:
        raise UsageError("--rejects goes with --skip-invalid")
    from segcli.inputs import read_accounts, refuse
    from segcli.inputs.collect import collect
    from segcli.inputs.rejects import Rejects

    with Rejects(source.rejects) as rejects:
        reject = rejects.add if source.skip_invalid else refuse
        requested, accounts = collect(read_accounts(source.file, column=source.column, reject=reject))
    if not accounts.ids and not rejects.count:
        raise UsageError(f"{source.file} holds no account ids")
    return _Given(requested, accounts, rejects.count)


def list_accounts(backend: Backend, segment: str) -> Result:
    """The accounts of a segment in ascending order, streamed."""
    found = backend.find_segment(SegmentRef.parse(segment))
    total, ids = backend.get_segment_accounts(found.id)
    if total is not None:
        return Result(ids, (ACCOUNT_ID,), "collection", {"totalCount": total})
    counted = _Counted(ids)
    return Result(counted, (ACCOUNT_ID,), "collection", {}, tail=lambda: {"totalCount": counted.count})


def of(
    backend: Backend,
    accounts: Sequence[str],
    *,
    filter: str | None,
    sort: str | None,
    fields: str | None,
) -> Result:
    """GetAccountSegments: for one ACCOUNT the collection, for several a list of its segments each."""
    ids = list(dict.fromkeys(parse_account_id(text) for text in accounts))
    view = segment_view(fields)
    query = parse_query(filter=filter or "", sort_by=sort or "", page_size=MAX_PAGE_SIZE)
    query = query._replace(fields=view.fields)
    alone = len(ids) == 1
    items: list[dict[str, Any]] = []
    without: list[int] = []
    for account_id in ids:
        segments = _all_segments_of(backend, account_id, query)
        if not segments:
            without.append(account_id)
        for segment in segments:
            shown = view.show(segment)
            items.append(shown if alone else {"accountId": account_id, **shown})
    note = f"in no such segment: {_some(without)}" if without else view.note
    if not alone:
        columns = (Column("accountId", ("accountId",)), *view.columns)
        return Result(items, columns, "list", note=note)
    head = SegmentCollection(0, len(items) or MAX_PAGE_SIZE, len(items), ()).head()
    return Result(items, view.columns, "collection", head, note=note)


class _Counted:
    """Passes on what it is given, read once, and knows afterwards how much that was."""

    def __init__(self, items: Iterable[int]) -> None:
        self.count = 0
        self._items = items

    def __iter__(self) -> Iterator[int]:
        for item in self._items:
            self.count += 1
            yield item


def _all_segments_of(backend: Backend, account_id: int, query: SegmentQuery) -> list[Segment]:
    segments: list[Segment] = []
    while True:
        page = backend.get_account_segments(account_id, query._replace(start_index=len(segments)))
        segments += page.items
        if not page.items or len(segments) >= page.total_count:
            return segments


def _report(segment: Segment, **counts: int | None) -> Result:
    item = {"id": segment.id, "code": segment.code, **counts}
    return Result([item], tuple(Column(name, (name,)) for name in item), "object")


def _strangers_note(segment: Segment, strangers: Sequence[int]) -> str | None:
    return f"no members of {segment.code}: {_some(strangers)}" if strangers else None


def _some(ids: Sequence[int]) -> str:
    shown = ", ".join(map(str, ids[:_SHOWN_IN_NOTE]))
    more = len(ids) - _SHOWN_IN_NOTE
    return f"{shown} and {more:,} more" if more > 0 else shown
