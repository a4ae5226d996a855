"""Opens a store's file, or creates it."""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

from segcli.backends.sqlite import schema
from segcli.backends.sqlite.store_errors import OTHER_FILE, no_folder, not_a_database, not_writable
from segcli.backends.sqlite.transactions import Connection, identity_of, is_busy
from segcli.errors import StoreCorruptError, StoreError
from segcli.paths import make_private_folder, user_folder

Trace = Callable[[str], None]

# What is not traced: it says nothing about the command. SQLite reports a statement within another as "--".
_UNTRACED = ("PRAGMA busy_timeout", "PRAGMA trusted_schema", "-- ", schema.STATE.strip())
_MAX_TRACED = 1000  # characters of a statement
_MIN_SIZE = 512  # bytes; SQLite takes a smaller file for an empty database, and would overwrite it


class Opening:
    """Which store to open, and how: `timeout` is how many seconds to wait for other writers.

    `trace` receives every statement, `notify` what takes long, and None at its end, `on_note` what the user
    should know. Without `upgrade`, a store in an older format is as good as an empty one.
    """

    __slots__ = ("notify", "on_note", "path", "timeout", "trace", "upgrade")

    def __init__(
        self,
        path: str,
        timeout: float,
        trace: Trace | None,
        notify: schema.Notify,
        on_note: Callable[[str], None],
        *,
        upgrade: bool,
    ) -> None:
        self.path = path
        self.timeout = timeout
        self.trace = trace
        self.notify = notify
        self.on_note = on_note
        self.upgrade = upgrade


class _Traced(Connection):
    """Reports every statement about segments before it runs.

    SQLite drops what its trace callback raises. A Ctrl-C or SIGTERM that arrives there is raised after the
    statement.
    """

    _interruption: KeyboardInterrupt | None = None

    def trace(self, trace: Trace) -> None:
        tracer = self._tracer(trace)
        next(tracer)
        # A signal is handled where Python code starts to run, which in a generator is within its `try`.
        self.set_trace_callback(tracer.send)

    def _tracer(self, trace: Trace) -> Generator[None, str, None]:
        while True:
            try:
                statement = (yield).strip()
                # Of accounts and other large values only the start: a block has 16 kB in hexadecimal digits.
                if not statement.startswith(_UNTRACED):
                    trace(statement if len(statement) <= _MAX_TRACED else f"{statement[:_MAX_TRACED]}...")
            except KeyboardInterrupt as signal:
                self._interruption = signal

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        finally:
            self._raise_interruption()

    def executemany(self, sql: str, rows: Any, /) -> sqlite3.Cursor:
        try:
            return super().executemany(sql, rows)
        finally:
            self._raise_interruption()

    def _raise_interruption(self) -> None:
        interruption, self._interruption = self._interruption, None
        if interruption is not None:
            raise interruption


def open_existing(opening: Opening) -> Connection | None:
    """A connection to the store, in the present format; None if the file does not exist or is empty.

    Raises StoreError.
    """
    opened = open_unchanged(opening)
    if opened is None:
        return None
    connection, found = opened
    try:
        if found < schema.FORMAT:
            if not opening.upgrade:
                connection.close()
                return None
            schema.migrate(connection, opening.path, opening.timeout, opening.notify)
    except BaseException:
        connection.close()
        raise
    return connection


def open_unchanged(opening: Opening) -> tuple[Connection, int] | None:
    """A connection to the store and its format, which may be an older one; None as for `open_existing`."""
    path = opening.path
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
    connection = _connect(path, opening.timeout, opening.trace)
    connection.identity = identity_of(status)
    try:
        found = schema.format_of(connection, path)
        if found < schema.FORMAT and schema.is_empty(connection):
            connection.close()
            return None
    except BaseException:
        connection.close()
        raise
    return connection, found


def open_or_create(opening: Opening) -> Connection:
    """A connection to the store, which is created if it does not exist.

    Only the owner can read the file, from its first byte on. Its folder is created, for the owner only, in
    the default location; elsewhere a missing folder is probably a mistake. Raises StoreError, OSError.
    """
    connection = open_existing(opening)
    if connection is not None:
        return connection
    path = opening.path
    folder = os.path.dirname(path)
    if _is_default(path):
        make_private_folder(folder)
    elif not os.path.isdir(folder):
        raise no_folder(path)
    created = False
    # Only a new file is opened here: closing one that SQLite has open would release SQLite's locks.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        created = True
    identity = identity_of(os.stat(path))
    connection = _connect(path, opening.timeout, opening.trace)
    connection.identity = identity
    try:
        _use_wal(connection, opening.timeout)
        schema.migrate(connection, path, opening.timeout, opening.notify)
    except BaseException:
        connection.close()
        raise
    if created:
        opening.on_note(f"created the store {path}")
    return connection


def _is_default(path: str) -> bool:
    return os.path.dirname(path) == user_folder("data")


def open_empty(opening: Opening) -> Connection:
    """An empty store in memory, to read from if the store has no data.

    A missing file is noted, unless it is the default one: its path may be mistyped.
    """
    path = opening.path
    if not os.path.lexists(path) and not _is_default(path):
        folder = os.path.dirname(path)
        reason = (
            " yet; the first write creates it" if os.path.isdir(folder) else ": its folder does not exist"
        )
        opening.on_note(f"there is no store at {path}{reason}")
    connection = _connect(":memory:", 0, None)
    schema.create(connection)
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
    try:
        if trace and isinstance(connection, _Traced):
            connection.trace(trace)
        # A view or trigger that somebody added to the file calls no function with side effects.
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


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
    file = os.path.realpath(path)  # SQLite follows links, and has the log next to the file
    logs = [log for log in (f"{file}-wal", f"{file}-shm") if os.path.lexists(log)]
    status = look()  # another process may have created the store, and then the log, since the first look
    if logs and (status is None or not status.st_size):
        state = "is missing" if status is None else "is empty"
        raise StoreCorruptError(
            f"the store {path} is damaged: the file {state}, but its log {logs[0]} exists",
            hint=f"restore {path} from a backup; to start again without its data, move the log away",
        )
    return status


def _use_wal(connection: sqlite3.Connection, timeout: float) -> None:
    # If two processes create the same store, this pragma fails with "locked" at once, without the busy
    # timeout: so we wait ourselves.
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
