"""A heat map as a picture: SVG without scripts, the same bytes for the same numbers."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from segcli.errors import OutputError
from segcli.heat_map import MEASURES, HeatMap
from segcli.output.fold import cut
from segcli.output.shades import shade
from segcli.text import display_width, visible

_CELL_WIDTH, _CELL_HEIGHT = 56, 32  # pixels
_CHARACTER = 8  # pixels of one column of text
_LABEL = 40  # columns of the longest label
_MARGIN = 16
_TITLE = 32
_NOT_IN_XML = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


def write_svg(path: str, heat_map: HeatMap) -> None:
    """Writes the picture to a file, replacing its content. Raises OutputError."""
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in svg(heat_map))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"cannot write {path}: {reason}") from error


def svg(heat_map: HeatMap) -> Iterator[str]:
    """The lines of the picture."""
    labels = [_shown(cut(visible(label), _LABEL)) for label in heat_map.labels]
    count = len(labels)
    widest = max(map(display_width, labels), default=0) * _CHARACTER
    slope = widest * 5 // 7 + _CHARACTER  # the height, and the width, of a label at 45 degrees
    left = _MARGIN + widest + _CHARACTER
    top = _MARGIN + _TITLE + slope
    title = f"{heat_map.measure}: {MEASURES[heat_map.measure]}"
    width = max(left + count * _CELL_WIDTH + slope, len(title) * _CHARACTER + _MARGIN) + _MARGIN
    height = top + count * _CELL_HEIGHT + _MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13" role="img">'
    )
    yield f"<title>{escape(f'Overlap of {count} segments; {title}')}</title>"
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    yield f'<text x="{_MARGIN}" y="{_MARGIN + 14}" font-weight="bold">{escape(title)}</text>'
    for column, label in enumerate(labels):
        x, y = left + column * _CELL_WIDTH + _CELL_WIDTH // 2, top - _CHARACTER
        yield f'<text transform="translate({x} {y}) rotate(-45)">{escape(label)}</text>'
    for row, label in enumerate(labels):
        y = top + row * _CELL_HEIGHT
        yield f'<text x="{left - _CHARACTER}" y="{y + 21}" text-anchor="end">{escape(label)}</text>'
        for column in range(count):
            yield from _cell(heat_map, row, column, left + column * _CELL_WIDTH, y)
    yield "</svg>"


def _cell(heat_map: HeatMap, row: int, column: int, x: int, y: int) -> Iterator[str]:
    level = heat_map.level(row, column)
    fill, dark = ("#f2f2f2", False) if level is None else ("#ffffff", False) if not level else shade(level)
    both = heat_map.common[row * len(heat_map.labels) + column]
    a, b = (visible(heat_map.labels[place]) for place in (row, column))
    tip = f"{a}: {heat_map.sizes[row]:,} accounts" if row == column else f"{a} and {b}: {both:,} in both"
    yield (
        f'<g><title>{escape(_shown(tip))}</title><rect x="{x}" y="{y}" width="{_CELL_WIDTH}"'
        f' height="{_CELL_HEIGHT}" fill="{fill}" stroke="#d0d0d0"/>'
        f'<text x="{x + _CELL_WIDTH // 2}" y="{y + 21}" text-anchor="middle"'
        f' fill="{"#ffffff" if dark else "#000000"}">{escape(heat_map.text(row, column))}</text></g>'
    )


def _shown(text: str) -> str:
    """Visible text without the two other characters that XML cannot contain."""
    return text.translate(_NOT_IN_XML)
