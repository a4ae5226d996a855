"""The resource on a local SQLite file, with the behavior that it has on the platform."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from typing import Any, TypeVar

from segcli.account_set import AccountSet
from segcli.backends.base import (
    Check,
    Codes,
    ReportProgress,
    Segments,
    checked_draft,
    code_taken,
    ignore_progress,
    not_a_member,
    not_found,
    require_accounts,
)
from segcli.backends.sqlite.connection import (
    Connection,
    begin_write,
    commit,
    open_empty,
    open_existing,
    open_or_create,
    require_same_file,
)
from segcli.backends.sqlite.rows import actor, now, require_text, segment_of
from segcli.backends.sqlite.statements import SEGMENT_COLUMNS, after_prefix, order_by, where
from segcli.backends.sqlite.store_errors import store_errors
from segcli.model import Account, Collection, Segment, SegmentDraft, SegmentRef
from segcli.query.tree import SegmentQuery
from segcli.text import find_surrogate

T = TypeVar("T")
_IN_ACCOUNT = "id IN (SELECT segment_id FROM segment_account WHERE account_id = ?)"


class SqliteBackend:
    """Segments in one SQLite file. The first write creates the file if it does not exist."""

    atomic = True
    reads_are_local = True
    retries = 0

    def __init__(self, path: str, *, timeout: float, trace: Callable[[str], None] | None = None) -> None:
        """`timeout` is how many seconds to wait for other writers; `trace` receives every statement."""
        self.path = os.path.abspath(os.path.expanduser(path))
        self._timeout = timeout
        self._trace = trace
        self._connection: Connection | None = None

    @property
    def place(self) -> str:
        return f"sqlite:{self.path}"

    def get_segments(self, query: SegmentQuery) -> Collection[Segment]:
        return self._page("TRUE", [], query)

    def get_account_segments(self, account_id: int, query: SegmentQuery) -> Collection[Segment]:
        return self._page(_IN_ACCOUNT, [account_id], query)

    def get_accounts(self, query: SegmentQuery) -> Collection[Account]:
        from segcli.backends.sqlite.accounts import read_accounts

        with self._errors(), self._one_snapshot() as connection:
            return read_accounts(connection, query)

    def get_segment(self, segment_id: int) -> Segment:
        return self.find_segment(SegmentRef(id=segment_id))

    def find_segment(self, ref: SegmentRef) -> Segment:
        column, value = ("id", ref.id) if ref.code is None else ("code", ref.code)
        if ref.code is not None and find_surrogate(ref.code) is not None:
            raise not_found(ref)
        with self._errors():
            row = self._reader.execute(
                f"SELECT {SEGMENT_COLUMNS} FROM segment WHERE {column} = ?", [value]
            ).fetchone()
            if row is None:
                raise not_found(ref)
            return segment_of(row)

    def add_segment(self, draft: SegmentDraft) -> Segment:
        checked_draft(draft)
        date, user = now(), actor()
        with self.transaction(), self._errors(), _unique_code(draft):
            row = self._writer.execute(
                "INSERT INTO segment"
                " (code, name, description, create_date, update_date, create_by, update_by)"
                f" VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING {SEGMENT_COLUMNS}",
                [*draft, date, date, user, user],
            ).fetchone()
            return segment_of(row)

    def update_segment(self, segment_id: int, draft: SegmentDraft) -> Segment:
        checked_draft(draft, lambda: self.get_segment(segment_id).code)
        with self.transaction(), self._errors(), _unique_code(draft):
            row = self._writer.execute(
                "UPDATE segment SET code = ?, name = ?, description = ?, update_date = ?,"
                f" update_by = ? WHERE id = ? RETURNING {SEGMENT_COLUMNS}",
                [*draft, now(), actor(), segment_id],
            ).fetchone()
            if row is None:
                raise not_found(SegmentRef(id=segment_id))
            return segment_of(row)

    def delete_segment(self, segment_id: int) -> None:
        with self.transaction(), self._errors():
            self._writer.execute("DELETE FROM segment_account WHERE segment_id = ?", [segment_id])
            cursor = self._writer.execute("DELETE FROM segment WHERE id = ?", [segment_id])
        if cursor.rowcount == 0:
            raise not_found(SegmentRef(id=segment_id))

    def add_segment_accounts(self, segment_id: int, accounts: AccountSet) -> int:
        from segcli.backends.sqlite.accounts import add_accounts

        require_accounts(accounts)
        with self.transaction():
            self.get_segment(segment_id)
            with self._errors():
                added = add_accounts(self._writer, segment_id, accounts)
        return added

    def remove_segment_account(self, segment_id: int, account_id: int) -> None:
        with self.transaction(), self._errors():
            cursor = self._writer.execute(
                "DELETE FROM segment_account WHERE segment_id = ? AND account_id = ?",
                [segment_id, account_id],
            )
        if cursor.rowcount == 0:
            raise not_a_member(account_id, f"segment id {segment_id}")

    def remove_segment_accounts(self, segment_id: int, accounts: AccountSet) -> AccountSet:
        from segcli.backends.sqlite.accounts import remove_accounts

        require_accounts(accounts)
        with self.transaction(), self._errors():
            not_members = remove_accounts(self._writer, segment_id, accounts)
        return AccountSet(not_members)

    def iter_segments(self, query: SegmentQuery, limit: int | None = None) -> Segments:
        condition, values = where(query.filter)
        with self._errors():
            connection = self._snapshot()
            total = _count(connection, condition, values)
        sql = (
            f"SELECT {SEGMENT_COLUMNS} FROM segment WHERE {condition}"
            f" ORDER BY {order_by(query.sort)} LIMIT ? OFFSET ?"
        )
        values += [-1 if limit is None else limit, query.start_index]
        items = self._stream(connection, lambda: map(segment_of, connection.execute(sql, values)))
        return Segments(total, items)

    def codes(self, prefix: str, limit: int) -> Codes:
        # Only reads the index of codes; a filter would fold the case of every code.
        if find_surrogate(prefix) is not None:
            return Codes([], complete=True)
        end = after_prefix(prefix)
        with self._errors():
            rows = self._reader.execute(
                f"SELECT code FROM segment WHERE code >= ? {'AND code < ?' if end else ''}"
                " ORDER BY code LIMIT ?",
                [prefix, *([end] if end else []), limit + 1],
            ).fetchall()
            found = [require_text(code) for (code,) in rows[:limit]]
        return Codes(found, complete=len(rows) <= limit)

    def get_segment_accounts(self, segment_id: int, report: ReportProgress = ignore_progress) -> AccountSet:
        from segcli.backends.sqlite.accounts import read_id_blocks

        self.get_segment(segment_id)
        with self._errors():
            connection = self._snapshot()
        blocks = self._stream(connection, lambda: read_id_blocks(connection, segment_id))
        return AccountSet(int(line) for block in blocks for line in block.split())

    def count_segment_accounts(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress
    ) -> Mapping[int, int]:
        with self._errors():
            return {
                segment_id: self._reader.execute(
                    "SELECT count(*) FROM segment_account WHERE segment_id = ?", [segment_id]
                ).fetchone()[0]
                for segment_id in segment_ids
            }

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One write transaction; inside another one it is part of it. Raises StoreError."""
        connection = self._writer
        if connection.in_transaction:
            yield
            return
        with self._errors():
            begin_write(connection, self._timeout)
        try:
            yield
            with self._errors():
                commit(connection, self.path)
        except BaseException:
            # SQLite may already have rolled back by itself, if the disk is full. If this fails, closing the
            # connection rolls back.
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise

    def checks(self) -> Sequence[Check]:
        return [Check("store", self._check_store)]

    def cancel(self) -> None:
        """Does nothing: no call waits for anything but SQLite's lock, which has its timeout."""

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _writer(self) -> Connection:
        if self._connection is None:
            with self._errors():
                self._connection = open_or_create(self.path, self._timeout, self._trace)
        return self._connection

    @property
    def _reader(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_existing(self.path, self._timeout, self._trace)
        else:
            require_same_file(self._connection, self.path)
        return self._connection or self._empty

    @cached_property
    def _empty(self) -> sqlite3.Connection:
        return open_empty()

    def _check_store(self) -> str:
        from segcli.backends.sqlite.check import check_store

        return check_store(self.path, self._timeout, self._trace)

    def _snapshot(self) -> sqlite3.Connection:
        """A separate connection, so that our own writes do not affect a stream that is being read.

        Inside a transaction it is the transaction's connection: only that one sees what it wrote.
        """
        if self._connection is not None and self._connection.in_transaction:
            return self._connection
        connection = open_existing(self.path, self._timeout, self._trace) or open_empty()
        connection.execute("BEGIN")
        return connection

    def _stream(self, connection: sqlite3.Connection, read: Callable[[], Iterator[T]]) -> Iterator[T]:
        """Streams what `read` returns, then closes the connection if `_snapshot` opened it."""
        with self._errors():
            try:
                yield from read()
            finally:
                if connection is not self._connection:
                    connection.close()

    def _page(self, scope: str, scope_values: list[Any], query: SegmentQuery) -> Collection[Segment]:
        condition, values = where(query.filter)
        condition, values = f"{scope} AND {condition}", [*scope_values, *values]
        with self._errors(), self._one_snapshot() as connection:
            total = _count(connection, condition, values)
            rows = connection.execute(
                f"SELECT {SEGMENT_COLUMNS} FROM segment WHERE {condition}"
                f" ORDER BY {order_by(query.sort)} LIMIT ? OFFSET ?",
                [*values, query.page_size, query.start_index],
            ).fetchall()
            items = tuple(map(segment_of, rows))
        return Collection(query.start_index, query.page_size, total, items)

    @contextmanager
    def _one_snapshot(self) -> Iterator[sqlite3.Connection]:
        """The reader in a read transaction: every statement in the block sees the same state."""
        connection = self._reader
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    def _errors(self) -> AbstractContextManager[None]:
        return store_errors(self.path, self._timeout)


def _count(connection: sqlite3.Connection, condition: str, values: list[Any]) -> int:
    row = connection.execute(f"SELECT count(*) FROM segment WHERE {condition}", values).fetchone()
    return int(row[0])


@contextmanager
def _unique_code(draft: SegmentDraft) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            raise
        raise code_taken(draft.code) from error
