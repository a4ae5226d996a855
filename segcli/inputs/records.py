"""CSV: ids in one column."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import IO

from segcli.errors import UsageError
from segcli.inputs.blocks import KNOWN_COLUMNS, Block, to_block, whole_lines
from segcli.inputs.rejects import INVALID_ID, Invalid, Reject
from segcli.model import parse_account_id

_BLOCK = 1_000  # rows; a cell of each is kept, and csv limits a cell to 128 kB
_LONGEST_CELL = csv.field_size_limit()  # characters
_LONGEST = 1 << 20  # bytes of a line, and of a row of several lines
_SHOWN = 200  # characters of a header that an error quotes


class Rows:
    """The rows of a CSV that are not blank, each with the number of its last line; to be read once."""

    def __init__(self, name: str, file: IO[bytes], delimiter: str) -> None:
        self._name = name
        self._delimiter = delimiter
        self._blocks = whole_lines(name, file, _LONGEST)
        self._count = 0
        self._line = 0  # the last one of the last row

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Raises UsageError for a row that is not CSV, or too long."""
        return self._read(0)

    def batches(self) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        """The numbers, and the rows, of about READ_BYTES at a time.

        Up to the first quotation mark, a line is a row, which takes a third of the time to read.
        """
        for first, block in self._blocks:
            text = block.decode(errors="surrogateescape").replace("\r\n", "\n")
            if '"' in text or "\r" in text or len(block) > _LONGEST_CELL:
                self._blocks = chain([(first, block)], self._blocks)
                break
            lines = text.removesuffix("\n").split("\n")
            numbers: Sequence[int] = range(first, first + len(lines))
            if "" in lines:
                numbers = [number for number, line in zip(numbers, lines, strict=True) if line]
                lines = list(filter(None, lines))
            if lines:
                yield numbers, [line.split(self._delimiter) for line in lines]
        else:
            return
        rows = self._read(first - 1)
        while some := list(islice(rows, _BLOCK)):
            yield [number for number, _ in some], [row for _, row in some]

    def _read(self, before: int) -> Iterator[tuple[int, list[str]]]:
        """The rows of what is left, of which `before` lines were read."""
        reader = csv.reader(self._lines(), delimiter=self._delimiter)
        self._line = before
        try:
            for row in reader:
                self._count += 1
                self._line = before + reader.line_num
                if row:
                    yield before + reader.line_num, row
        except csv.Error as error:
            reason = str(error)
            if "field limit" in reason:
                reason = f"a value is too long: expected at most {_LONGEST_CELL:,} characters"
            raise UsageError(f"{self._name}, line {before + reader.line_num}: {reason}") from None

    def _lines(self) -> Iterator[str]:
        unfinished = 0  # bytes since a row was complete: a quote that is never closed goes on and on
        for line, block in self._blocks:
            before = self._count
            # Bytes that are not UTF-8 may be in other columns, which do not matter.
            yield from io.StringIO(block.decode(errors="surrogateescape"), newline="")
            unfinished = unfinished + len(block) if self._count == before else 0
            if unfinished > _LONGEST:
                raise UsageError(
                    f"{self._name}, line {line}: a row is too long: expected at most {_LONGEST:,} bytes",
                    hint="look for a quotation mark without a second one",
                )
        before = self._count
        yield "\n"  # a blank line is a row, unless it is within quotation marks
        if self._count == before:
            raise UsageError(
                f"{self._name}, line {self._line + 1}: a quotation mark has no second one",
                hint="close it; a value with a quotation mark is quoted, and the mark written twice",
            )


def read_csv(
    name: str, file: IO[bytes], reject: Reject, *, column: str | None, delimiter: str
) -> Iterator[Block]:
    """The ids of one column: the named one, or a known one, or the only one."""
    rows = iter(Rows(name, file, delimiter))
    _, header = next(rows, (0, []))
    index = _column(name, [cell.strip() for cell in header], column)
    while cells := [
        (line, row[index].strip() if index < len(row) else "") for line, row in islice(rows, _BLOCK)
    ]:
        yield _ids(name, cells, reject)


def _column(name: str, header: list[str], column: str | None) -> int:
    wanted = [column] if column else [known for known in KNOWN_COLUMNS if known in header]
    if wanted and wanted[0] in header:
        return header.index(wanted[0])
    if not column:
        from segcli.customer import member_of

        spelled = [place for place, cell in enumerate(header) if member_of(cell) == "id"]
        if spelled:
            return spelled[0]
    if not column and len(header) == 1:
        return 0
    missing = f"no column '{column}'" if column else f"none of the columns {', '.join(KNOWN_COLUMNS)}"
    raise UsageError(
        f"{name} has {missing}",
        hint=f"choose a column with --column; the columns are: {', '.join(header)[:_SHOWN] or 'none'}",
    )


def _ids(name: str, cells: list[tuple[int, str]], reject: Reject) -> Block:
    """The ids of cells with their line numbers; all at once if they are only digits."""
    texts = [text for _, text in cells]
    digits = "".join(texts)
    if digits.isascii() and digits.isdigit():
        with suppress(ValueError):
            return to_block(list(map(int, texts)))
    return list(_ids_one_by_one(name, cells, reject))


def _ids_one_by_one(name: str, cells: Iterable[tuple[int, str]], reject: Reject) -> Iterator[int]:
    for line, text in cells:
        try:
            yield parse_account_id(text)
        except UsageError:
            reject(Invalid(f"{name}, line {line}", text, INVALID_ID))
