"""Opens a store's file, and begins and commits its write transactions."""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

from segcli.backends.sqlite import schema
from segcli.backends.sqlite.store_errors import OTHER_FILE, not_a_database, not_writable
from segcli.errors import StoreCorruptError, StoreError
from segcli.paths import make_private_folder
from segcli.text import fold

Trace = Callable[[str], None]
_Identity = tuple[int, int]  # of a file: its device and inode

_MIN_SIZE = 512  # bytes; SQLite takes a smaller file for an empty database, and would overwrite it
_WAIT_STEP = 100  # milliseconds


class Connection(sqlite3.Connection):
    """A connection that knows which file it was opened for; None if it is in memory."""

    identity: _Identity | None = None


class _Traced(Connection):
    """Reports every statement before it runs.

    SQLite drops what its trace callback raises. A Ctrl-C that arrives there is raised after the statement.
    """

    _interrupted = False

    def trace(self, trace: Trace) -> None:
        tracer = self._tracer(trace)
        next(tracer)
        # A signal is handled where Python code starts to run, which in a generator is within its `try`.
        self.set_trace_callback(tracer.send)

    def _tracer(self, trace: Trace) -> Generator[None, str, None]:
        while True:
            try:
                trace((yield))
            except KeyboardInterrupt:
                self._interrupted = True

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        finally:
            if self._interrupted:
                self._interrupted = False
                raise KeyboardInterrupt


def open_existing(path: str, timeout: float, trace: Trace | None) -> Connection | None:
    """A connection to the store at `path`; None if the file does not exist or is empty.

    `timeout` is how many seconds to wait for other writers. Raises StoreError.
    """
    status = _status(path)
    if status is None:
        return None
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise StoreError(f"{path} is not a regular file", hint=OTHER_FILE)
    # SQLite would read a file that it cannot write, and leave a read-only log next to it.
    if not os.access(path, os.R_OK | os.W_OK):
        raise not_writable(path)
    if 0 < status.st_size < _MIN_SIZE and stat.S_ISREG(status.st_mode):
        raise not_a_database(path)
    connection = _connect(path, timeout, trace)
    connection.identity = _identity(status)
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


def open_or_create(path: str, timeout: float, trace: Trace | None) -> Connection:
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
    identity = _identity(os.stat(path))
    connection = _connect(path, timeout, trace)
    connection.identity = identity
    try:
        _use_wal(connection, timeout)
        schema.migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_empty() -> Connection:
    """An empty store in memory, to read from if the file does not exist."""
    connection = _connect(":memory:", 0, None)
    schema.migrate(connection, ":memory:")
    return connection


def _connect(path: str, timeout: float, trace: Trace | None) -> Connection:
    # Each thread of a server uses its own connection, but one thread closes them all.
    connection: Connection = sqlite3.connect(
        path,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        factory=_Traced if trace else Connection,
    )
    connection.create_function(
        "fold", 1, lambda text: None if text is None else fold(text), deterministic=True
    )
    if trace and isinstance(connection, _Traced):
        connection.trace(trace)
    # A view or trigger that somebody added to the file calls no function with side effects.
    connection.execute("PRAGMA trusted_schema = OFF")
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


def commit(connection: Connection, path: str) -> None:
    """COMMIT, unless the open file is no longer the one at `path`. Raises StoreError."""
    require_same_file(connection, path)
    connection.execute("COMMIT")


def require_same_file(connection: Connection, path: str) -> None:
    """Raises StoreError unless the open file is the one at `path`.

    SQLite would go on using a file that was moved or deleted, and the next command would not find it.
    """
    try:
        found = _identity(os.stat(path))
    except FileNotFoundError:
        found = None
    if found != connection.identity:
        happened = "was moved or deleted" if found is None else "was replaced by another file"
        raise StoreError(
            f"the store {path} {happened} while it was open",
            hint="put the file back, or run the command again to use what is there now",
        )


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def _status(path: str) -> os.stat_result | None:
    """The file's status; None if it does not exist. Raises StoreCorruptError if only its log has data.

    A store gets its first page before SQLite creates its log, and loses the log when the last connection is
    closed. So a file that is empty or missing next to a log held data. SQLite would delete that log.
    """

    def look() -> os.stat_result | None:
        try:
            return os.stat(path)
        except FileNotFoundError:
            return None

    status = look()
    if status is not None and status.st_size:
        return status
    logs = [log for log in (f"{path}-wal", f"{path}-shm") if os.path.lexists(log)]
    status = look()  # another process may have created the store, and then the log, since the first look
    if logs and (status is None or not status.st_size):
        state = "is missing" if status is None else "is empty"
        raise StoreCorruptError(
            f"the store {path} is damaged: the file {state}, but its log {logs[0]} exists",
            hint=f"restore {path} from a backup; to start again without its data, move the log away",
        )
    return status


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
