"""A store whose clock a test sets."""

from segcli.backends.postgresql.backend import PostgresqlBackend
from segcli.backends.postgresql.database import PostgresqlDatabase
from segcli.backends.postgresql.server import Server
from segcli.backends.sqlite.connection import Opening
from segcli.backends.sqlite.database import SqliteDatabase
from segcli.backends.store.backend import StoreBackend
from segcli.backends.target import BackendTarget

START = 1_700_000_000_000_000  # microseconds since 1970 UTC
MILLISECOND = 1_000


class ClockedDatabase(SqliteDatabase):
    """An SQLite store at `time`, in microseconds since 1970 UTC."""

    time = START

    def now(self) -> int:
        return self.time


class ClockedServer(PostgresqlDatabase):
    """A shared store at `time`, in microseconds since 1970 UTC."""

    time = START

    def now(self) -> int:
        return self.time


def open_clocked(path: str) -> tuple[StoreBackend, ClockedDatabase]:
    """A store, and the database that has its clock."""
    database = ClockedDatabase(Opening(path, 10.0, None, lambda _: None, lambda _: None, upgrade=True))
    return StoreBackend(database), database


def open_clocked_server(url: str) -> tuple[StoreBackend, ClockedServer]:
    """The same for a shared store."""
    database = ClockedServer(Server(BackendTarget(url, 30)))
    return PostgresqlBackend(database), database
