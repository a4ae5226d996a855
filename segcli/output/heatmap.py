"""A heat map on a terminal: rows and columns of numbers, whose background shows the same as a color."""

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from segcli.heat_map import MEASURES, HeatMap, short_number
from segcli.output.fold import cut, fold
from segcli.output.presentation import Presentation
from segcli.output.shades import shade
from segcli.text import display_width, visible

_COLUMNS = 80  # if there is no terminal
_CELL = 4  # the widest value
_SIZE = 8  # "accounts"
_LABEL = 8  # the narrowest column of codes
_BOLD = Style(bold=True)
_SHOWN = 10  # findings, and segments of each


def draw(heat_map: HeatMap, stream: TextIO, presentation: Presentation) -> bool:
    """Writes the heat map; False, and nothing is written, if it is too wide or has nothing to compare."""
    names = [visible(label) for label in heat_map.labels]
    count = len(names)
    room = presentation.width or _COLUMNS
    widest = max(map(display_width, names), default=0)
    if count < 2:
        return False
    cell = max(_CELL, widest)
    size = _SIZE
    headings: Sequence[str] = names
    rows = names
    if widest + 1 + size + count * (cell + 1) > room:  # columns are numbered instead
        cell, size = _CELL, _CELL
        headings = [str(number) for number in range(1, count + 1)]
        digits = len(str(count))
        rows = [f"{number:>{digits}} {name}" for number, name in enumerate(names, 1)]
        widest += digits + 1
    label = min(widest, room - (1 + size) - count * (cell + 1))
    if label < min(widest, _LABEL):
        return False
    console = Console(
        file=stream,
        force_terminal=presentation.color,
        color_system="auto" if presentation.color else None,
        legacy_windows=False,
        highlight=False,
    )
    title = "accounts" if size == _SIZE else "size"
    head = Text(f"{'':{label}} {title:>{size}}")
    for heading in headings:
        head.append(" " + " " * (cell - display_width(heading)) + heading, _BOLD)
    console.print(head, soft_wrap=True)
    for row, name in enumerate(rows):
        shown = cut(name, label)
        number = f"{heat_map.sizes[row]:,}"
        if len(number) > size:
            number = short_number(heat_map.sizes[row])
        line = Text()
        line.append(shown + " " * (label - display_width(shown)), _BOLD)
        line.append(f" {number:>{size}}")
        for column in range(count):
            line.append(" ")
            line.append(f"{heat_map.text(row, column):>{cell}}", _style(heat_map.level(row, column)))
        console.print(line, soft_wrap=True)
    console.print(Text(f"{heat_map.measure}: {MEASURES[heat_map.measure]}"), soft_wrap=True)
    return True


def write_findings(heat_map: HeatMap, stream: TextIO, presentation: Presentation) -> None:
    """Writes a line for each of the first findings."""
    for finding in heat_map.findings[:_SHOWN]:
        shown = [visible(code) for code in finding.segments[:_SHOWN]]
        names = " in ".join(shown) if finding.kind == "contained" else ", ".join(shown)
        more = len(finding.segments) - len(shown)
        text = f"{finding.kind}: {names}" + (f" and {more:,} more" if more else "")
        lines = fold(text, presentation.width) if presentation.width else [text]
        stream.writelines(line + "\n" for line in lines)
    left = len(heat_map.findings) - _SHOWN
    if left > 0:
        stream.write(f"and {left:,} more findings: -o json has all\n")


def _style(level: float | None) -> Style:
    if not level:
        return Style(dim=True)
    background, dark = shade(level)
    return Style(color="#ffffff" if dark else "#000000", bgcolor=background)
