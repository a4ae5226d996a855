"""What `doctor` checks of a store: its structure, and every row in the way that the commands read it."""

import os
import sqlite3
from contextlib import closing

from segcli.backends.sqlite.accounts import read_id_blocks
from segcli.backends.sqlite.connection import Trace, open_existing
from segcli.backends.sqlite.rows import segment_of
from segcli.backends.sqlite.statements import SEGMENT_COLUMNS
from segcli.backends.sqlite.store_errors import damaged, store_errors


def check_store(path: str, timeout: float, trace: Trace | None) -> str:
    """The state of the store at `path`, for people. Raises StoreCorruptError if it is damaged, StoreError.

    An empty file without a log can be a store that was truncated: the text distinguishes it from no file.
    """
    with store_errors(path, timeout):
        connection = open_existing(path, timeout, trace)
        if connection is None:
            state = "is an empty file" if os.path.exists(path) else "has no data yet"
            return f"{path} {state}; the first write creates the store"
        with closing(connection):
            problem = _problem(connection)
            _read_rows(connection)
    if problem is not None:
        raise damaged(path, problem)
    return f"{path} is intact"


def _problem(connection: sqlite3.Connection) -> str | None:
    """The first problem that SQLite finds."""
    for (problem,) in connection.execute("PRAGMA integrity_check(1)"):
        if problem != "ok":
            return str(problem)
    for table, *_ in connection.execute("PRAGMA foreign_key_check"):
        return f"a row of table {table} refers to a row that does not exist"
    return None


def _read_rows(connection: sqlite3.Connection) -> None:
    """Raises what reading a damaged row raises."""
    connection.execute("BEGIN")
    for row in connection.execute(f"SELECT {SEGMENT_COLUMNS} FROM segment"):
        for _ in read_id_blocks(connection, segment_of(row).id):
            pass
