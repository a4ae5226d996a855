"""A store in a PostgreSQL database: its connection, transactions and snapshots."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TypeVar

import psycopg2

from segcli.backends.base import Check
from segcli.backends.postgresql import schema
from segcli.backends.postgresql.connection import Alone, Connection
from segcli.backends.postgresql.dialect import POSTGRESQL, quoted_name
from segcli.backends.postgresql.errors import UnknownCommitError, rights, store_errors
from segcli.backends.postgresql.server import Server
from segcli.backends.postgresql.wire import Wire, is_lost
from segcli.backends.store.database import Connection as AnyConnection
from segcli.backends.store.database import Rows
from segcli.backends.store.dialect import Parameter
from segcli.errors import SegcliError, StoreError, UnavailableError

T = TypeVar("T")
_NOW = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint * 1000"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_RACES = 20  # creations of the tables by others at the same time
_PAUSE = 0.1  # seconds between two attempts to learn whether a transaction was committed


class PostgresqlDatabase:
    """A store in a schema. The first write creates the schema and its tables."""

    dialect = POSTGRESQL

    def __init__(self, server: Server) -> None:
        self._server = server
        self._wire: Wire | None = None
        self._is_checked = False  # whether the tables exist and have the present format
        self._connection: Connection | None = None  # of a transaction or a snapshot
        self._is_writing = False

    @property
    def place(self) -> str:
        return self._server.place

    @property
    def in_transaction(self) -> bool:
        return self._is_writing

    @contextmanager
    def read(self) -> Iterator[AnyConnection]:
        with self._errors():
            yield self._connection or Alone(self._run_alone)

    @contextmanager
    def snapshot(self) -> Iterator[AnyConnection]:
        with self._held() as connection, self._errors():
            yield connection

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._held():
            yield

    @contextmanager
    def write(self) -> Iterator[AnyConnection]:
        with self.transaction(), self._errors():
            connection = self._connection
            if connection is None:
                raise RuntimeError("a transaction has no connection")
            connection.begin_part()
            try:
                yield connection
            except Exception:
                connection.undo_part()
                raise
            connection.end_part()

    @contextmanager
    def transaction(self, was_saved: Callable[[AnyConnection], bool] | None = None) -> Iterator[None]:
        if self._is_writing:
            yield
            return
        if self._connection is not None:
            raise RuntimeError("a transaction cannot begin within a snapshot")
        with self._errors():
            connection = self._begin(write=True)
        self._connection, self._is_writing = connection, True
        try:
            yield
            with self._errors():
                self._commit(connection.wire, was_saved)
        except UnavailableError as error:
            self._roll_back(connection.wire)
            if "nothing was changed" in error.message or isinstance(error, UnknownCommitError):
                raise
            raise error.with_context(after="nothing was changed") from error
        except BaseException:
            self._roll_back(connection.wire)
            raise
        finally:
            self._connection, self._is_writing = None, False

    def stream(
        self, count: Callable[[AnyConnection], int], read: Callable[[AnyConnection], Iterator[T]]
    ) -> tuple[int, Iterator[T]]:
        with self._errors():
            connection = self._connection
            if connection is not None:
                return count(connection), self._guarded(read, connection)
            connection = self._begin(write=False)
            self._wire = None  # it belongs to the stream; whatever comes meanwhile uses another one
            try:
                number = count(connection)
            except BaseException:
                connection.wire.close()
                raise
        return number, self._stream(connection, read)

    def now(self) -> int:
        with self.read() as connection:
            return int(connection.execute(_NOW).fetchall()[0][0])

    def is_duplicate(self, error: Exception) -> bool:
        return isinstance(error, psycopg2.Error) and error.pgcode == "23505"

    def checks(self) -> Sequence[Check]:
        return [Check("server", self._check_server), Check("store", self._check_store)]

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _run_alone(self, sql: str, parameters: Sequence[Parameter]) -> Rows:
        """One query outside a transaction, sent again if the connection was lost since the last one."""
        for is_last in (False, True):
            wire = self._open()
            try:
                prefix = "" if self._look(wire) else schema.empty_tables()
                return wire.run(prefix + sql, parameters, before=self._settings())
            except psycopg2.Error as error:
                if not is_lost(error, wire):
                    raise
                self._drop(wire)
                if is_last:
                    raise
        raise AssertionError

    @property
    def is_distributed(self) -> bool:
        """Whether reads of several statements see the state of several moments, as on Citus."""
        from segcli.backends.postgresql import citus

        with self._errors():
            return citus.is_installed(self._open())

    def _look(self, wire: Wire) -> bool:
        """Whether the tables exist. Raises StoreError for another format."""
        if not self._is_checked:
            try:
                row = wire.run(schema.READ_FORMAT, before=self._settings()).fetchone()
            except psycopg2.Error as error:
                if error.pgcode not in schema.NO_TABLE:
                    raise
                self._note_empty(wire)
                return False
            schema.check_format(row, self.place)
            self._is_checked = True
        return True

    @contextmanager
    def _held(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
            return
        with self._errors():
            connection = self._begin(write=False)
        self._connection = connection
        try:
            yield connection
        finally:
            self._connection = None
            self._roll_back(connection.wire)

    def _begin(self, *, write: bool) -> Connection:
        """Begins a transaction, on a new connection if the present one was lost."""
        begin = f"{_WRITE if write else _READ}; {self._settings()}"
        for _ in range(_RACES):
            is_new = self._wire is None
            wire = self._open()
            try:
                row = wire.run(begin + schema.READ_FORMAT).fetchone()
            except psycopg2.Error as error:
                if is_lost(error, wire):
                    self._drop(wire)
                    if is_new:
                        raise
                    continue
                self._roll_back(wire)
                if error.pgcode not in schema.NO_TABLE:
                    raise
                schema.require_readable(wire, self._server.schema, self.place)
                if not write:
                    self._note_empty(wire)
                    wire.run(begin + "SELECT 1")
                    return Connection(wire, schema.empty_tables())
                if schema.create(wire, self._server.schema, self.place):
                    self._server.on_note(f"created the store {self.place}")
                continue
            except BaseException:
                self._drop(wire)
                raise
            try:
                schema.check_format(row, self.place)
            except SegcliError:
                self._roll_back(wire)
                raise
            self._is_checked = True
            return Connection(wire)
        raise StoreError(f"the store {self.place} was created and deleted again and again")

    def _commit(self, wire: Wire, was_saved: Callable[[AnyConnection], bool] | None) -> None:
        """Commits. If the answer is lost, finds out whether it happened."""
        if wire.failed:
            raise StoreError(f"the store {self.place} failed: a statement was refused")
        try:
            wire.run("COMMIT")
        except psycopg2.Error as error:
            # A node of Citus that is lost here may have committed: only the change itself tells.
            if not is_lost(error, wire):
                raise
            self._drop(wire)
            if was_saved is None:
                raise UnknownCommitError.at(self.place) from error
            if not self._find_out(was_saved):
                raise

    def _find_out(self, was_saved: Callable[[AnyConnection], bool]) -> bool:
        """Whether the transaction that `was_saved` looks for was committed. Raises UnknownCommitError."""
        deadline = time.monotonic() + self._server.timeout
        while True:
            try:
                with self._errors():
                    connection = self._begin(write=True)
                    try:
                        return was_saved(connection)
                    finally:
                        self._roll_back(connection.wire)
            except SegcliError as error:
                if time.monotonic() + _PAUSE > deadline or not isinstance(error, UnavailableError):
                    raise UnknownCommitError.at(self.place) from error
                time.sleep(_PAUSE)

    def _open(self) -> Wire:
        if self._wire is None or self._wire.closed:
            self._is_checked = False
            self._wire = self._server.connect()
        return self._wire

    def _drop(self, wire: Wire) -> None:
        wire.close()
        if self._wire is wire:
            self._wire = None

    def _roll_back(self, wire: Wire) -> None:
        if not wire.closed:
            with suppress(psycopg2.Error):
                if wire.info.transaction_status != 0:
                    wire.run("ROLLBACK")
                return
        self._drop(wire)

    def _stream(self, connection: Connection, read: Callable[[AnyConnection], Iterator[T]]) -> Iterator[T]:
        """Streams what `read` returns, then keeps or closes the connection."""
        try:
            yield from self._guarded(read, connection)
        finally:
            self._roll_back(connection.wire)
            if self._wire is None and not connection.wire.closed:
                self._wire = connection.wire
            else:
                connection.wire.close()

    def _guarded(self, read: Callable[[AnyConnection], Iterator[T]], connection: Connection) -> Iterator[T]:
        with self._errors():
            yield from read(connection)

    def _note_empty(self, wire: Wire) -> None:
        schema.require_readable(wire, self._server.schema, self.place)
        self._server.on_note(f"there is no store at {self.place} yet; the first write creates it")

    def _settings(self) -> str:
        """Statements that apply to one transaction: nothing is left behind for a pool's next client."""
        milliseconds = max(1, int(self._server.timeout * 1000))
        return (
            f"SET LOCAL search_path TO {quoted_name(self._server.schema)};"
            f" SET LOCAL lock_timeout TO {milliseconds}; "
        )

    def _check_server(self) -> str:
        from segcli.backends.postgresql.check import check_server

        with self._errors():
            return check_server(self._open(), self._server)

    def _check_store(self) -> str:
        from segcli.backends.postgresql.check import check_tables

        with self.snapshot() as connection:
            return check_tables(connection, self.place, self._server.schema, exists=self._is_checked)

    def _errors(self) -> AbstractContextManager[None]:
        grants = rights(self._server.schema, self._server.role)
        return store_errors(self.place, self._server.timeout, grants)
