"""Opens a store's file, and turns SQLite's errors into StoreErrors that say what to do."""

import errno
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

from segcli.backends.sqlite import schema
from segcli.errors import StoreCorruptError, StoreError, StoreFullError, StoreLockedError
from segcli.paths import make_private_folder
from segcli.text import fold

Trace = Callable[[str], None]
FileId = tuple[int, int]  # device and inode

_MIN_SIZE = 512  # bytes; SQLite takes a smaller file for an empty database, and would overwrite it
_WAIT_STEP = 100  # milliseconds
_MIN_FREE = 65_536  # bytes; with less free space the index of a write-ahead log does not fit
_OTHER_FILE = "use another file with --backend sqlite:PATH"


def open_existing(path: str, timeout: float, trace: Trace | None) -> sqlite3.Connection | None:
    """A connection to the store at `path`; None if the file does not exist or is empty.

    `timeout` is how many seconds to wait for other writers. Raises StoreError.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise StoreError(f"{path} is not a regular file", hint=_OTHER_FILE)
    # SQLite would read a file that it cannot write, and leave a read-only log next to it.
    if not os.access(path, os.R_OK | os.W_OK):
        raise _not_writable(path)
    if 0 < status.st_size < _MIN_SIZE and stat.S_ISREG(status.st_mode):
        raise _not_a_database(path)
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
    """A connection to the store at `path`, which is created if it does not exist.

    Only the owner can read the file, from its first byte on, and a folder created for it.
    Raises StoreError, OSError.
    """
    connection = open_existing(path, timeout, trace)
    if connection is not None:
        return connection
    make_private_folder(os.path.dirname(path))
    # Only a new file is opened here: closing one that SQLite has open would release SQLite's locks.
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


def file_id(path: str) -> FileId | None:
    """Identifies the file at `path`; None if there is none. Raises OSError."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def require_same_file(path: str, opened: FileId | None) -> None:
    """Raises StoreError unless the file that was `opened` is still at `path`.

    SQLite would go on writing to a file that was moved or deleted, and nobody would find the changes.
    """
    if file_id(path) != opened:
        raise StoreError(
            f"the store {path} was moved or deleted while it was in use",
            hint="move it back, or run the command again to use the file that is there now",
        )


def open_empty() -> sqlite3.Connection:
    """An empty store in memory, to read from if the file does not exist."""
    connection = _connect(":memory:", 0, None)
    schema.migrate(connection, ":memory:")
    return connection


def check_integrity(path: str, timeout: float, trace: Trace | None) -> bool:
    """Whether there is a store at `path`. Raises StoreCorruptError if it is damaged, StoreError."""
    connection = open_existing(path, timeout, trace)
    if connection is None:
        return False
    with closing(connection):
        problems = [row[0] for row in connection.execute("PRAGMA integrity_check(1)") if row[0] != "ok"]
        problems += [
            f"a row of table {row[0]} refers to a row that does not exist"
            for row in connection.execute("PRAGMA foreign_key_check")
        ]
    if problems:
        raise StoreCorruptError(f"the store {path} is damaged: {problems[0]}")
    return True


def _connect(path: str, timeout: float, trace: Trace | None) -> sqlite3.Connection:
    # Each thread of a server uses its own connection, but one thread closes them all.
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    connection.create_function(
        "fold", 1, lambda text: None if text is None else fold(text), deterministic=True
    )
    if trace:
        connection.set_trace_callback(trace)
    # Our transactions keep the references intact: they look up the segment before they add accounts, and
    # delete memberships with their segment. SQLite would look up the segment again for each account.
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection


def begin_write(connection: sqlite3.Connection, timeout: float) -> None:
    """BEGIN IMMEDIATE, waiting `timeout` seconds for other writers; Ctrl-C ends the wait at once.

    SQLite does not notice Ctrl-C before its own wait is over, so this waits in short steps.
    """
    deadline = time.monotonic() + timeout
    connection.execute(f"PRAGMA busy_timeout = {min(_WAIT_STEP, int(timeout * 1000))}")
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
    # If two processes create the same store, this pragma fails with "locked" at once, without the busy
    # timeout: so we wait ourselves.
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
    """Raises errors of SQLite or the file system as a StoreError that names `path` and the cause."""
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(error, path, timeout) from error
    except OSError as error:
        raise StoreError(
            f"the store {path} cannot be created: {error.strerror}",
            hint=_OTHER_FILE,
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
            f"cannot write the store {path}: the disk is full",
            hint="free some space and run the command again",
        )
    if code == sqlite3.SQLITE_NOTADB:
        return _not_a_database(path)
    if code == sqlite3.SQLITE_CORRUPT:
        return StoreCorruptError(
            f"the store {path} is damaged: {error}",
            hint=f"keep a copy, then try: sqlite3 {path} .recover | sqlite3 recovered.db",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return _not_writable(path, str(error))
    return StoreError(f"the store {path} failed: {error}")


def _not_writable(path: str, message: str = "") -> StoreError:
    return StoreError(
        f"the store {path} cannot be opened for writing: {_reason(path) or message}",
        hint="SQLite needs write access to the file and its folder, even for reading",
    )


def _not_a_database(path: str) -> StoreCorruptError:
    return StoreCorruptError(f"{path} is not an SQLite database", hint=_OTHER_FILE)


def _is_full(path: str) -> bool:
    import shutil

    try:
        return shutil.disk_usage(os.path.dirname(path)).free < _MIN_FREE
    except OSError:
        return False


def _reason(path: str) -> str | None:
    """Why the file cannot be opened; SQLite does not say."""
    if os.path.isdir(path):
        return os.strerror(errno.EISDIR)
    if not os.access(path, os.R_OK | os.W_OK):
        return os.strerror(errno.EACCES)
    if not os.access(os.path.dirname(path), os.W_OK):
        return "its folder is read-only"
    return None
