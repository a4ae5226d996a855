"""Begins and commits write transactions, and detects that the file was moved or replaced."""

import os
import sqlite3
import time
from collections.abc import Callable
from typing import TypeAlias

from segcli.errors import StoreError

Identity: TypeAlias = tuple[int, int]  # of a file: its device and inode
_WAIT_STEP = 100  # milliseconds


class Connection(sqlite3.Connection):
    """A connection that knows which file it was opened for; None if it is in memory."""

    identity: Identity | None = None


def _ignore_wait() -> None:
    """Reports nothing."""


def begin_write(
    connection: sqlite3.Connection, timeout: float, on_wait: Callable[[], None] = _ignore_wait
) -> None:
    """BEGIN IMMEDIATE, waiting `timeout` seconds for other writers; Ctrl-C ends the wait at once.

    SQLite does not notice Ctrl-C before its own wait is over, so this waits in short steps, and calls
    `on_wait` after each.
    """
    deadline = time.monotonic() + timeout
    connection.execute(f"PRAGMA busy_timeout = {min(_WAIT_STEP, int(timeout * 1000))}")
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            on_wait()
    connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")


def commit(connection: Connection, path: str) -> None:
    """COMMIT if the open file is still the one at `path`. Raises StoreError."""
    require_same_file(connection, path)
    connection.execute("COMMIT")


def require_same_file(connection: Connection, path: str) -> None:
    """Raises StoreError unless the open file is the one at `path`.

    SQLite would go on using a file that was moved or deleted, and the next command would not find it.
    """
    try:
        found = identity_of(os.stat(path))
    except FileNotFoundError:
        found = None
    if found != connection.identity:
        happened = "was moved or deleted" if found is None else "was replaced by another file"
        raise StoreError(
            f"the store {path} {happened} while it was open",
            hint="put the file back, or run the command again to use what is there now",
        )


def identity_of(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def is_busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
