"""Invalid values of an input file: an error, or skipped, counted and saved to be corrected and read again."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple, Self, TextIO

from segcli.errors import OutputError, UsageError
from segcli.text import visible

INVALID_ID = "not a valid account id"


class Invalid(NamedTuple):
    """A value that was rejected: its file and line or item, its text, and the reason."""

    place: str
    text: str
    reason: str


Reject = Callable[[Invalid], None]


def refuse(invalid: Invalid) -> None:
    """Stops at the first invalid value. Raises UsageError, which names file and line."""
    raise UsageError(
        f"{invalid.place}: '{invalid.text}' is {invalid.reason}",
        hint="nothing was changed; --skip-invalid skips such values and counts them",
    )


class Rejects:
    """Counts invalid values, and writes each to a file below a comment with its place and the reason."""

    def __init__(self, path: str | None, source: str | None = None) -> None:
        """`source` is the file that is read; `path` must be another one."""
        self.count = 0
        self._source = source
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        """Creates or empties the file. Raises UsageError if that is not possible."""
        if self._path is not None:
            try:
                if self._source and os.path.exists(self._path) and os.path.samefile(self._path, self._source):
                    raise UsageError(f"--rejects {self._path} would overwrite the input file")
                self._file = open(self._path, "w", encoding="utf-8")
            except OSError as error:
                raise UsageError(f"cannot write {self._path}: {error.strerror}") from error
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
        if self._file is not None:
            with self._errors():
                self._file.write(f"# {visible(invalid.place)}: {invalid.reason}\n{visible(invalid.text)}\n")

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
            raise OutputError(f"cannot write {self._path}: {error.strerror}") from error
