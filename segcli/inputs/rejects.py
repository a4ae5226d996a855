"""The values that were passed over: counted, and kept in a file that can be mended and fed back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TextIO

from segcli.errors import OutputError, UsageError
from segcli.inputs.blocks import Invalid
from segcli.text import visible


class Rejects:
    """Counts bad values, and writes each below a comment that says where it stood and why it is bad."""

    def __init__(self, path: str | None, source: str | None = None) -> None:
        """`source` is the file that is read, which must be another one."""
        self.count = 0
        self._source = source
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        """Makes the file anew. Raises UsageError where that cannot be."""
        if self._path is not None:
            try:
                if self._source and os.path.exists(self._path) and os.path.samefile(self._path, self._source):
                    raise UsageError(f"--rejects {self._path} would write over the file that is read")
                self._file = open(self._path, "w", encoding="utf-8")
            except OSError as error:
                raise UsageError(f"{self._path} cannot be written: {error.strerror}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with self._errors():
                self._file.close()

    def add(self, invalid: Invalid) -> None:
        """One more bad value."""
        self.count += 1
        self.keep(invalid)

    def keep(self, invalid: Invalid) -> None:
        """Writes it without counting it. Raises OutputError."""
        if self._file is not None:
            with self._errors():
                self._file.write(f"# {visible(invalid.place)}: {invalid.reason}\n{visible(invalid.text)}\n")

    def flush(self) -> None:
        """Sees to it that what was kept is in the file. Raises OutputError."""
        if self._file is not None:
            with self._errors():
                self._file.flush()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror}") from error
