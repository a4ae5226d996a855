"""A table for people: it fits the terminal, folds long text, and says which columns it left out."""

from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice
from typing import NamedTuple, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from segcli.output.cells import cell
from segcli.output.presentation import Presentation
from segcli.result import Column, Json, Result
from segcli.text import visible

_GAP = 2  # columns between two cells
_NARROWEST = 8  # a column is folded down to this before one is left out
_BLOCK = 500  # rows that are measured and laid out together


class _Layout(NamedTuple):
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    numeric: tuple[bool, ...]


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    if result.shape == "object":
        _write_record(result, stream, presentation)
    else:
        _write_rows(result, stream, presentation)


def _write_record(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """One item, a line a column: the name, then the value."""
    rows = [
        (column.name, value)
        for row in result.rows()
        for column, value in zip(result.columns, row, strict=True)
    ]
    if not rows:
        return
    layout = _measure(("", ""), rows, presentation.width)
    _print(rows, layout._replace(numeric=(False, False)), stream, presentation, heading=False)


def _write_rows(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """Items in rows under a heading; the first block decides how wide the columns are."""
    columns = tuple(column for column in result.columns if not column.detail)
    rows = result._replace(columns=columns).rows()
    block = list(islice(rows, _BLOCK))
    if not block:
        presentation.info("nothing to show")
        return
    columns, block, rows = _fit(columns, block, rows, presentation)
    layout = _measure(tuple(column.name for column in columns), block, presentation.width)
    heading = True
    while block:
        _print(block, layout, stream, presentation, heading)
        heading = False
        block = list(islice(rows, _BLOCK))


def _fit(
    columns: tuple[Column, ...],
    block: list[tuple[Json, ...]],
    rows: Iterator[tuple[Json, ...]],
    presentation: Presentation,
) -> tuple[tuple[Column, ...], list[tuple[Json, ...]], Iterator[tuple[Json, ...]]]:
    """Leaves out the last columns where even folded ones find no room, and says which."""
    count = len(columns)
    if presentation.width is not None:
        least = [
            min(width, max(_NARROWEST, _width(column.name)))
            for column, width in zip(columns, _widths((c.name for c in columns), block), strict=True)
        ]
        while count > 1 and sum(least[:count]) + _GAP * (count - 1) > presentation.width:
            count -= 1
    if count == len(columns):
        return columns, block, rows
    names = ", ".join(column.name for column in columns[count:])
    presentation.info(f"too narrow a terminal for {names}; -o json shows everything")
    return columns[:count], [row[:count] for row in block], (row[:count] for row in rows)


def _widths(headings: Iterable[str], block: list[tuple[Json, ...]]) -> list[int]:
    """What each column needs for its heading and its values."""
    return [max(map(_width, values)) for values in zip(headings, *block, strict=True)]


def _measure(headings: tuple[str, ...], block: list[tuple[Json, ...]], room: int | None) -> _Layout:
    """Columns as wide as what they hold; where there is no room, prose is folded before words are."""
    widths = _widths(headings, block)
    numeric = tuple(all(isinstance(value, int) for value in v) for v in zip(*block, strict=True))
    if room is not None:
        room -= _GAP * (len(widths) - 1)
        prose = [any(" " in cell(value) for value in values) for values in zip(*block, strict=True)]
        floors = [
            max(_NARROWEST, _width(heading)) if fold else width
            for heading, fold, width in zip(headings, prose, widths, strict=True)
        ]
        widths = _narrowed(widths, floors, room)
        widths = _narrowed(widths, [1] * len(widths), room)
    return _Layout(headings, tuple(widths), numeric)


def _narrowed(widths: list[int], floors: list[int], room: int) -> list[int]:
    """The widest columns cut alike, none below its floor, until all fit or nothing is left to cut."""
    cap = max(widths)

    def cut() -> list[int]:
        return [min(width, max(cap, floor)) for width, floor in zip(widths, floors, strict=True)]

    while cap > 1 and sum(cut()) > room:
        cap = max(1, min(cap, room) - 1)
    return cut()


def _width(value: Json) -> int:
    return cell_len(visible(cell(value)))


def _print(
    rows: Iterable[tuple[Json, ...]],
    layout: _Layout,
    stream: TextIO,
    presentation: Presentation,
    heading: bool,
) -> None:
    table = Table(box=None, show_header=heading, pad_edge=False, padding=(0, _GAP, 0, 0))
    for name, width, numeric in zip(*layout, strict=True):
        table.add_column(
            Text(visible(name)),
            width=width,
            justify="right" if numeric else "left",
            overflow="fold",
            header_style="bold",
        )
    for row in rows:
        # Text and not str: what stands in square brackets is data, no markup.
        table.add_row(*(Text(visible(cell(value))) for value in row))
    text = StringIO()  # rich has its own way with a closed pipe, which is not ours
    console = Console(
        file=text,
        width=sum(layout.widths) + _GAP * len(layout.widths),
        height=len(layout.headings),  # with both given rich does not look for a terminal of its own
        force_terminal=presentation.color,
        no_color=not presentation.color,
        color_system="standard" if presentation.color else None,
        highlight=False,
        legacy_windows=False,
    )
    console.print(table, crop=False)
    stream.write(text.getvalue())
