"""A tenant whose changes are recorded in the ledger of this user on this machine."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.base import (
    Backend,
    Check,
    Codes,
    Memberships,
    Reader,
    ReportProgress,
    Segments,
    ignore_progress,
    require_accounts,
)
from segcli.backends.customers import Customers
from segcli.backends.history import History, Kind, Moved, Upkeep
from segcli.backends.origin import Origin
from segcli.backends.store.backend import StoreBackend
from segcli.errors import ConflictError, NotFoundError
from segcli.ledger.entry import Entry, Members
from segcli.ledger.files import open_ledger, open_log, path_of
from segcli.ledger.history import LedgerHistory
from segcli.ledger.recording import REJECTED, Recording
from segcli.ledger.upkeep import LedgerUpkeep
from segcli.model import Account, Collection, Segment, SegmentDraft, SegmentRef
from segcli.query.tree import SegmentQuery


class LedgerBackend:
    """The backend `tenant`, which keeps no history; a ledger has that of this user instead.

    Nothing is requested for the ledger, except a segment that is changed without having been read. Which
    accounts join is known if this run has read the members before; otherwise those that were sent are
    recorded. Which accounts leave is known, except with a segment that is deleted unread.
    """

    atomic = False
    reads_are_local = False
    in_process = False

    def __init__(self, tenant: Backend, note: Callable[[str], None]) -> None:
        self._tenant = tenant
        self._note = note
        self._origin = Origin()
        self._segments: dict[int, Segment] = {}  # as this run knows them
        self._members: dict[int, Members] = {}
        self._entries: dict[int, Entry] = {}  # of the segments that were changed since `record_as`
        self._ledger: StoreBackend | None = None
        self._recording = Recording(
            lambda: open_log(path_of(tenant.place)), lambda text: note(f"warning: {text}")
        )

    @property
    def place(self) -> str:
        return self._tenant.place

    @property
    def retries(self) -> int:
        return self._tenant.retries

    def get_segments(self, query: SegmentQuery) -> Collection[Segment]:
        page = self._tenant.get_segments(query)
        self._segments |= {segment.id: segment for segment in page.items}
        return page

    def get_segment(self, segment_id: int) -> Segment:
        return self._seen(self._tenant.get_segment(segment_id))

    def get_account_segments(self, account_id: int, query: SegmentQuery) -> Collection[Segment]:
        return self._tenant.get_account_segments(account_id, query)

    def find_segment(self, ref: SegmentRef) -> Segment:
        return self._seen(self._tenant.find_segment(ref))

    def iter_segments(self, query: SegmentQuery, limit: int | None = None) -> Segments:
        found = self._tenant.iter_segments(query, limit)
        return Segments(found.total_count, map(self._seen, found.items))

    def get_segment_accounts(self, segment_id: int, report: ReportProgress = ignore_progress) -> AccountSet:
        accounts = self._tenant.get_segment_accounts(segment_id, report)
        self._remember(segment_id, accounts)
        return accounts

    def peek_segment_accounts(self, segment_id: int) -> AccountSet | None:
        accounts = self._tenant.peek_segment_accounts(segment_id)
        if accounts is not None:
            self._remember(segment_id, accounts)
        return accounts

    def get_memberships(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress, *, known: bool = False
    ) -> Memberships:
        memberships = self._tenant.get_memberships(segment_ids, report, known=known)
        for segment_id, accounts in memberships.of.items():
            self._remember(segment_id, accounts)
        return memberships

    def count_segment_accounts(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress
    ) -> Mapping[int, int]:
        return self._tenant.count_segment_accounts(segment_ids, report)

    def get_accounts(self, query: SegmentQuery) -> Collection[Account]:
        return self._tenant.get_accounts(query)

    def get_account(self, account_id: int) -> Account:
        return self._tenant.get_account(account_id)

    @property
    def customers(self) -> Customers:
        return self._tenant.customers

    def codes(self, prefix: str, limit: int) -> Codes:
        return self._tenant.codes(prefix, limit)

    def snapshot(self) -> AbstractContextManager[None]:
        return self._tenant.snapshot()

    def transaction(self) -> AbstractContextManager[None]:
        return self._tenant.transaction()

    def add_segment(self, draft: SegmentDraft) -> Segment:
        return self._create(draft.code or "", lambda: self._tenant.add_segment(draft))

    def restore_segment(self, segment: Segment) -> Segment:
        return self._create(segment.code, lambda: self._tenant.restore_segment(segment))

    def update_segment(self, segment_id: int, draft: SegmentDraft) -> Segment:
        entry = self._entry(segment_id)
        kind, before = entry.kind, entry.after or self._segment(segment_id)
        entry.kind = "update" if kind == "accounts" else kind
        if before is not None:
            entry.after = before._replace(**{**draft._asdict(), "code": draft.code or ""})
        try:
            with self._recording.request(entry):
                entry.after = after = self._tenant.update_segment(segment_id, draft)
                entry.unsaved = True
            return self._seen(after)
        except REJECTED:
            entry.kind, entry.after = kind, before
            raise

    def delete_segment(self, segment_id: int) -> None:
        """Which accounts leave is recorded before the request, so that a killed run does not lose them."""
        with self._recording.locked():
            previous = self._entries.pop(segment_id, None)
            if previous is not None:
                previous.settle()
        entry = self._new_entry("delete", segment_id)
        entry.after = None
        members = entry.members.accounts
        entry.exact = members is not None
        entry.left = members or NO_ACCOUNTS
        try:
            with self._recording.request(entry):
                self._tenant.delete_segment(segment_id)
        except REJECTED:
            entry.after, entry.left = entry.before, NO_ACCOUNTS
            raise
        self._members.pop(segment_id, None)
        self._segments.pop(segment_id, None)

    def add_segment_accounts(self, segment_id: int, accounts: AccountSet) -> int | None:
        require_accounts(accounts)
        entry = self._entry(segment_id)
        with self._recording.request(entry):
            added = self._tenant.add_segment_accounts(segment_id, accounts)
            with self._recording.locked():
                entry.acknowledge(added=accounts)
        return added

    def remove_segment_account(self, segment_id: int, account_id: int) -> None:
        entry = self._entry(segment_id)
        with self._recording.request(entry):
            self._tenant.remove_segment_account(segment_id, account_id)
            with self._recording.locked():
                entry.acknowledge(removed=AccountSet([account_id]))

    def remove_segment_accounts(self, segment_id: int, accounts: AccountSet) -> AccountSet:
        """One request for each account, so that each is recorded."""
        require_accounts(accounts)
        not_members = []
        for account_id in accounts:
            try:
                self.remove_segment_account(segment_id, account_id)
            except ConflictError:
                not_members.append(account_id)
        return AccountSet(not_members)

    def lock_segments(self, segment_ids: Sequence[int]) -> None:
        self._tenant.lock_segments(segment_ids)

    def record_as(self, origin: Origin) -> None:
        self._recording.finish()
        self._entries.clear()
        self._origin = origin

    @property
    def history(self) -> History:
        return LedgerHistory(self._opened().history, self._tenant, self._note)

    @property
    def upkeep(self) -> Upkeep:
        return LedgerUpkeep(self._opened().upkeep, self._tenant)

    def receive(self, source: Backend) -> Moved:
        return self._tenant.receive(source)

    def at(self, moment: int) -> Reader:
        return self._tenant.at(moment)

    def checks(self) -> Sequence[Check]:
        return [*self._tenant.checks(), Check("ledger", self._check_ledger)]

    def cancel(self) -> None:
        self._tenant.cancel()

    def close(self) -> None:
        try:
            self._recording.close()
        finally:
            if self._ledger is not None:
                self._ledger.close()
            self._tenant.close()

    def _check_ledger(self) -> str:
        from segcli.ledger.check import check_ledger

        return check_ledger(path_of(self.place), self._opened())

    def _opened(self) -> StoreBackend:
        if self._ledger is None:
            self._ledger = open_ledger(path_of(self.place))
        return self._ledger

    def _create(self, code: str, create: Callable[[], Segment]) -> Segment:
        entry = Entry(self._origin, "add", 0, code, None, None, Members(NO_ACCOUNTS))
        with self._recording.request(entry):
            segment = create()
            with self._recording.locked():
                entry.segment_id, entry.code, entry.after = segment.id, segment.code, segment
                entry.unsaved = True
        self._members[segment.id] = entry.members
        self._entries[segment.id] = entry
        return self._seen(segment)

    def _entry(self, segment_id: int) -> Entry:
        """The entry of a segment that is being changed; called from several threads."""
        with self._recording.locked():
            entry = self._entries.get(segment_id)
            if entry is None:
                entry = self._entries[segment_id] = self._new_entry("accounts", segment_id)
            return entry

    def _new_entry(self, kind: Kind, segment_id: int) -> Entry:
        segment = self._segment(segment_id)
        members = self._members.setdefault(segment_id, Members())
        code = segment.code if segment else ""
        return Entry(self._origin, kind, segment_id, code, segment, segment, members)

    def _segment(self, segment_id: int) -> Segment | None:
        """As this run knows it; None if it does not exist, which the request to change it will find too."""
        try:
            return self._segments.get(segment_id) or self.get_segment(segment_id)
        except NotFoundError:
            return None

    def _seen(self, segment: Segment) -> Segment:
        self._segments[segment.id] = segment
        return segment

    def _remember(self, segment_id: int, accounts: AccountSet) -> None:
        """What was read is the members from now on; what was acknowledged before is computed from the old."""
        with self._recording.locked():
            entry = self._entries.get(segment_id)
            if entry is not None:
                entry.settle()
            self._members.setdefault(segment_id, Members()).accounts = accounts
