"""What `doctor` checks of a store: its structure, and every row in the way that the commands read it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from segcli.backends.sqlite.connection import Opening, open_unchanged
from segcli.backends.sqlite.schema import FORMAT, older
from segcli.backends.sqlite.store_errors import damaged, store_errors
from segcli.backends.sqlite.transactions import Connection
from segcli.backends.store.verify import verify
from segcli.backends.store.verify_history import describe, extent, verify_history

_HEADING = "*** in database main ***\n"  # SQLite writes it before some problems


def check_store(opening: Opening) -> str:
    """The state of the store, for people. Raises StoreCorruptError if it is damaged, StoreError.

    A store in an older format is not upgraded. An empty file without a log can be a store that was
    truncated: the text distinguishes it from no file.
    """
    path = opening.path
    with _opened(opening) as opened:
        if opened is None:
            state = "is an empty file" if os.path.exists(path) else "has no data yet"
            return f"{path} {state}; the first write creates the store"
        connection, found = opened
        problem = _problem(connection)
        connection.execute("BEGIN")
        if found < FORMAT:
            older(found).verify(connection)
        else:
            verify(connection)
    if problem is not None:
        raise damaged(path, problem)
    if found < FORMAT:
        return f"{path} is intact; it has format {found}, which the next command that uses it upgrades"
    return f"{path} is intact"


def check_history(opening: Opening) -> str:
    """The extent of the history, for people. Raises StoreCorruptError if it is damaged, StoreError."""
    with _opened(opening) as opened:
        if opened is None:
            return "no changes yet"
        connection, found = opened
        if found < FORMAT:
            return "starts when the store is upgraded"
        connection.execute("BEGIN")
        verify_history(connection)
        return describe(extent(connection))


@contextmanager
def _opened(opening: Opening) -> Iterator[tuple[Connection, int] | None]:
    """A connection to the store and its format; None if it has no data."""
    with store_errors(opening.path, opening.timeout):
        opened = open_unchanged(opening)
        if opened is None:
            yield None
            return
        with closing(opened[0]):
            yield opened


def _problem(connection: sqlite3.Connection) -> str | None:
    """The first problem that SQLite finds."""
    for (problem,) in connection.execute("PRAGMA integrity_check(1)"):
        if problem != "ok":
            return str(problem).removeprefix(_HEADING)
    return None
