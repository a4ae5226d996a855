"""Which format a store has, how a store is recognized, and the migration to the present format."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Protocol, cast

from segcli.backends.sqlite.store_errors import damaged, store_errors
from segcli.backends.sqlite.transactions import Connection, begin_write, commit, is_busy
from segcli.errors import (
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    StoreNewerError,
    StoreUncertainError,
)

# "segc" in ASCII: distinguishes a store from other SQLite databases.
APPLICATION_ID = 0x73656763
FORMAT = 2
# The module of each older format.
_UPGRADES = {1: "segcli.backends.sqlite.format_1"}

Notify = Callable[[str | None], None]  # receives what is happening, about once a second, and None at its end


class OlderFormat(Protocol):
    """What the module of an older format must define; both raise TypeError or ValueError for damage."""

    def convert(self, connection: sqlite3.Connection, path: str, notify: Notify) -> None:
        """Converts the store to the next format, within a transaction. Raises StoreFullError."""

    def verify(self, connection: sqlite3.Connection) -> None:
        """Checks that the store can be converted."""


# One statement, and so one state: another process may be creating the store at this moment.
STATE = """
    SELECT
        (SELECT user_version FROM pragma_user_version),
        (SELECT application_id FROM pragma_application_id),
        (SELECT count(*) FROM sqlite_schema)
"""


def format_of(connection: sqlite3.Connection, path: str) -> int:
    """The format of the store, 0 for an empty database.

    Raises StoreNewerError, or StoreCorruptError if the database is not a store.
    """
    version, application, objects = connection.execute(STATE).fetchone()
    if application != APPLICATION_ID and objects:
        raise StoreCorruptError(
            f"{path} is an SQLite database, but not a store of segments",
            hint="use another file with --backend sqlite:PATH",
        )
    if version > FORMAT:
        raise StoreNewerError(
            f"{path} was written by a newer segcli (store version {version}, supported: {FORMAT})",
            hint="upgrade segcli: pipx upgrade segcli",
        )
    if version < 1 and objects:
        raise damaged(path, f"its format is {version}")
    return int(version)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the database has no tables, as a new or empty file."""
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def create(connection: sqlite3.Connection) -> None:
    """Creates the tables in an empty database."""
    from segcli.backends.store.tables import Types, create_tables

    # AUTOINCREMENT prevents the id of a deleted segment from being used again (contract, "Model").
    types = Types(
        id="INTEGER PRIMARY KEY AUTOINCREMENT",
        integer="INTEGER",
        text="TEXT",
        blob="BLOB",
        options="STRICT",
        clustered="STRICT, WITHOUT ROWID",
    )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in create_tables(types):
        connection.execute(statement)


def _ignore(message: str | None) -> None:
    """Reports nothing."""


def migrate(connection: Connection, path: str, timeout: float, notify: Notify) -> None:
    """Creates the tables, or converts an older format, in one transaction.

    `timeout` is how many seconds to wait for another process that does it. Raises StoreError.
    """
    if is_empty(connection):
        notify = _ignore
    waiting = f"the store {path} is being upgraded by another process"
    try:
        try:
            begin_write(connection, timeout, lambda: notify(waiting))
        except sqlite3.OperationalError as error:
            if not is_busy(error) or notify is _ignore:
                raise
            raise StoreLockedError(
                f"the store {path} is locked: another process has been upgrading it, or writing, for"
                f" {timeout:g} s",
                hint="try again, or wait longer with --timeout SECONDS",
            ) from error
        # Read again now that nobody else can write: another process may have been faster.
        found = format_of(connection, path)
        if is_empty(connection):
            create(connection)
            _finish(connection, path)
        elif found < FORMAT:
            with _not_upgraded(path, timeout):
                for version in range(found, FORMAT):
                    older(version).convert(connection, path, notify)
                _finish(connection, path)
        else:
            connection.execute("ROLLBACK")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        notify(None)
    if 0 < found < FORMAT:
        _release_space(connection)


def older(version: int) -> OlderFormat:
    """How to check and convert stores in an older format; loaded only if it is needed."""
    return cast(OlderFormat, import_module(_UPGRADES[version]))


def _finish(connection: Connection, path: str) -> None:
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    commit(connection, path)


@contextmanager
def _not_upgraded(path: str, timeout: float) -> Iterator[None]:
    """An error says that the store is as it was."""
    try:
        with store_errors(path, timeout):
            yield
    except StoreUncertainError:
        raise
    except StoreError as error:
        raise error.with_context(after="it was not upgraded") from error


def _release_space(connection: sqlite3.Connection) -> None:
    """VACUUM, if more than half of the file is free; another process that writes may prevent that."""
    pages, free = connection.execute(
        "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count"
    ).fetchone()
    if free > pages / 2:
        with suppress(sqlite3.OperationalError):
            connection.execute("VACUUM")
