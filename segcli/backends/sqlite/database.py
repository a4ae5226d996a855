"""A store in one SQLite file: its connections, transactions and snapshots."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TypeVar

from segcli.backends.base import Check
from segcli.backends.sqlite.connection import (
    Opening,
    open_empty,
    open_existing,
    open_or_create,
    open_unchanged,
)
from segcli.backends.sqlite.dialect import SQLITE
from segcli.backends.sqlite.schema import FORMAT
from segcli.backends.sqlite.store_errors import store_errors
from segcli.backends.sqlite.transactions import Connection, begin_write, commit, require_same_file
from segcli.backends.store.database import Connection as AnyConnection
from segcli.backends.store.rows import now
from segcli.errors import StoreError, StoreLockedError

T = TypeVar("T")


class SqliteDatabase:
    """A store in one file. The first write creates the file if it does not exist."""

    dialect = SQLITE

    def __init__(self, opening: Opening) -> None:
        self.path = opening.path
        self._opening = opening
        self._connection: Connection | None = None
        self._no_store: sqlite3.Connection | None = None  # read if the file does not exist

    @property
    def place(self) -> str:
        return f"sqlite:{self.path}"

    @property
    def in_transaction(self) -> bool:
        return self._connection is not None and self._connection.in_transaction

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            yield self._reader

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        with self._held() as connection, self._errors():
            yield connection

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._held():
            yield

    @contextmanager
    def _held(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            connection = self._reader
            is_inner = connection.in_transaction
            if not is_inner:
                connection.execute("BEGIN")
        try:
            yield connection
        finally:
            if not is_inner:
                with self._errors():
                    connection.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        with self.transaction(), self._errors():
            yield self._writer

    @contextmanager
    def transaction(self, was_saved: object = None) -> Iterator[None]:
        """`was_saved` is not needed: a file answers or fails, but no answer is lost."""
        connection = self._writer
        if connection.in_transaction:
            yield
            return
        with self._errors():
            begin_write(connection, self._opening.timeout)
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

    @contextmanager
    def overwriting(self) -> Iterator[None]:
        with self._errors():
            exists = self._reader is not self._no_store
        if not exists:
            yield
            return
        with self._errors():
            self._writer.execute("PRAGMA secure_delete = ON")
        yield
        try:
            with self._errors():
                # Pages that were freed before still have their content, and so does the log.
                self._writer.execute("VACUUM")
                ((busy, _, _),) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if busy:
                raise StoreLockedError(f"the log of the store {self.path} is in use by another process")
        except StoreError as error:
            raise error.with_context(
                after="the accounts are removed, but the files may still contain them",
                hint="run the same command again",
            ) from error

    def stream(
        self,
        count: Callable[[sqlite3.Connection], int],
        read: Callable[[sqlite3.Connection], Iterator[T]],
    ) -> tuple[int, Iterator[T]]:
        with self._errors():
            connection = self._open_snapshot()
            try:
                number = count(connection)
            except BaseException:
                self._close_snapshot(connection)
                raise
        return number, self._stream(connection, read)

    def now(self) -> int:
        return now()

    def last_id(self, connection: AnyConnection, table: str) -> int:
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
        return 0 if row is None else int(row[0])

    def reserve_ids(self, connection: AnyConnection, table: str, last: int) -> None:
        if last > self.last_id(connection, table):
            connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", [table])
            connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, last])

    @contextmanager
    def without_indexes(self, connection: AnyConnection, indexes: Mapping[str, str]) -> Iterator[None]:
        with self._errors():
            for name in indexes:
                connection.execute(f"DROP INDEX {name}")
        yield
        with self._errors():
            connection.execute("PRAGMA threads = 2")  # that sort: a fifth less time
            for statement in indexes.values():
                connection.execute(statement)

    def is_duplicate(self, error: Exception) -> bool:
        return (
            isinstance(error, sqlite3.IntegrityError)
            and error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_UNIQUE
        )

    def older_format(self) -> int | None:
        with self._errors():
            opened = open_unchanged(self._opening)
            if opened is None:
                return None
            connection, found = opened
            connection.close()
            return found if found < FORMAT else None

    def upgrade(self) -> None:
        with self.read():
            pass  # opening the store converts it

    def checks(self) -> Sequence[Check]:
        return [Check("store", self._check_store), Check("history", self._check_history)]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._no_store is not None:
            self._no_store.close()
            self._no_store = None

    @property
    def _writer(self) -> Connection:
        if self._connection is None:
            with self._errors():
                self._connection = open_or_create(self._opening)
        return self._connection

    @property
    def _reader(self) -> sqlite3.Connection:
        if self._no_store is not None and self._no_store.in_transaction:
            return self._no_store  # it is one state, even if another process creates the store meanwhile
        if self._connection is None:
            self._connection = open_existing(self._opening)
        else:
            require_same_file(self._connection, self.path)
        if self._connection is not None:
            return self._connection
        if self._no_store is None:
            self._no_store = open_empty(self._opening)
        return self._no_store

    def _check_store(self) -> str:
        from segcli.backends.sqlite.check import check_store

        return check_store(self._opening)

    def _check_history(self) -> str:
        from segcli.backends.sqlite.check import check_history

        return check_history(self._opening)

    def _open_snapshot(self) -> sqlite3.Connection:
        """A separate connection, so that our own writes do not affect a stream that is being read.

        Inside a transaction it is the transaction's connection: only that one sees what it wrote.
        """
        if self._connection is not None and self._connection.in_transaction:
            return self._connection
        connection = open_existing(self._opening) or open_empty(self._opening)
        connection.execute("BEGIN")
        return connection

    def _close_snapshot(self, connection: sqlite3.Connection) -> None:
        if connection is not self._connection:
            connection.close()

    def _stream(
        self, connection: sqlite3.Connection, read: Callable[[sqlite3.Connection], Iterator[T]]
    ) -> Iterator[T]:
        """Streams what `read` returns, then closes the connection if `_open_snapshot` opened it."""
        with self._errors():
            try:
                yield from read(connection)
            finally:
                self._close_snapshot(connection)

    def _errors(self) -> AbstractContextManager[None]:
        return store_errors(self.path, self._opening.timeout)
