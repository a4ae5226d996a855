"""How much segments overlap: a number for each row and column, and how a cell shows it."""

from array import array
from collections.abc import Sequence
from typing import Final, Literal

Measure = Literal["count", "share", "jaccard"]
# What the cell of a row and a column shows.
MEASURES: dict[Measure, str] = {
    "count": "accounts that are in both",
    "share": "part of the row's accounts that are also in the column",
    "jaccard": "accounts in both, divided by those in either",
}


_UNITS = (("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000))


class Finding:
    """Segments that are equal, contained (the first in the second), empty or disjoint, by their codes."""

    __slots__ = ("kind", "segments")

    def __init__(self, kind: str, segments: Sequence[str]) -> None:
        self.kind: Final = kind
        self.segments: Final = segments


class HeatMap:
    """The overlap of segments: their codes, how many accounts each has, and how many each two share.

    `common` has the number for row r and column c at `r * len(labels) + c`.
    """

    __slots__ = ("common", "findings", "labels", "largest", "measure", "sizes")

    def __init__(
        self,
        labels: Sequence[str],
        sizes: Sequence[int],
        common: "array[int]",
        measure: Measure,
        findings: Sequence[Finding] = (),
    ) -> None:
        self.labels: Final = labels
        self.sizes: Final = sizes
        self.common: Final = common
        self.measure: Final = measure
        self.findings: Final = findings
        self.largest: Final = max(common, default=0)

    def level(self, row: int, column: int) -> float | None:
        """The value of a cell from 0 to 1; None on the diagonal, and for empty segments."""
        both = self.common[row * len(self.labels) + column]
        a, b = self.sizes[row], self.sizes[column]
        whole = {"count": self.largest, "share": a, "jaccard": a + b - both}[self.measure]
        return None if row == column or not whole else both / whole

    def text(self, row: int, column: int) -> str:
        """The value of a cell in at most four characters. Rounding makes no overlap 0 or complete."""
        level = self.level(row, column)
        if level is None:
            return "-"
        if self.measure == "count":
            return short_number(self.common[row * len(self.labels) + column])
        if self.measure == "share":
            if level in (0, 1):
                return f"{level:.0%}"
            return "<1%" if level < 0.01 else ">99%" if level > 0.99 else f"{level:.0%}"
        if level in (0, 1):
            return f"{level:.0f}"
        return "<.01" if level < 0.01 else ">.99" if level > 0.99 else f"{level:.2f}"


def short_number(number: int) -> str:
    """A number of accounts in at most four characters: 9999, 12k, 1.2M, 123M, 2.1G; rounded down."""
    if number < 10_000:
        return str(number)
    unit, size = next(each for each in _UNITS if number >= each[1])
    tenths = number * 10 // size
    return f"{tenths // 10}{unit}" if tenths >= 100 else f"{tenths // 10}.{tenths % 10}{unit}"
