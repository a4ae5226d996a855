"""Which accounts are in which segments of a tenant, read from GetAccounts.

With a filter, it returns the accounts of one segment. A tenant may reject, ignore or misapply the filter:
each account of a response is checked, and an empty result counts only if the filter finds the accounts of
another segment. Otherwise all accounts of the tenant are read.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from segcli.account_set import AccountSet
from segcli.backends.base import ReportProgress
from segcli.backends.tenant.pages import Page, read_pages
from segcli.backends.tenant.responses import Response, read_account, read_items
from segcli.errors import UnavailableError, UsageError
from segcli.query.tree import MAX_PAGE_SIZE

_MASK = "startIndex,pageSize,pageCount,totalCount,items(id,segments(id))"
_MAX_FILTERED = 100  # segments whose accounts are requested one segment after the other


class _FilterIgnoredError(Exception):
    """A response to a request with a filter contains an account that is not in the segment."""


class MembershipReader:
    """Reads memberships; `read` returns the response to GetAccounts with the given parameters."""

    def __init__(self, read: Callable[[dict[str, str]], Response], report: ReportProgress) -> None:
        self._read = read
        self._report = report
        self._filter_works = False  # whether it has found the accounts of a segment

    def members(self, segment_id: int) -> AccountSet:
        """The accounts of the segment. Raises UnavailableError if they cannot be known."""
        found = self._filtered(segment_id)
        if found:
            return found
        first = self._fetch(0)
        if found is not None and self._is_empty(segment_id, first):
            return found
        return AccountSet(account_id for account_id, segments in self._scan(first) if segment_id in segments)

    def peek(self, segment_id: int) -> AccountSet | None:
        """The accounts that the filter finds; None if it does not work. An empty result is not verified."""
        return self._filtered(segment_id)

    def counts(self, segment_ids: Sequence[int]) -> dict[int, int]:
        """How many accounts each of the segments has.

        Every account is read, because a totalCount is not proof that the filter was applied. Raises
        UnavailableError.
        """
        return {segment_id: len(accounts) for segment_id, accounts in self.sets(segment_ids).items()}

    def sets(self, segment_ids: Sequence[int]) -> dict[int, AccountSet]:
        """The accounts of each of the segments. Raises UnavailableError if they cannot be known.

        With the filter if that takes fewer requests than to read all accounts.
        """
        if len(set(segment_ids)) <= 1:
            return {segment_id: self.members(segment_id) for segment_id in segment_ids}
        first = self._fetch(0)
        filtered = self._filtered_sets(list(dict.fromkeys(segment_ids)), first)
        return self._scanned(segment_ids, first)[0] if filtered is None else filtered

    def everything(self, segment_ids: Sequence[int]) -> tuple[dict[int, AccountSet], AccountSet]:
        """The accounts of each of the segments, and all accounts. Raises UnavailableError."""
        return self._scanned(segment_ids, self._fetch(0))

    def _scanned(self, segment_ids: Sequence[int], first: Page) -> tuple[dict[int, AccountSet], AccountSet]:
        members = {segment_id: array("I") for segment_id in segment_ids}
        known = array("I")
        for account_id, segments in self._scan(first):
            known.append(account_id)
            for segment_id in members.keys() & segments:
                members[segment_id].append(account_id)
        return {each: AccountSet(ids) for each, ids in members.items()}, AccountSet(known)

    def _filtered_sets(self, segment_ids: Sequence[int], first: Page) -> dict[int, AccountSet] | None:
        """None if the filter does not work, or takes more requests than the scan that begins with `first`."""
        requests = _requests(first) - 1
        if len(segment_ids) > min(requests, _MAX_FILTERED):
            return None
        pages: dict[int, Page] = {}
        for segment_id in segment_ids:
            page = self._first_filtered(segment_id)
            if page is None:
                return None
            requests -= _requests(page)
            if requests < 0:
                return None
            pages[segment_id] = page
        members = {}
        for segment_id, page in pages.items():
            found = self._filtered(segment_id, page)
            if found is None or not (found or self._is_empty(segment_id, first)):
                return None
            members[segment_id] = found
        return members

    def _filtered(self, segment_id: int, first: Page | None = None) -> AccountSet | None:
        """The accounts that the filter finds, from the page `first` on; None if it does not work."""
        first = first or self._first_filtered(segment_id)
        if first is None:
            return None
        accounts = read_pages(first, 0, partial(self._fetch, segment_id=segment_id), page_size=MAX_PAGE_SIZE)
        try:
            return AccountSet(account_id for account_id, _ in self._counted(accounts, first.total))
        except (_FilterIgnoredError, UsageError):
            return None

    def _first_filtered(self, segment_id: int, page_size: int = MAX_PAGE_SIZE) -> Page | None:
        """The first page that the filter finds; None if it does not work."""
        try:
            page = self._fetch(0, segment_id, page_size)
        except (_FilterIgnoredError, UsageError):  # the tenant ignores or rejects the filter
            return None
        self._filter_works = self._filter_works or bool(page.items)
        return page

    def _is_empty(self, segment_id: int, first: Page) -> bool:
        """Whether a segment is empty in which the filter found no account.

        `first` is the first page of all accounts: it names a segment whose accounts the filter has to find.
        """
        known: set[int] = set().union(*(segments or () for _, (_, segments) in first.items))
        if known and not self._filter_works:
            self._first_filtered(min(known), page_size=1)
        return self._filter_works and segment_id not in known

    def _scan(self, first: Page) -> Iterator[tuple[int, set[int]]]:
        """Every account with the ids of its segments, from the page `first` on.

        If accounts change meanwhile, one may appear on two pages with different segments. The first
        appearance decides, so that no account is returned twice.
        """
        omitted = shown = 0
        accounts = read_pages(first, 0, self._fetch, page_size=MAX_PAGE_SIZE)
        for account_id, segments in self._counted(accounts, first.total):
            if segments is None:  # an account that is in none, or a tenant that does not send them
                omitted += 1
            else:
                shown += 1
            yield account_id, segments or set()
        if omitted and not shown:
            raise UnavailableError(
                f"none of the {omitted:,} accounts that the tenant sent has the member 'segments'",
                hint="without it, segments cannot know which accounts are in a segment",
            )

    def _counted(
        self, accounts: Iterator[tuple[int, set[int] | None]], total: int
    ) -> Iterator[tuple[int, set[int] | None]]:
        """The same accounts; reports the total before the second request, then how many were read."""
        self._report(0, total)
        return self._watched(accounts, total)

    def _watched(
        self, accounts: Iterator[tuple[int, set[int] | None]], total: int
    ) -> Iterator[tuple[int, set[int] | None]]:
        for done, account in enumerate(accounts):
            if done and done % MAX_PAGE_SIZE == 0:
                self._report(done, total)
            yield account

    def _fetch(self, start: int, segment_id: int | None = None, page_size: int = MAX_PAGE_SIZE) -> Page:
        """A page of all accounts, or of those in a segment. Raises _FilterIgnoredError."""
        params = {
            "startIndex": str(start),
            "pageSize": str(page_size),
            "sortBy": "id asc",
            "responseFields": _MASK,
        }
        if segment_id is not None:
            params["filter"] = f"segments.id eq {segment_id}"
        response = self._read(params)
        total, items = read_items(response)
        accounts = [read_account(response, item) for item in items]
        if segment_id is not None and any(segment_id not in (segments or ()) for _, segments in accounts):
            raise _FilterIgnoredError
        return Page(total, [(account[0], account) for account in accounts])


def _requests(first: Page) -> int:
    """How many requests the collection takes that begins with this page."""
    return max(-(-first.total // max(len(first.items), 1)), 1)
