"""What `doctor` checks of a store: its structure, and every row in the way that the commands read it."""

import os
import sqlite3
from contextlib import closing

from segcli.backends.sqlite.connection import Opening, open_existing
from segcli.backends.sqlite.store_errors import damaged, store_errors
from segcli.backends.store.verify import verify


def check_store(opening: Opening) -> str:
    """The state of the store, for people. Raises StoreCorruptError if it is damaged, StoreError.

    An empty file without a log can be a store that was truncated: the text distinguishes it from no file.
    """
    path = opening.path
    with store_errors(path, opening.timeout):
        connection = open_existing(opening)
        if connection is None:
            state = "is an empty file" if os.path.exists(path) else "has no data yet"
            return f"{path} {state}; the first write creates the store"
        with closing(connection):
            problem = _problem(connection)
            connection.execute("BEGIN")
            verify(connection)
    if problem is not None:
        raise damaged(path, problem)
    return f"{path} is intact"


def _problem(connection: sqlite3.Connection) -> str | None:
    """The first problem that SQLite finds."""
    for (problem,) in connection.execute("PRAGMA integrity_check(1)"):
        if problem != "ok":
            return str(problem)
    return None
