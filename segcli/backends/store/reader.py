"""Reads of the resource on an SQL database."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

from segcli.backends.base import (
    Codes,
    Memberships,
    ReportProgress,
    Segments,
    ignore_progress,
)
from segcli.backends.store.dialect import Parameter
from segcli.backends.store.rows import find, require_text, segment_of
from segcli.backends.store.statements import (
    SEGMENT_COLUMNS,
    after_prefix,
    order_by,
    where,
)
from segcli.model import Account, Collection, Segment, SegmentRef
from segcli.query.tree import SegmentQuery
from segcli.text import find_surrogate

if TYPE_CHECKING:
    from segcli.account_set import AccountSet
    from segcli.backends.store.accounts import KnownAccounts
    from segcli.backends.store.database import Connection, Database

_NO_LIMIT = 2**63 - 1  # rows


class StoreReader:
    """The reads of a store."""

    atomic = True
    reads_are_local = True
    retries = 0

    def __init__(self, database: "Database") -> None:
        self._database = database

    @property
    def place(self) -> str:
        return self._database.place

    def get_segments(self, query: SegmentQuery) -> Collection[Segment]:
        with self._database.read() as connection:
            return self._page(connection, query)

    def get_account_segments(self, account_id: int, query: SegmentQuery) -> Collection[Segment]:
        from segcli.backends.store import blocks, memberships

        dialect = self._database.dialect
        with self._database.snapshot() as connection:
            members = memberships.read_blocks(connection, dialect, [account_id >> blocks.BITS])
            ids = [segment_id for segment_id, accounts in members if account_id in accounts]
            scope, values = f"id {dialect.in_list}", [dialect.to_list(ids)]
            if _count(connection, scope, values) != len(ids):
                raise ValueError(f"account {account_id} is in a segment that does not exist")
            return self._page(connection, query, scope, values)

    def get_accounts(self, query: SegmentQuery) -> Collection[Account]:
        from segcli.backends.store.accounts import read_page

        known = self._known_accounts
        with self._database.snapshot() as connection:
            return read_page(connection, self._database.dialect, known, query)

    def get_account(self, account_id: int) -> Account:
        from segcli.backends.store.accounts import read_account

        with self._database.snapshot() as connection:
            return read_account(connection, self._database.dialect, account_id)

    def get_segment(self, segment_id: int) -> Segment:
        return self.find_segment(SegmentRef(id=segment_id))

    def find_segment(self, ref: SegmentRef) -> Segment:
        with self._database.read() as connection:
            return find(connection, ref)

    def iter_segments(self, query: SegmentQuery, limit: int | None = None) -> Segments:
        condition, values = where(query.filter, self._database.dialect)
        sql = (
            f"SELECT {SEGMENT_COLUMNS} FROM segment_record WHERE {condition}"
            f" ORDER BY {order_by(query.sort)} LIMIT ? OFFSET ?"
        )
        page = [*values, _NO_LIMIT if limit is None else limit, query.start_index]
        total, items = self._database.stream(
            lambda connection: _count(connection, condition, values),
            lambda connection: map(segment_of, connection.execute(sql, page)),
        )
        return Segments(total, items)

    def codes(self, prefix: str, limit: int) -> Codes:
        # Only reads the index of codes; a filter would compare without case.
        if find_surrogate(prefix) is not None:
            return Codes([], complete=True, names={})
        end = after_prefix(prefix)
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT code, name FROM segment_record WHERE code >= ? {'AND code < ?' if end else ''}"
                " ORDER BY code LIMIT ?",
                [prefix, *([end] if end else []), limit + 1],
            ).fetchall()
            found = [require_text(code) for code, _ in rows[:limit]]
            names = {code: require_text(name) for code, name in rows[:limit] if name is not None}
        return Codes(found, complete=len(rows) <= limit, names=names)

    def get_segment_accounts(self, segment_id: int, report: ReportProgress = ignore_progress) -> "AccountSet":
        from segcli.backends.store import memberships

        with self._database.snapshot() as connection:
            find(connection, SegmentRef(id=segment_id))
            return memberships.read(connection, segment_id, report)

    def get_memberships(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress, *, known: bool = False
    ) -> Memberships:
        from segcli.backends.store import memberships

        kept = self._known_accounts if known else None
        with self._database.snapshot() as connection:
            accounts = {each: memberships.read(connection, each, report) for each in segment_ids}
            return Memberships(accounts, kept.read(connection, self._database.dialect) if kept else None)

    def count_segment_accounts(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress
    ) -> Mapping[int, int]:
        from segcli.backends.store import memberships

        with self._database.snapshot() as connection:
            found = memberships.sizes(connection, self._database.dialect, segment_ids)
        return dict.fromkeys(segment_ids, 0) | found

    def snapshot(self) -> AbstractContextManager[None]:
        return self._database.hold()

    @property
    def _known_accounts(self) -> "KnownAccounts":
        """What was read for earlier pages; nothing in a transaction, because that may be rolled back."""
        from segcli.backends.store.accounts import KnownAccounts

        return KnownAccounts() if self._database.in_transaction else self._kept_accounts

    @cached_property
    def _kept_accounts(self) -> "KnownAccounts":
        from segcli.backends.store.accounts import KnownAccounts

        return KnownAccounts()

    def _page(
        self,
        connection: "Connection",
        query: SegmentQuery,
        scope: str = "TRUE",
        scope_values: Sequence[Parameter] = (),
    ) -> Collection[Segment]:
        condition, values = where(query.filter, self._database.dialect)
        condition, values = f"{scope} AND {condition}", [*scope_values, *values]
        order = order_by(query.sort)
        # One statement sees one state, also without a transaction. It has a row even if the page has none.
        rows = connection.execute(
            f"SELECT total, {SEGMENT_COLUMNS}"
            f" FROM (SELECT count(*) AS total FROM segment_record WHERE {condition}) AS counted"
            f" LEFT JOIN (SELECT id AS page_id FROM segment_record WHERE {condition}"
            f" ORDER BY {order} LIMIT ? OFFSET ?) AS page ON TRUE"
            f" LEFT JOIN segment_record ON id = page_id ORDER BY {order}",
            [*values, *values, query.page_size, query.start_index],
        ).fetchall()
        items = () if rows[0][1] is None else tuple(segment_of(row[1:]) for row in rows)
        return Collection(query.start_index, query.page_size, rows[0][0], items)


def _count(connection: "Connection", condition: str, values: Sequence[Parameter]) -> int:
    rows = connection.execute(f"SELECT count(*) FROM segment_record WHERE {condition}", values)
    return int(rows.fetchall()[0][0])
