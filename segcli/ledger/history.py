"""The history of a tenant as its ledger knows it."""

from collections.abc import Callable, Iterator, Sequence

from segcli.backends.base import Reader
from segcli.backends.history import Change, ChangeQuery, History
from segcli.backends.origin import ChangedAccounts
from segcli.errors import NotFoundError
from segcli.model import SegmentRef

ONLY_OWN = "a tenant keeps no history: these are the changes that you made from this machine"


class LedgerHistory:
    """The changes in a ledger. `note` receives that they are not all of the tenant's."""

    def __init__(self, ledger: History, tenant: Reader, note: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._tenant = tenant
        self._note = note

    def changes(self, query: ChangeQuery) -> Iterator[Change]:
        """The changes, newest first. Raises NotFoundError for a segment unknown to the tenant too."""
        self._note(ONLY_OWN)
        if query.segment is None:
            return self._ledger.changes(query)
        try:
            return self._ledger.changes(query)
        except NotFoundError:
            segment = self._tenant.find_segment(query.segment)
        try:  # it may have had another code
            return self._ledger.changes(
                ChangeQuery(
                    segment=SegmentRef(id=segment.id),
                    account_id=query.account_id,
                    by=query.by,
                    since=query.since,
                    until=query.until,
                    limit=query.limit,
                )
            )
        except NotFoundError:
            return iter(())

    def change(self, change_id: int) -> Change:
        return self._ledger.change(change_id)

    def run(self, run: int) -> Sequence[Change]:
        return self._ledger.run(run)

    def accounts(self, change: Change) -> ChangedAccounts:
        return self._ledger.accounts(change)
