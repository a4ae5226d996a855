"""What `doctor` checks of a store: its structure, and every row in the way that the commands read it."""

import os
import sqlite3
from contextlib import closing

from segcli.backends.sqlite.connection import Opening, open_unchanged
from segcli.backends.sqlite.schema import FORMAT, older
from segcli.backends.sqlite.store_errors import damaged, store_errors
from segcli.backends.store.verify import verify

_HEADING = "*** in database main ***\n"  # SQLite writes it before some problems


def check_store(opening: Opening) -> str:
    """The state of the store, for people. Raises StoreCorruptError if it is damaged, StoreError.

    A store in an older format is not upgraded. An empty file without a log can be a store that was
    truncated: the text distinguishes it from no file.
    """
    path = opening.path
    with store_errors(path, opening.timeout):
        opened = open_unchanged(opening)
        if opened is None:
            state = "is an empty file" if os.path.exists(path) else "has no data yet"
            return f"{path} {state}; the first write creates the store"
        connection, found = opened
        with closing(connection):
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


def _problem(connection: sqlite3.Connection) -> str | None:
    """The first problem that SQLite finds."""
    for (problem,) in connection.execute("PRAGMA integrity_check(1)"):
        if problem != "ok":
            return str(problem).removeprefix(_HEADING)
    return None
