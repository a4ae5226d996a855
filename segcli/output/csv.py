"""CSV as in RFC 4180: a header, CRLF line ends, quotes only where needed."""

import csv
from collections.abc import Iterable
from typing import TextIO

from segcli.output.cells import cell
from segcli.output.presentation import Presentation
from segcli.result import Json, Result
from segcli.text import visible


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    writer = csv.writer(stream)
    if result.columns:
        writer.writerow(_cells([column.name for column in result.columns], presentation))
    if result.id_blocks is not None:
        stream.writelines(block.replace("\n", "\r\n") for block in result.id_blocks)
        return
    for row in result.rows():
        writer.writerow(_cells(row, presentation))


def _cells(values: Iterable[Json], presentation: Presentation) -> Iterable[str]:
    cells = map(cell, values)
    return map(visible, cells) if presentation.terminal else cells
