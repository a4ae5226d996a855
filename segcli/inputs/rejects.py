"""The values that were passed over: counted, and kept in a file that can be mended and fed back."""

import os
from types import TracebackType
from typing import Self, TextIO

from segcli.errors import UsageError
from segcli.inputs import Invalid
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
            self._file.close()

    def add(self, invalid: Invalid) -> None:
        """One more bad value."""
        self.count += 1
        self.keep(invalid)

    def keep(self, invalid: Invalid) -> None:
        """Writes it without counting it."""
        if self._file is not None:
            self._file.write(f"# {visible(invalid.place)}: {invalid.reason}\n{visible(invalid.text)}\n")
