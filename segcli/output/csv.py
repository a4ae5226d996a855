"""CSV as in RFC 4180: a header, CRLF line ends, quotes only where needed."""

from collections.abc import Sequence
from typing import TextIO

from segcli.output.cells import LINE_BREAKS, cell
from segcli.output.presentation import Presentation
from segcli.result import Json, Result
from segcli.text import visible

_QUOTED = {",", '"', *map(chr, LINE_BREAKS)}


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    if result.columns:
        stream.write(_line([column.name for column in result.columns], presentation))
    if result.id_blocks is not None:
        stream.writelines(block.replace("\n", "\r\n") for block in result.id_blocks)
        return
    for row in result.rows():
        stream.write(_line(row, presentation))


def _line(values: Sequence[Json], presentation: Presentation) -> str:
    cells = [cell(value) for value in values]
    if presentation.terminal:
        cells = [visible(text) for text in cells]
    line = ",".join(cells)
    # Most lines need no quotes; no line break is printable. An empty line would be no record at all.
    if not line.isprintable() or '"' in line or line.count(",") >= len(cells) or not line:
        line = ",".join(_quoted(text) if not line or not _QUOTED.isdisjoint(text) else text for text in cells)
    return line + "\r\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
