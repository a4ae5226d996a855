"""A table for people: it fits the terminal, folds long text, and names the columns it leaves out."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TextIO

from segcli.errors import SegcliError
from segcli.output.cells import cell
from segcli.output.fold import fold
from segcli.output.presentation import Presentation
from segcli.result import Json, Result
from segcli.text import display_width, visible

_GAP = "  "  # between two columns
_NARROWEST = 8  # a column is folded down to this width before one is left out
_BLOCK = 500  # rows held in memory at a time; the first block is measured
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"

Row = tuple[Json, ...]


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    if result.shape == "object":
        _write_record(result, stream, presentation)
    else:
        _write_rows(result, stream, presentation)


def _write_record(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """One item, one line per column: the name, then the value."""
    rows = [
        (column.name, value)
        for row in result.rows()
        for column, value in zip(result.columns, row, strict=True)
    ]
    if rows:
        widths = _widths(("", ""), rows, presentation.width)
        stream.writelines(line + "\n" for line in _lines(rows, widths, (False, False)))


def _write_rows(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """Items in rows under a heading; the first block decides which columns fit, and their widths."""
    columns = tuple(column for column in result.columns if not column.detail)
    rows = result._replace(columns=columns).rows()
    blocks = _blocks(rows)
    block = next(blocks, None)
    if block is None:
        presentation.info("no results")
        return
    names = tuple(column.name for column in columns)
    headings = names[: _count_fitting(names, block, presentation.width)]
    if headings != names:
        left_out = ", ".join(names[len(headings) :])
        presentation.info(f"the terminal is too narrow for {left_out}; use -o json to see everything")
    widths = _widths(headings, block, presentation.width)
    numeric = [all(isinstance(value, int) for value in values) for _, *values in _transposed(headings, block)]
    before, after = (_BOLD, _PLAIN) if presentation.color else ("", "")
    stream.writelines(f"{before}{line}{after}\n" for line in _lines([headings], widths, numeric))
    while block:
        stream.writelines(line + "\n" for line in _lines(block, widths, numeric))
        block = next(blocks, None)


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows in blocks; if reading them fails, those that were read come first."""
    block: list[Row] = []
    try:
        for row in rows:
            block.append(row)
            if len(block) == _BLOCK:
                yield block
                block = []
    except SegcliError:
        if block:
            yield block
        raise
    if block:
        yield block


def _lines(rows: Iterable[Row], widths: Sequence[int], numeric: Sequence[bool]) -> Iterator[str]:
    """Each row in as many lines as its tallest cell; values without a width are left out."""
    for row in rows:
        cells = [fold(_text(value), width) for value, width in zip(row, widths, strict=False)]
        for parts in zip_longest(*cells, fillvalue=""):
            yield _GAP.join(map(_padded, parts, widths, numeric))


def _padded(text: str, width: int, right: bool) -> str:
    padding = " " * (width - display_width(text))
    return padding + text if right else text + padding


def _count_fitting(headings: Sequence[str], block: list[Row], room: int | None) -> int:
    """How many columns fit into `room` if long text is folded; at least one."""
    count = len(headings)
    if room is not None:
        least = [
            min(width, max(_NARROWEST, _width(heading)))
            for heading, width in zip(headings, _widths(headings, block, None), strict=True)
        ]
        while count > 1 and sum(least[:count]) + len(_GAP) * (count - 1) > room:
            count -= 1
    return count


def _widths(headings: Sequence[str], block: list[Row], room: int | None) -> list[int]:
    """Columns as wide as their heading and values; if they need more than `room`, prose narrows first."""
    columns = _transposed(headings, block)
    widths = [max(map(_width, column)) for column in columns]
    if room is None:
        return widths
    room -= len(_GAP) * (len(widths) - 1)
    floors = [
        max(_NARROWEST, _width(column[0])) if any(" " in cell(value) for value in column[1:]) else width
        for column, width in zip(columns, widths, strict=True)
    ]
    widths = _narrowed(widths, floors, room)
    return _narrowed(widths, [1] * len(widths), room)


def _narrowed(widths: list[int], floors: list[int], room: int) -> list[int]:
    """The widest columns cut to the same width, none below its floor, until all fit or none can be cut."""
    cap = max(widths)

    def cut() -> list[int]:
        return [min(width, max(cap, floor)) for width, floor in zip(widths, floors, strict=True)]

    while cap > 1 and sum(cut()) > room:
        cap = max(1, min(cap, room) - 1)
    return cut()


def _transposed(headings: Sequence[str], block: list[Row]) -> list[Row]:
    """Each heading with the values below it; columns without a heading are left out."""
    return list(zip(headings, *block, strict=False))


def _width(value: Json) -> int:
    return display_width(_text(value))


def _text(value: Json) -> str:
    return visible(cell(value))
