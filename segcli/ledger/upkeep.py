"""Removing for good what a ledger remembers of a tenant, and accounts from the tenant's segments."""

from collections.abc import Iterator
from contextlib import suppress

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.backends.history import Forgotten, Pruned, Upkeep
from segcli.backends.origin import Origin
from segcli.errors import ConflictError
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery


class LedgerUpkeep:
    """The upkeep of a ledger; what is removed from the `tenant` is not recorded."""

    def __init__(self, ledger: Upkeep, tenant: Backend) -> None:
        self._ledger = ledger
        self._tenant = tenant

    def prune(self, moment: int, origin: Origin, *, dry_run: bool) -> Pruned:
        return self._ledger.prune(moment, origin, dry_run=dry_run)

    def forget(self, accounts: AccountSet, *, dry_run: bool) -> Forgotten:
        """One account after the other: if it is interrupted, running it again removes the rest."""
        segment_ids = set()
        for account_id in accounts:
            for segment_id in list(self._segments_of(account_id)):
                segment_ids.add(segment_id)
                if not dry_run:
                    with suppress(ConflictError):  # somebody else has removed it
                        self._tenant.remove_segment_account(segment_id, account_id)
        changes = self._ledger.forget(accounts, dry_run=dry_run).changes
        return Forgotten(len(segment_ids), changes)

    def older_format(self) -> int | None:
        return self._ledger.older_format()

    def upgrade(self) -> None:
        self._ledger.upgrade()

    def last_ids(self) -> tuple[int, int]:
        return self._ledger.last_ids()

    def _segments_of(self, account_id: int) -> Iterator[int]:
        query = SegmentQuery(page_size=MAX_PAGE_SIZE)
        while True:
            page = self._tenant.get_account_segments(account_id, query)
            yield from (segment.id for segment in page.items)
            query = query._replace(start_index=query.start_index + len(page.items))
            if not page.items or query.start_index >= page.total_count:
                return
