"""Rows of a table that were rejected: counted, and saved as a CSV that can be corrected and read again."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TextIO

from segcli.errors import OutputError
from segcli.inputs.rejects import STDERR, create, failure
from segcli.text import visible

LINE = "line"  # the column with the number of a row


class RejectedRows:
    """A CSV with the columns of a table, and those that are added to every row: the line, the reason."""

    def __init__(
        self, path: str | None, source: str, columns: Sequence[str], added: Sequence[str] = (LINE, "reason")
    ) -> None:
        """`path` may be `-` for stderr, or None to only count. `source` is the file of the table.

        A file that was read may be an earlier one of rejected rows: its added columns are replaced.
        """
        self.count = 0
        self._path = path
        self._source = source
        self._places = [place for place, column in enumerate(columns) if column not in added]
        self._header = [*(columns[place] for place in self._places), *added]
        self._ends = ",".join(added)
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        """Creates or empties the file, and writes the header. Raises UsageError if that is not possible."""
        if self._path is not None:
            self._file = create(self._path, self._source, self._is_ours)
            self._write(self._header)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with self._errors():
                self._file.close()

    def add(self, row: Sequence[str], *added: object) -> None:
        """Counts a row of the table, and saves it. Raises OutputError."""
        self.count += 1
        self._write([*(row[place] for place in self._places), *map(str, added)])

    def flush(self) -> None:
        """Writes what is still buffered. Raises OutputError."""
        if self._file is not None:
            with self._errors():
                self._file.flush()

    def _write(self, cells: Sequence[str]) -> None:
        if self._file is None:
            return
        if self._path == STDERR:
            cells = list(map(visible, cells))
        with self._errors():
            csv.writer(self._file, lineterminator="\n").writerow(cells)

    def _is_ours(self, start: bytes) -> bool:
        header = start.split(b"\n", 1)[0].decode(errors="replace").rstrip("\r")
        return f",{header}".endswith(f",{self._ends}")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise failure(OutputError, str(self._path), error) from error
