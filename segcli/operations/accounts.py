"""Reading memberships: the accounts of a segment, the segments of an account."""

from collections.abc import Iterable, Sequence
from typing import Any

from segcli.account_set import name_some
from segcli.backends.base import Backend
from segcli.errors import UnavailableError
from segcli.model import STDIN, Collection, Segment, SegmentRef, parse_account_id
from segcli.operations.projection import segment_projection
from segcli.query.parse import filter_notes, parse_query
from segcli.query.tree import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, SegmentQuery
from segcli.result import ACCOUNT_ID, Column, Result
from segcli.terminal.streams import Terminal

_READINGS = 4  # of a list that changes while it is read


def list_accounts(backend: Backend, terminal: Terminal, segment: str) -> Result:
    """The accounts of a segment in ascending order."""
    found = backend.find_segment(SegmentRef.parse(segment))
    if terminal.stderr_is_tty:
        from segcli.terminal.progress import Progress

        with Progress(terminal, "reading", retries=lambda: backend.retries) as progress:
            accounts = backend.get_segment_accounts(found.id, progress.update)
    else:
        accounts = backend.get_segment_accounts(found.id)
    head = {"totalCount": len(accounts)}
    return Result(accounts, (ACCOUNT_ID,), "collection", head, id_blocks=accounts.lines())


def of(
    backend: Backend,
    terminal: Terminal,
    accounts: Sequence[str],
    *,
    filter: str | None,
    sort: str | None,
    fields: str | None,
    wide: bool,
) -> Result:
    """GetAccountSegments: the collection for one ACCOUNT.

    For several, or those on stdin, a collection with an item per membership.
    """
    alone = STDIN not in accounts
    if not alone:
        from segcli.inputs.words import with_stdin

        accounts = with_stdin(accounts)
    ids = list(dict.fromkeys(parse_account_id(text) for text in accounts))
    projection = segment_projection(fields)
    query = parse_query(filter=filter or "", sort_by=sort or "", page_size=MAX_PAGE_SIZE)
    query = query._replace(fields=projection.fields)
    alone = alone and len(ids) == 1
    items: list[dict[str, Any]] = []
    without: list[int] = []
    for account_id in _watched(backend, terminal, ids):
        segments = _all_segments_of(backend, account_id, query)
        if not segments:
            without.append(account_id)
        for segment in segments:
            shown = projection.apply(segment)
            items.append(shown if alone else {"accountId": account_id, **shown})
    notes = filter_notes(filter)
    if without:
        notes.append(f"in no matching segment: {name_some(without)}")
    note = "; ".join(notes) or None
    if not alone:
        columns = (Column("accountId", ("accountId",)), *projection.columns)
        return Result(items, columns, note=note, short=not wide)
    head = Collection(0, len(items) or MAX_PAGE_SIZE, len(items), ()).head()
    return Result(items, projection.columns, "collection", head, note=note, short=not wide)


def _watched(backend: Backend, terminal: Terminal, ids: Sequence[int]) -> Iterable[int]:
    """The accounts, each of which takes a request on a tenant: on a terminal with progress."""
    if len(ids) < 2 or not terminal.stderr_is_tty:
        return ids
    from segcli.terminal.progress import Progress

    return Progress(terminal, "reading", retries=lambda: backend.retries).watch(ids, len(ids))


def _all_segments_of(backend: Backend, account_id: int, query: SegmentQuery) -> list[Segment]:
    """Starts over if they change meanwhile. Raises UnavailableError if there are fewer than their total."""
    segments: dict[int, Segment] = {}
    for _ in range(_READINGS):
        segments.clear()
        total = None
        while True:
            page = backend.get_account_segments(account_id, query._replace(start_index=len(segments)))
            known = len(segments)
            segments |= {segment.id: segment for segment in page.items}
            total = page.total_count if total is None else total
            if total != page.total_count or len(segments) != known + len(page.items):
                break
            if len(segments) == total:
                return list(segments.values())
            if len(page.items) < DEFAULT_PAGE_SIZE:  # a list of such pages may have no end
                break
    raise UnavailableError(
        f"the list of the segments of account {account_id} is incomplete: {len(segments):,} were read",
        hint="run the command again",
    )
