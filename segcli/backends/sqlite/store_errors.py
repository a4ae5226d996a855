"""Turns what SQLite, Python and the file system raise about a store into StoreErrors that say what to do."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from segcli.errors import (
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreUncertainError,
)
from segcli.text import quoted

OTHER_FILE = "use another file with --backend sqlite:PATH"
_MIN_FREE = 65_536  # bytes; with less free space the index of a write-ahead log does not fit


@contextmanager
def store_errors(path: str, timeout: float) -> Iterator[None]:
    """Raises errors of SQLite or the file system as a StoreError that names `path` and the cause.

    The values that a block passes to SQLite are valid. So what Python raises while it reads rows or
    messages of SQLite, such as UnicodeDecodeError or OverflowError, is caused by damage too.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(error, path, timeout) from error
    except UnicodeDecodeError as error:
        raise damaged(path, "it contains text that is not valid UTF-8") from error
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise damaged(path, str(error)) from error
    except OSError as error:
        raise StoreError(
            f"the store {path} cannot be created: {error.strerror}",
            hint=OTHER_FILE,
        ) from error


def _store_error(error: sqlite3.Error, path: str, timeout: float) -> StoreError:
    full_code = getattr(error, "sqlite_errorcode", 0)
    code = full_code & 0xFF
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
        return not_a_database(path)
    # The change is complete in the log, and SQLite finds it there if the log reaches the disk after all.
    if full_code in (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC):
        return StoreUncertainError(
            f"the disk did not confirm the change to the store {path}: it may be saved or not",
            hint="check the disk, then look at the segment before you run the command again",
        )
    # Python raises an error without a code for text that it cannot decode.
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_OK):
        return damaged(path, str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return not_writable(path, str(error))
    return StoreError(f"the store {path} failed: {error}")


def damaged(path: str, problem: str) -> StoreCorruptError:
    """The error for a store with that problem."""
    return StoreCorruptError(
        f"the store {path} is damaged: {problem}",
        hint=f"keep a copy, then try: sqlite3 {quoted(path)} .recover | sqlite3 recovered.db",
    )


def not_writable(path: str, message: str = "") -> StoreError:
    """The error for a store that cannot be opened; `message` is SQLite's."""
    return StoreError(
        f"the store {path} cannot be opened for writing: {_reason(path) or message}",
        hint="SQLite needs write access to the file and its folder, even for reading",
    )


def not_a_database(path: str) -> StoreCorruptError:
    """The error for a file of another kind."""
    return StoreCorruptError(f"{path} is not an SQLite database", hint=OTHER_FILE)


def no_folder(path: str) -> StoreError:
    """The error for a store that is to be created in a folder that does not exist."""
    import shlex

    folder = os.path.dirname(path)
    return StoreError(
        f"the store {path} cannot be created: the folder {folder} does not exist",
        hint=f"check the path, or create the folder with: mkdir -p {shlex.quote(folder)}",
    )


def _is_full(path: str) -> bool:
    import shutil

    try:
        return shutil.disk_usage(os.path.dirname(os.path.realpath(path))).free < _MIN_FREE
    except OSError:
        return False


def _reason(path: str) -> str | None:
    """Why the file cannot be opened; SQLite does not say."""
    if os.path.isdir(path):
        return os.strerror(errno.EISDIR)
    if not os.access(path, os.R_OK | os.W_OK):
        return os.strerror(errno.EACCES)
    if not os.access(os.path.dirname(os.path.realpath(path)), os.W_OK):
        return "its folder is read-only"
    return None
