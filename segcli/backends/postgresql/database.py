"""A store in a PostgreSQL database: its connection, transactions and snapshots."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

import psycopg2

from segcli.backends.base import Check
from segcli.backends.postgresql import schema
from segcli.backends.postgresql.connection import Alone, Connection
from segcli.backends.postgresql.dialect import POSTGRESQL
from segcli.backends.postgresql.errors import UnknownCommitError, is_node_lost
from segcli.backends.postgresql.link import Link
from segcli.backends.postgresql.server import Server
from segcli.backends.postgresql.wire import Wire, is_lost
from segcli.backends.store.database import Connection as AnyConnection
from segcli.errors import SegcliError, StoreError, UnavailableError

T = TypeVar("T")
_NOW = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint * 1000"
_SEQUENCE = "SELECT pg_get_serial_sequence(?, 'id')"
# One by one they only go forwards, even if another client takes ids at the same time.
_SKIP_IDS = "SELECT count(nextval(pg_get_serial_sequence(?, 'id'))) FROM generate_series(1, ?)"
_SET_ID = "SELECT setval(pg_get_serial_sequence(?, 'id'), ?)"
_MAX_SKIPPED = 1_000_000
_PAUSE = 0.1  # seconds between two attempts to learn whether a transaction was committed


class PostgresqlDatabase:
    """A store in a schema. The first write creates the schema and its tables."""

    dialect = POSTGRESQL

    def __init__(self, server: Server) -> None:
        self._server = server
        self._link = Link(server)
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
        with self._link.errors():
            yield self._connection or Alone(self._link.run_alone)

    @contextmanager
    def snapshot(self) -> Iterator[AnyConnection]:
        with self._held() as connection, self._link.errors():
            yield connection

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._held():
            yield

    @contextmanager
    def write(self) -> Iterator[AnyConnection]:
        with self.transaction(), self._link.errors():
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
        with self._link.errors():
            connection = self._link.begin(write=True)
        self._connection, self._is_writing = connection, True
        try:
            yield
            with self._link.errors():
                self._commit(connection.wire, was_saved)
        except UnavailableError as error:
            self._link.drop(connection.wire)  # the next one may be to another server, which can be written
            if "nothing was changed" in error.message or isinstance(error, UnknownCommitError):
                raise
            raise error.with_context(after="nothing was changed") from error
        except BaseException:
            self._link.roll_back(connection.wire)
            raise
        finally:
            self._connection, self._is_writing = None, False

    @contextmanager
    def overwriting(self) -> Iterator[None]:
        """The tables are written again. Backups, and the log until it is recycled, keep what they have."""
        yield
        with self._link.errors():
            wire = self._link.open()
            if self._link.has_tables(wire):
                schema.rewrite_tables(wire, self._server.schema, self.place)

    def stream(
        self, count: Callable[[AnyConnection], int], read: Callable[[AnyConnection], Iterator[T]]
    ) -> tuple[int, Iterator[T]]:
        with self._link.errors():
            connection = self._connection
            if connection is not None:
                return count(connection), self._guarded(read, connection)
            connection = self._link.begin(write=False)
            self._link.wire = None  # it belongs to the stream; whatever comes meanwhile uses another one
            try:
                number = count(connection)
            except BaseException:
                connection.wire.close()
                raise
        return number, self._stream(connection, read)

    def now(self) -> int:
        with self.read() as connection:
            return int(connection.execute(_NOW).fetchall()[0][0])

    def last_id(self, connection: AnyConnection, table: str) -> int:
        ((sequence,),) = connection.execute(_SEQUENCE, [table]).fetchall()
        ((last, is_used),) = connection.execute(f"SELECT last_value, is_called FROM {sequence}").fetchall()
        return int(last) if is_used else 0

    def reserve_ids(self, connection: AnyConnection, table: str, last: int) -> None:
        missing = last - self.last_id(connection, table)
        if missing > _MAX_SKIPPED:
            connection.execute(_SET_ID, [table, last]).fetchall()
        elif missing > 0:
            connection.execute(_SKIP_IDS, [table, missing]).fetchall()

    def without_indexes(
        self, connection: AnyConnection, indexes: Mapping[str, str]
    ) -> AbstractContextManager[None]:
        """Keeps them: without one, every reader would have to wait for the end of the transaction."""
        return nullcontext()

    def is_duplicate(self, error: Exception) -> bool:
        return isinstance(error, psycopg2.Error) and error.pgcode == "23505"

    def older_format(self) -> int | None:
        with self._link.errors():
            return self._link.older_format()

    def upgrade(self) -> None:
        with self._link.errors():
            self._link.upgrade()

    def checks(self) -> Sequence[Check]:
        return [
            Check("server", self._check_server),
            Check("store", self._check_store),
            Check("history", self._check_history),
        ]

    def close(self) -> None:
        if self._link.wire is not None:
            self._link.wire.close()
            self._link.wire = None

    @property
    def is_distributed(self) -> bool:
        """Whether reads of several statements see the state of several moments, as on Citus."""
        from segcli.backends.postgresql import citus

        with self._link.errors():
            return citus.is_installed(self._link.open())

    @contextmanager
    def _held(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
            return
        with self._link.errors():
            connection = self._link.begin(write=False)
        self._connection = connection
        try:
            yield connection
        finally:
            self._connection = None
            self._link.roll_back(connection.wire)

    def _commit(self, wire: Wire, was_saved: Callable[[AnyConnection], bool] | None) -> None:
        """Commits. If the answer is lost, finds out whether it happened."""
        if wire.failed:
            raise StoreError(f"the store {self.place} failed: a statement was refused")
        try:
            wire.run("COMMIT")
        except psycopg2.Error as error:
            if not is_lost(error, wire) and not is_node_lost(error):
                raise
            self._link.drop(wire)
            if was_saved is None:
                raise UnknownCommitError.at(self.place) from error
            if not self._find_out(was_saved):
                raise

    def _find_out(self, was_saved: Callable[[AnyConnection], bool]) -> bool:
        """Whether the transaction that `was_saved` looks for was committed. Raises UnknownCommitError."""
        deadline = time.monotonic() + self._server.timeout
        while True:
            try:
                with self._link.errors():
                    connection = self._link.begin(write=True)
                    try:
                        return was_saved(connection)
                    finally:
                        self._link.roll_back(connection.wire)
            except SegcliError as error:
                if time.monotonic() + _PAUSE > deadline or not isinstance(error, UnavailableError):
                    raise UnknownCommitError.at(self.place) from error
                time.sleep(_PAUSE)

    def _stream(self, connection: Connection, read: Callable[[AnyConnection], Iterator[T]]) -> Iterator[T]:
        """Streams what `read` returns, then keeps or closes the connection."""
        try:
            yield from self._guarded(read, connection)
        finally:
            self._link.roll_back(connection.wire)
            if self._link.wire is None and not connection.wire.closed:
                self._link.wire = connection.wire
            else:
                connection.wire.close()

    def _guarded(self, read: Callable[[AnyConnection], Iterator[T]], connection: Connection) -> Iterator[T]:
        with self._link.errors():
            yield from read(connection)

    def _check_server(self) -> str:
        from segcli.backends.postgresql.check import check_server

        with self._link.errors():
            return check_server(self._link.open(), self._server)

    def _check_store(self) -> str:
        from segcli.backends.postgresql.check import check_tables

        with self.snapshot() as connection:
            return check_tables(connection, self.place, self._server.schema, exists=self._link.is_checked)

    def _check_history(self) -> str:
        from segcli.backends.postgresql.check import check_history

        with self.snapshot() as connection:
            return check_history(connection, exists=self._link.is_checked)
