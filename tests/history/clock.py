"""A store whose clock a test sets."""

from segcli.backends.sqlite.connection import Opening
from segcli.backends.sqlite.database import SqliteDatabase
from segcli.backends.store.backend import StoreBackend

START = 1_700_000_000_000_000  # microseconds since 1970 UTC
MILLISECOND = 1_000


class ClockedDatabase(SqliteDatabase):
    """An SQLite store at `time`, in microseconds since 1970 UTC."""

    time = START

    def now(self) -> int:
        return self.time


def open_clocked(path: str) -> tuple[StoreBackend, ClockedDatabase]:
    """A store, and the database that has its clock."""
    database = ClockedDatabase(Opening(path, 10.0, None, lambda _: None, lambda _: None, upgrade=True))
    return StoreBackend(database), database
