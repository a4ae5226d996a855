"""Reading memberships: the accounts of expressions, who is in a segment, the segments of an account."""

from collections.abc import Iterable, Sequence
from typing import Any

from segcli.account_set import AccountSet, name_some
from segcli.backends.base import Backend, Reader
from segcli.errors import UnavailableError, UsageError
from segcli.expressions.parse import parse
from segcli.model import STDIN, Collection, Segment, SegmentRef
from segcli.operations.account_words import accounts_named
from segcli.operations.projection import segment_projection
from segcli.query.parse import filter_notes, parse_query
from segcli.query.tree import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, SegmentQuery
from segcli.result import ACCOUNT_ID, Column, Result, columns_of
from segcli.terminal.streams import Terminal

_FEW = 20  # accounts whose segments are requested from a tenant, instead of the accounts of the segment
_READINGS = 4  # of a list that changes while it is read


def list_accounts(
    backend: Backend,
    terminal: Terminal,
    expression: str,
    *,
    limit: int | None = None,
    after: int = 0,
    sample: str | None = None,
    seed: str | None = None,
    identifiers: str | None = None,
    at: str | None = None,
) -> Result:
    """The accounts of an expression, or a sample of them, in ascending order.

    `after` and `limit` select a page of them; the total is that of all pages. `identifiers` names what else
    is shown of each customer. `at` is the moment of the past to read. Raises UsageError, NotFoundError.
    """
    if seed is not None and sample is None:
        raise UsageError("--seed requires --sample")
    members: Sequence[str] = ()
    if identifiers is not None:
        from segcli.operations import customers

        members = customers.identifiers_named(identifiers)
    if sample is None:
        accounts = _accounts_of(backend, terminal, expression, at)
    else:
        from segcli.expressions import sampling

        wanted = sampling.parse_sample(sample)  # a mistake is reported before anything is read
        accounts = sampling.sample(_accounts_of(backend, terminal, expression, at), wanted, seed or "")
    head = {"totalCount": len(accounts)}
    if after:
        accounts -= AccountSet.between(1, after)
    if limit is not None:
        accounts = accounts[:limit]
    if members:
        return customers.with_identifiers(backend, terminal, accounts, members)._replace(head=head)
    return Result(accounts, (ACCOUNT_ID,), "collection", head, id_blocks=accounts.lines())


def _accounts_of(backend: Backend, terminal: Terminal, text: str, at: str | None) -> AccountSet:
    """The accounts of an expression; a plain SEGMENT needs neither the parser nor an evaluation."""
    try:
        expression = parse(text)
    except UsageError as error:
        from segcli.operations.evaluation import explained

        raise explained(backend, text, error) from None
    if expression.segment is not None and at is None:
        segment_id = backend.find_segment(expression.segment).id
        if not terminal.stderr_is_tty:
            return backend.get_segment_accounts(segment_id)
        from segcli.terminal.progress import Progress

        with Progress(terminal, "reading", retries=lambda: backend.retries) as progress:
            return backend.get_segment_accounts(segment_id, progress.update)
    from segcli.operations.evaluation import accounts_of

    (accounts,) = accounts_of(backend, terminal, [expression], at)
    return accounts


def count(
    backend: Backend, terminal: Terminal, expressions: Sequence[str], *, at: str | None = None
) -> Result:
    """How many accounts each of the expressions has, all of them in one state of the backend.

    `at` is the moment of the past to read.
    """
    from segcli.operations.evaluation import accounts_of, parsed

    found = accounts_of(backend, terminal, [parsed(backend, text) for text in expressions], at)
    items = [
        {"expression": text, "accounts": len(accounts)}
        for text, accounts in zip(expressions, found, strict=True)
    ]
    return Result(items, columns_of(("expression", "accounts")))


def has(
    backend: Backend,
    terminal: Terminal,
    segment: str,
    accounts: Sequence[str],
    *,
    customer_set: str | None = None,
) -> Result:
    """Which accounts, or those on stdin, are in a segment; the answer is whether all of them are.

    `customer_set` is the one of accounts that are not named by their ids.
    """
    ref = SegmentRef.parse(segment)
    segment_id = backend.find_segment(ref).id
    wanted = accounts_named(backend, terminal, accounts, customer_set)
    if backend.reads_are_local or len(wanted) > _FEW:
        members = backend.get_segment_accounts(segment_id)
    else:
        query = SegmentQuery(page_size=MAX_PAGE_SIZE)
        members = AccountSet(
            account_id
            for account_id in wanted
            if any(each.id == segment_id for each in _all_segments_of(backend, account_id, query))
        )
    items = [{"accountId": account_id, "member": account_id in members} for account_id in wanted]
    answer = all(item["member"] for item in items)
    return Result(items, columns_of(("accountId", "member")), answer=answer)


def of(
    backend: Backend,
    terminal: Terminal,
    accounts: Sequence[str],
    *,
    filter: str | None,
    sort: str | None,
    fields: str | None,
    wide: bool,
    at: str | None = None,
    customer_set: str | None = None,
) -> Result:
    """GetAccountSegments: the collection for one ACCOUNT.

    For several, or those on stdin, a collection with an item per membership. `at` is the moment of the past
    to read. `customer_set` is the one of accounts that are not named by their ids.
    """
    projection = segment_projection(fields)
    query = parse_query(filter=filter or "", sort_by=sort or "", page_size=MAX_PAGE_SIZE)
    query = query._replace(fields=projection.fields)
    ids = accounts_named(backend, terminal, accounts, customer_set)
    alone = STDIN not in accounts and len(ids) == 1
    reader: Reader = backend
    if at is not None:
        from segcli.operations.past import Past

        reader = Past(backend).reader(at)
    items: list[dict[str, Any]] = []
    without: list[int] = []
    for account_id in _watched(backend, terminal, ids):
        segments = _all_segments_of(reader, account_id, query)
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


def _all_segments_of(backend: Reader, account_id: int, query: SegmentQuery) -> list[Segment]:
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
