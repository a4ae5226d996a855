"""Invalid values of an input file: an error, or skipped, counted and saved to be corrected and read again.

The file of rejected rows is a CSV (reject_rows.py), that of rejected ids is text.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EBADF
from types import TracebackType
from typing import NamedTuple, Self, TextIO

from segcli.errors import OutputError, SegcliError, UsageError
from segcli.model import STDIN
from segcli.text import visible

STDERR = "-"  # as --rejects
INVALID_ID = "not a valid account id"
REJECTED = ("line", "outcome", "reason", "candidates")  # the last columns of a file of rejected rows
_MARK = b"# "  # how a rejects file starts
_LONGEST_HEADER = 1 << 16  # bytes
_SHOWN = 100  # characters of a value that an error quotes


class Invalid(NamedTuple):
    """A value that was rejected: its file and line or item, its text, and the reason."""

    place: str
    text: str
    reason: str


Reject = Callable[[Invalid], None]


def refuse(invalid: Invalid, *, looks_up: bool = False) -> None:
    """Stops at the first invalid value. Raises UsageError, which names file and line.

    `looks_up` says that the command can look up e-mail addresses itself.
    """
    text = invalid.text if len(invalid.text) <= _SHOWN else f"{invalid.text[:_SHOWN]}…"
    hint = "nothing was changed; with --file, --skip-invalid skips such values and counts them"
    if "@" in text:
        hint = "nothing was changed; --by email reads a column of e-mail addresses"
        if not looks_up:
            hint = "use a file with the account ids: segments accounts resolve FILE -o csv > resolved.csv"
    raise UsageError(f"{invalid.place}: '{text}' is {invalid.reason}", hint=hint)


class Rejects:
    """Counts invalid values, and writes each to a file below a comment with its place and the reason."""

    def __init__(self, path: str | None, source: str | None = None) -> None:
        """`path` may be `-` for stderr. `source` is the file that is read; `path` must be another one."""
        self.count = 0
        self.save_account: Reject | None = None  # saves an account if the file has rows instead of ids
        self._source = source
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        """Creates or empties the file.

        Raises UsageError if that is not possible, and if the source does not exist: then the file of an
        earlier run is kept.
        """
        if self._path is not None:
            source = _status(self._source) if self._source else None
            try:
                if source is not None and self._path != STDERR and _is_file(self._path, source):
                    raise UsageError(f"--rejects {self._path} would overwrite the input file")
                self._file = _create(self._path)
            except OSError as error:
                raise self._failure(UsageError, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with self._errors():
                self._file.close()

    def add(self, invalid: Invalid) -> None:
        """Counts an invalid value and saves it. Raises OutputError."""
        self.count += 1
        self.save(invalid)

    def save(self, invalid: Invalid) -> None:
        """Saves a value without counting it. Raises OutputError."""
        if self.save_account is not None:
            self.save_account(invalid)
        else:
            self.write(f"# {visible(invalid.place)}: {invalid.reason}\n{visible(invalid.text)}\n")

    def write(self, text: str) -> None:
        """Writes to the file, if there is one. Raises OutputError."""
        if self._file is not None:
            with self._errors():
                self._file.write(text)

    def flush(self) -> None:
        """Writes what is still buffered. Raises OutputError."""
        if self._file is not None:
            with self._errors():
                self._file.flush()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._failure(OutputError, error) from error

    def _failure(self, kind: type[SegcliError], error: OSError) -> SegcliError:
        name = "stderr" if self._path == STDERR else self._path
        return kind(f"cannot write {name}: {error.strerror}")


def _create(path: str) -> TextIO:
    """The file for rejected values; `-` is stderr, which stays open. Raises OSError."""
    if path != STDERR:
        _require_replaceable(path)
        return open(path, "w", encoding="utf-8", opener=_private)
    if sys.stderr is None:
        raise OSError(EBADF, os.strerror(EBADF))
    return open(os.dup(sys.stderr.fileno()), "w", encoding="utf-8")


def _private(path: str, flags: int) -> int:
    """Opens a file that, if it is new, only its owner can read: it may contain e-mail addresses."""
    return os.open(path, flags, 0o600)


def _require_replaceable(path: str) -> None:
    """Raises UsageError unless `path` is new, empty, a device or an earlier rejects file: others are kept."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return
    if stat.S_ISFIFO(status.st_mode):  # opening it would wait for a reader
        raise UsageError(f"--rejects {path} is a named pipe: expected a file")
    if stat.S_ISREG(status.st_mode) and status.st_size:
        with open(path, "rb") as file:
            header = file.readline(_LONGEST_HEADER)
        if header.startswith(_MARK) or header.rstrip().endswith(f",{','.join(REJECTED)}".encode()):
            return
        raise UsageError(
            f"--rejects {path} would overwrite a file that is not a rejects file",
            hint="use another name, or delete the file first",
        )


def _is_file(path: str, status: os.stat_result) -> bool:
    """Whether `path` is the regular file with that status: a device may be read and written at once."""
    try:
        return stat.S_ISREG(status.st_mode) and os.path.samestat(os.stat(path), status)
    except FileNotFoundError:
        return False


def _status(source: str) -> os.stat_result | None:
    """What the file system knows of the source; None for a stdin that has no descriptor.

    Raises UsageError if the source does not exist.
    """
    if source == STDIN:
        with suppress(AttributeError, OSError):  # closed, or replaced by a program
            return os.fstat(sys.stdin.fileno())
        return None
    try:
        return os.stat(os.path.expanduser(source))
    except OSError as error:
        raise UsageError(f"cannot read {source}: {error.strerror}") from error
