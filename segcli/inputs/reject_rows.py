"""Rejected rows as a CSV: the original columns, and what is wrong, to be corrected and read again."""

import csv
import io
from collections.abc import Callable, Sequence

from segcli.inputs.rejects import REJECTED, Invalid
from segcli.text import visible


class RejectRows:
    """Writes rows by way of `write`: of a row, the cells at the places `kept`; `names` are all columns.

    `account` is the place of the account id, if there is such a column.
    """

    def __init__(
        self, write: Callable[[str], None], names: Sequence[str], kept: Sequence[int], account: int | None
    ) -> None:
        self._write = write
        self._width = len(names)
        self._kept = kept
        self._account = account
        self._write_row([*(names[place] for place in kept), *REJECTED])

    def save(
        self, row: Sequence[str], number: int | str, outcome: str, reason: str, candidates: Sequence[int]
    ) -> None:
        """Writes a row with the number of its line or item. Raises OutputError."""
        cells = [_safe(row[place]) for place in self._kept]
        self._write_row([*cells, str(number), outcome, visible(reason), " ".join(map(str, candidates))])

    def save_account(self, invalid: Invalid) -> None:
        """Writes an account that a backend rejected, without its row, which is not kept."""
        row = [""] * self._width
        if self._account is not None:
            row[self._account] = invalid.text
        self.save(row, "", "rejected", invalid.reason, [int(invalid.text)])

    def _write_row(self, cells: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        self._write(line.getvalue())


def _safe(cell: str) -> str:
    """The cell with line breaks as they are; other control characters could act on a terminal."""
    return cell if cell.isprintable() else "\n".join(map(visible, cell.split("\n")))
