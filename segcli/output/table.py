"""A table for people: it fits the terminal, and names the columns it leaves out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, TextIO

from segcli.errors import SegcliError
from segcli.output.cells import cell
from segcli.output.fold import cut, fold
from segcli.output.local_dates import LocalDate, with_local_dates
from segcli.output.presentation import Presentation
from segcli.result import Json, Result
from segcli.text import colored_change, display_width, visible

if TYPE_CHECKING:
    from segcli.heat_map import HeatMap

_GAP = "  "  # between two columns
_NARROWEST = 8  # a column is narrowed to this width before one is left out
_PAIRS = 20  # of segments that are listed if a heat map does not fit
_BLOCK = 500  # rows held in memory at a time; the first block is measured
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"

Row = tuple[Json, ...]


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    if result.heat_map is not None:
        _write_overlap(result, result.heat_map, stream, presentation)
        return
    if result.changes is not None:
        lines = map(visible, result.changes)
        stream.writelines(f"{colored_change(line) if presentation.color else line}\n" for line in lines)
        return
    if presentation.terminal:
        result = with_local_dates(result, short=result.short and result.shape != "object")
    if result.shape == "object":
        names = [column.name for column in result.columns]
        _write_records(names, result.rows(), stream, presentation.width)
    else:
        _write_rows(result, stream, presentation)


def _write_overlap(result: Result, heat_map: "HeatMap", stream: TextIO, presentation: Presentation) -> None:
    """The heat map, or if it does not fit the first pairs, and what was found."""
    from segcli.output.heatmap import draw, write_findings

    if not draw(heat_map, stream, presentation):
        count = len(heat_map.labels)
        pairs = count * (count - 1) // 2
        if pairs > _PAIRS:
            presentation.info(
                f"the {_PAIRS} most overlapping of {pairs:,} pairs; --top N shows others, -o json all"
            )
        _write_rows(result._replace(items=islice(result.items, _PAIRS)), stream, presentation)
    write_findings(heat_map, stream, presentation)


def _write_records(names: Sequence[str], rows: Iterable[Row], stream: TextIO, room: int | None) -> None:
    """Each item in lines, one per column: the name, then the value; an empty line between two items."""
    for number, row in enumerate(rows if names else ()):
        pairs: list[Row] = list(zip(names, row, strict=True))
        lines = _lines(pairs, _record_widths(pairs, room), (False, False), fold)
        stream.writelines(("\n" if number else "", *(f"{line}\n" for line in lines)))


def _record_widths(pairs: list[Row], room: int | None) -> list[int]:
    """The widths of the names and of the values: a value is folded, a name only if it takes half the room."""
    name, value = _widths(("", ""), pairs, None)
    if room is None:
        return [name, value]
    name = min(name, max(1, room // 2))
    return [name, min(value, max(1, room - len(_GAP) - name))]


def _write_rows(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """Items in rows under a heading; the first block decides which columns fit, and their widths.

    If a table that is not short has no room for every column, its items are written as records.
    """
    blocks = _blocks(result.rows())
    block = next(blocks, None)
    if block is None:
        presentation.info("no results")
        return
    names = [column.name for column in result.columns]
    kept = _kept(result, block, presentation) if result.short else list(range(len(names)))
    headings, *block = _picked([tuple(names), *block], kept)
    room = presentation.width
    if room is not None and not result.short and _full(_least(headings, block)) > room:
        _write_records(names, chain.from_iterable(chain([block], blocks)), stream, room)
        return
    widths = _widths(headings, block, room)
    fit = _cut if result.short and presentation.terminal else fold
    numeric = [all(isinstance(value, int) for value in values) for _, *values in _transposed(headings, block)]
    before, after = (_BOLD, _PLAIN) if presentation.color else ("", "")
    stream.writelines(f"{before}{line}{after}\n" for line in _lines([headings], widths, numeric, fit))
    while block:
        stream.writelines(line + "\n" for line in _lines(block, widths, numeric, fit))
        block = _picked(next(blocks, []), kept)


def _kept(result: Result, block: list[Row], presentation: Presentation) -> list[int]:
    """The places of the columns that a short table shows, after a message that names the others.

    A terminal that has room for every value shows all of them, otherwise details are the first to go.
    """
    names, room = [column.name for column in result.columns], presentation.width
    places = list(range(len(names)))
    if presentation.terminal and (room is None or _full(_widths(names, block, None)) <= room):
        return places
    kept = [place for place in places if not result.columns[place].detail]
    expected = places if presentation.terminal else kept
    if room is not None:
        least = _least(names, block)
        while len(kept) > 1 and _full([least[place] for place in kept]) > room:
            kept = kept[:-1]
    left_out = [names[place] for place in expected if place not in kept]
    if left_out:
        presentation.info(f"not shown: {', '.join(left_out)}; --wide shows every column")
    return kept


def _picked(rows: Iterable[Row], places: Sequence[int]) -> list[Row]:
    return [tuple(row[place] for place in places) for row in rows]


def _full(widths: Sequence[int]) -> int:
    """The width of a line with columns of these widths."""
    return sum(widths) + len(_GAP) * (len(widths) - 1)


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


def _lines(
    rows: Iterable[Row], widths: Sequence[int], numeric: Sequence[bool], fit: Callable[[str, int], list[str]]
) -> Iterator[str]:
    """Each row in as many lines as its tallest cell."""
    for row in rows:
        cells = [fit(_text(value), width) for value, width in zip(row, widths, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            yield _GAP.join(map(_padded, parts, widths, numeric))


def _cut(text: str, width: int) -> list[str]:
    return [cut(text, width)]


def _padded(text: str, width: int, right: bool) -> str:
    padding = " " * (width - display_width(text))
    return padding + text if right else text + padding


def _least(headings: Sequence[str], block: list[Row]) -> list[int]:
    """The width that each column needs at least."""
    return [
        width
        if any(isinstance(value, LocalDate) for value in values)
        else min(width, max(_NARROWEST, _width(heading)))
        for (heading, *values), width in zip(
            _transposed(headings, block), _widths(headings, block, None), strict=True
        )
    ]


def _widths(headings: Sequence[str], block: list[Row], room: int | None) -> list[int]:
    """Columns as wide as their heading and values; if they need more than `room`, prose narrows first."""
    columns = _transposed(headings, block)
    widths = [max(map(_width, column)) for column in columns]
    if room is None:
        return widths
    room -= len(_GAP) * (len(widths) - 1)
    floors = [
        max(_NARROWEST, _width(column[0])) if any(map(_is_prose, column[1:])) else width
        for column, width in zip(columns, widths, strict=True)
    ]
    widths = _narrowed(widths, floors, room)
    least = _least(headings, block)
    return _narrowed(widths, least if sum(least) <= room else [1] * len(widths), room)


def _narrowed(widths: list[int], floors: list[int], room: int) -> list[int]:
    """The widest columns cut to the same width, none below its floor, until all fit or none can be cut."""
    cap = max(widths)

    def cut() -> list[int]:
        return [min(width, max(cap, floor)) for width, floor in zip(widths, floors, strict=True)]

    while cap > 1 and sum(cut()) > room:
        cap = max(1, min(cap, room) - 1)
    return cut()


def _transposed(headings: Sequence[str], block: list[Row]) -> list[Row]:
    """Each heading with the values below it."""
    return list(zip(headings, *block, strict=True))


def _is_prose(value: Json) -> bool:
    """Whether a value has several words; a date with its time has not."""
    return not isinstance(value, LocalDate) and " " in cell(value)


def _width(value: Json) -> int:
    return display_width(_text(value))


def _text(value: Json) -> str:
    return visible(cell(value))
