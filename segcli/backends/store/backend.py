"""The resource on an SQL database, with the behavior that it has on the platform."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from segcli.backends.base import (
    Backend,
    Check,
    Reader,
    checked_draft,
    code_taken,
    ignore_progress,
    not_a_member,
    not_found,
    require_accounts,
)
from segcli.backends.store.reader import StoreReader
from segcli.backends.store.rows import actor, find, segment_of
from segcli.backends.store.statements import folded, insert_segment, update_segment
from segcli.errors import NotFoundError
from segcli.model import Segment, SegmentDraft, SegmentRef

if TYPE_CHECKING:
    from segcli.account_set import AccountSet
    from segcli.backends.customers import Customers
    from segcli.backends.history import History, Moved, Upkeep
    from segcli.backends.origin import Origin
    from segcli.backends.store.database import Connection, Database
    from segcli.backends.store.memberships import Size
    from segcli.backends.store.recorder import Recorder


class StoreBackend(StoreReader):
    """Segments in a database. The first write creates the tables if they do not exist."""

    in_process = True

    def __init__(self, database: "Database") -> None:
        super().__init__(database)
        self._recorder: Recorder | None = None
        self._origin: Origin | None = None

    def add_segment(self, draft: SegmentDraft) -> Segment:
        checked_draft(draft)
        user = actor()
        with self._writing() as (connection, recorder), self._unique_code(draft):
            date = self._database.now()
            values = [*draft, date, date, user, user]
            rows = connection.execute(insert_segment(), [*values, *folded(*draft, user, user)])
            return _created(connection, recorder, segment_of(rows.fetchall()[0]))

    def restore_segment(self, segment: Segment) -> Segment:
        from segcli.backends.store.kept_segments import insert_again

        with self._writing() as (connection, recorder), self._unique_code(SegmentDraft(segment.code)):
            return _created(connection, recorder, insert_again(connection, segment))

    def update_segment(self, segment_id: int, draft: SegmentDraft) -> Segment:
        checked_draft(draft, lambda: self.get_segment(segment_id).code)
        user = actor()
        with self._writing() as (connection, recorder), self._unique_code(draft):
            self._lock(connection, segment_id)
            before = find(connection, SegmentRef(id=segment_id))
            rows = connection.execute(
                update_segment(),
                [*draft, self._database.now(), user, *folded(*draft, user), segment_id],
            )
            after = segment_of(rows.fetchall()[0])
            recorder.segment(before, after)
            return after

    def delete_segment(self, segment_id: int) -> None:
        from segcli.account_set import NO_ACCOUNTS
        from segcli.backends.store import memberships

        with self._writing() as (connection, recorder):
            self._lock(connection, segment_id)
            before = find(connection, SegmentRef(id=segment_id))
            members = memberships.read(connection, segment_id, ignore_progress)
            memberships.delete(connection, segment_id)
            connection.execute("DELETE FROM segment_record WHERE id = ?", [segment_id])
            recorder.segment(before, None)
            recorder.accounts(segment_id, NO_ACCOUNTS, members)

    def add_segment_accounts(self, segment_id: int, accounts: "AccountSet") -> int:
        from segcli.account_set import NO_ACCOUNTS
        from segcli.backends.store import memberships

        require_accounts(accounts)
        with self._writing() as (connection, recorder):
            size = self._lock(connection, segment_id)
            joined = memberships.add(connection, self._database.dialect, size, accounts)
            recorder.accounts(segment_id, joined, NO_ACCOUNTS)
            return len(joined)

    def remove_segment_account(self, segment_id: int, account_id: int) -> None:
        from segcli.account_set import AccountSet

        if not self._remove(segment_id, AccountSet.between(account_id, account_id)):
            raise not_a_member(account_id, f"segment id {segment_id}")

    def remove_segment_accounts(self, segment_id: int, accounts: "AccountSet") -> "AccountSet":
        require_accounts(accounts)
        return accounts - self._remove(segment_id, accounts)

    def peek_segment_accounts(self, segment_id: int) -> "AccountSet":
        return self.get_memberships([segment_id]).of[segment_id]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._recorder is not None:  # part of the one that the caller began
            yield
            return
        from segcli.backends.store.recorder import Recorder

        recorder = Recorder(self._database)
        with self._database.transaction(recorder.was_saved):
            self._recorder = recorder
            try:
                yield
                self._save_changes()
            finally:
                self._recorder = None

    def lock_segments(self, segment_ids: Sequence[int]) -> None:
        lock = self._database.dialect.for_update
        if lock:  # otherwise a transaction locks everything from its start
            from segcli.backends.store import memberships

            with self._writing() as (connection, _):
                for segment_id in sorted(set(segment_ids)):
                    memberships.size(connection, segment_id, lock=lock)

    def record_as(self, origin: "Origin") -> None:
        self._save_changes()
        self._origin = origin

    @cached_property
    def customers(self) -> "Customers":
        from segcli.backends.store.customers import StoreCustomers

        return StoreCustomers(self._database, self._writing)

    @property
    def history(self) -> "History":
        from segcli.backends.store.changes import StoreHistory

        return StoreHistory(self._database)

    @property
    def upkeep(self) -> "Upkeep":
        from segcli.backends.store.upkeep import StoreUpkeep

        return StoreUpkeep(self._database)

    def receive(self, source: Backend) -> "Moved":
        from segcli.backends.store.moving import receive

        return receive(self._database, source)

    def at(self, moment: int) -> Reader:
        from segcli.backends.store.past import PastReader

        return PastReader(self._database, moment)

    def checks(self) -> Sequence[Check]:
        return self._database.checks()

    def cancel(self) -> None:
        """Does nothing: no call waits for anything but a lock, which has its timeout."""

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def _writing(self) -> "Iterator[tuple[Connection, Recorder]]":
        """The connection and the recorder of a transaction."""
        with self.transaction(), self._database.write() as connection:
            if self._recorder is None:
                raise RuntimeError("a transaction has no recorder")
            yield connection, self._recorder

    def _save_changes(self) -> None:
        """Writes the changes of the transaction so far, if there is one."""
        if self._recorder is not None:
            with self._database.write() as connection:
                self._recorder.save(connection, self._origin)

    def _lock(self, connection: "Connection", segment_id: int) -> "Size":
        """Makes other writers of the segment wait, and returns its size. Raises NotFoundError."""
        from segcli.backends.store import memberships

        size = memberships.size(connection, segment_id, lock=self._database.dialect.for_update)
        if size is None:
            raise not_found(SegmentRef(id=segment_id))
        return size

    def _remove(self, segment_id: int, accounts: "AccountSet") -> "AccountSet":
        """Removes accounts and returns those that were members; none if the segment does not exist."""
        from segcli.account_set import NO_ACCOUNTS
        from segcli.backends.store import memberships

        with self._writing() as (connection, recorder):
            try:
                size = self._lock(connection, segment_id)
            except NotFoundError:
                return NO_ACCOUNTS
            left = memberships.remove(connection, self._database.dialect, size, accounts)
            recorder.accounts(segment_id, NO_ACCOUNTS, left)
            return left

    @contextmanager
    def _unique_code(self, draft: SegmentDraft) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not self._database.is_duplicate(error):
                raise
            raise code_taken(draft.code) from error


def _created(connection: "Connection", recorder: "Recorder", segment: Segment) -> Segment:
    """The segment that was inserted, now without accounts and recorded."""
    from segcli.backends.store import memberships

    memberships.create(connection, segment.id)
    recorder.segment(None, segment)
    return segment
