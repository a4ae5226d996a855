"""The store's backend on PostgreSQL: what a server that other clients write to adds."""

import os
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from segcli.backends.base import Memberships, ReportProgress, ignore_progress
from segcli.backends.postgresql.errors import StoreConflictError
from segcli.backends.store.backend import StoreBackend
from segcli.errors import StoreCorruptError
from segcli.model import Account, Collection, Segment, SegmentDraft
from segcli.query.tree import SegmentQuery

if TYPE_CHECKING:
    from segcli.account_set import AccountSet
    from segcli.backends.customers import Customers
    from segcli.backends.postgresql.database import PostgresqlDatabase

T = TypeVar("T")
_ATTEMPTS = 10
_PAUSE = 0.05  # seconds at most before the second attempt, and twice as long before each further one


class PostgresqlBackend(StoreBackend):
    """Segments in a database that several hosts share. A single operation that lost a race is run again."""

    in_process = False

    def __init__(self, database: "PostgresqlDatabase") -> None:
        super().__init__(database)
        self._shared = database

    def add_segment(self, draft: SegmentDraft) -> Segment:
        return self._until_done(lambda: super(PostgresqlBackend, self).add_segment(draft))

    def update_segment(self, segment_id: int, draft: SegmentDraft) -> Segment:
        return self._until_done(lambda: super(PostgresqlBackend, self).update_segment(segment_id, draft))

    def delete_segment(self, segment_id: int) -> None:
        self._until_done(lambda: super(PostgresqlBackend, self).delete_segment(segment_id))

    def add_segment_accounts(self, segment_id: int, accounts: "AccountSet") -> int:
        return self._until_done(
            lambda: super(PostgresqlBackend, self).add_segment_accounts(segment_id, accounts)
        )

    def restore_segment(self, segment: Segment) -> Segment:
        """The id is not generated, so the generated ids must continue after it."""

        def restore() -> Segment:
            with self.transaction():
                restored = super(PostgresqlBackend, self).restore_segment(segment)
                with self._database.write() as connection:
                    self._database.reserve_ids(connection, "segment_record", segment.id)
                return restored

        return self._until_done(restore)

    def get_segment_accounts(self, segment_id: int, report: ReportProgress = ignore_progress) -> "AccountSet":
        read = super().get_segment_accounts
        return self._consistent(lambda: read(segment_id, report), [segment_id])

    def get_memberships(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress, *, known: bool = False
    ) -> Memberships:
        read = super().get_memberships
        ids = None if known else segment_ids
        return self._consistent(lambda: read(segment_ids, report, known=known), ids)

    def get_account_segments(self, account_id: int, query: SegmentQuery) -> Collection[Segment]:
        read = super().get_account_segments
        return self._consistent(lambda: read(account_id, query), None)

    def get_accounts(self, query: SegmentQuery) -> Collection[Account]:
        read = super().get_accounts
        return self._consistent(lambda: read(query), None)

    def get_account(self, account_id: int) -> Account:
        read = super().get_account
        return self._consistent(lambda: read(account_id), None)

    @cached_property
    def customers(self) -> "Customers":
        from segcli.backends.postgresql.customers import SharedCustomers

        return SharedCustomers(self._database, self._writing, self._until_done)

    def _consistent(self, read: Callable[[], T], segment_ids: Sequence[int] | None) -> T:
        """What `read` returns. Where its statements can see different states, damage is looked at twice.

        That is in a write transaction, and on Citus. The second time no one else changes the segments,
        which are all of them if `segment_ids` is None.
        """
        try:
            return read()
        except StoreCorruptError:
            if not self._database.in_transaction and not self._shared.is_distributed:
                raise
        with self.transaction():
            if segment_ids is None:
                with self._database.read() as connection:
                    rows = connection.execute("SELECT id FROM segment_record").fetchall()
                segment_ids = [row[0] for row in rows]
            self.lock_segments(segment_ids)
            return read()

    def _remove(self, segment_id: int, accounts: "AccountSet") -> "AccountSet":
        return self._until_done(lambda: super(PostgresqlBackend, self)._remove(segment_id, accounts))

    def _until_done(self, operation: Callable[[], T]) -> T:
        """Runs an operation that is a transaction by itself again if a concurrent one ended it."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return operation()
            except StoreConflictError:
                if self._database.in_transaction or attempt == _ATTEMPTS:
                    raise
                time.sleep(_PAUSE * 2**attempt * os.urandom(1)[0] / 255)
