"""Opening a store's file, and telling SQLite's failures in words that say what to do."""

import errno
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from segcli.backends.sqlite import schema
from segcli.errors import StoreCorruptError, StoreError, StoreFullError, StoreLockedError
from segcli.paths import make_private_folder
from segcli.text import fold

Trace = Callable[[str], None]

_SMALLEST = 512  # bytes; SQLite takes any smaller file for an empty database, and would write over it
_TURN = 100  # milliseconds
_LITTLE_ROOM = 65_536  # bytes; a disk with less can no longer take the index of a write-ahead log


def open_existing(path: str, timeout: float, trace: Trace | None) -> sqlite3.Connection | None:
    """A connection to the store at `path`; None where there is none, or only an empty file.

    `timeout` is how many seconds to wait for other writers. Raises StoreError.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise StoreError(f"{path} is no file", hint="name another file with --backend sqlite:PATH")
    # SQLite would read a file that it may not write, and leave a log beside it that nobody may write.
    if not os.access(path, os.R_OK | os.W_OK):
        raise _not_writable(path)
    if 0 < status.st_size < _SMALLEST and stat.S_ISREG(status.st_mode):
        raise _no_database(path)
    connection = _connect(path, timeout, trace)
    try:
        if not schema.is_current(connection, path):
            if schema.is_empty(connection):
                connection.close()
                return None
            schema.migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_or_create(path: str, timeout: float, trace: Trace | None) -> sqlite3.Connection:
    """A connection to the store at `path`, made first where there is none. Raises StoreError.

    The file is readable by its owner alone from its first byte, and so is a folder made for it.
    """
    connection = open_existing(path, timeout, trace)
    if connection is not None:
        return connection
    make_private_folder(os.path.dirname(path))
    # Only a new file is opened here: to close one that SQLite has open would let go of its locks.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    connection = _connect(path, timeout, trace)
    try:
        _use_wal(connection, timeout)
        schema.migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_empty() -> sqlite3.Connection:
    """A store in memory, which answers as one that holds nothing."""
    connection = _connect(":memory:", 0, None)
    schema.migrate(connection, ":memory:")
    return connection


def _connect(path: str, timeout: float, trace: Trace | None) -> sqlite3.Connection:
    # A server's thread uses its own connection alone, but its last one closes them all.
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    connection.create_function(
        "fold", 1, lambda text: None if text is None else fold(text), deterministic=True
    )
    if trace:
        connection.set_trace_callback(trace)
    # Memberships are added and segments deleted by one statement each of ours, which see to it in their
    # transaction that none refers to nothing; SQLite would look the segment up again for each account.
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection


def begin_write(connection: sqlite3.Connection, timeout: float) -> None:
    """BEGIN IMMEDIATE, waiting `timeout` seconds for other writers; Ctrl-C ends the wait at once.

    SQLite alone would not notice Ctrl-C before its own wait is over: so it waits in short turns.
    """
    deadline = time.monotonic() + timeout
    connection.execute(f"PRAGMA busy_timeout = {min(_TURN, int(timeout * 1000))}")
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
    connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")


def _is_busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _use_wal(connection: sqlite3.Connection, timeout: float) -> None:
    # SQLite answers "locked" to this pragma at once, without the busy timeout, where two
    # processes make the same store: so we wait ourselves.
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@contextmanager
def store_errors(path: str, timeout: float) -> Iterator[None]:
    """Raises what SQLite or the file system reports inside as a StoreError about `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(error, path, timeout) from error
    except OSError as error:
        raise StoreError(
            f"the store {path} cannot be made: {error.strerror}",
            hint="name another file with --backend sqlite:PATH",
        ) from error


def _store_error(error: sqlite3.Error, path: str, timeout: float) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLockedError(
            f"the store {path} is locked: another process has been writing for {timeout:g} s",
            hint="try again, or wait longer with --timeout SECONDS",
        )
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path)):
        return StoreFullError(
            f"no room for the store {path}: the disk is full",
            hint="free some space and run the command again",
        )
    if code == sqlite3.SQLITE_NOTADB:
        return _no_database(path)
    if code == sqlite3.SQLITE_CORRUPT:
        return StoreCorruptError(
            f"the store {path} is damaged: {error}",
            hint=f"keep a copy, then try: sqlite3 {path} .recover | sqlite3 mended.db",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return _not_writable(path, str(error))
    return StoreError(f"the store {path} failed: {error}")


def _not_writable(path: str, said: str = "") -> StoreError:
    return StoreError(
        f"the store {path} cannot be opened for writing: {_reason(path) or said}",
        hint="SQLite must be able to write the file and its folder, also to read",
    )


def _no_database(path: str) -> StoreCorruptError:
    return StoreCorruptError(
        f"{path} is no SQLite database", hint="name another file with --backend sqlite:PATH"
    )


def _is_full(path: str) -> bool:
    import shutil

    try:
        return shutil.disk_usage(os.path.dirname(path)).free < _LITTLE_ROOM
    except OSError:
        return False


def _reason(path: str) -> str | None:
    """Why the file cannot be opened, which SQLite leaves out."""
    if os.path.isdir(path):
        return os.strerror(errno.EISDIR)
    if not os.access(path, os.R_OK | os.W_OK):
        return os.strerror(errno.EACCES)
    if not os.access(os.path.dirname(path), os.W_OK):
        return "its folder is read-only"
    return None
