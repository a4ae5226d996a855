"""CSV as RFC 4180 has it: a header, CRLF, quotes where they are needed."""

import csv
from collections.abc import Iterable
from itertools import chain
from typing import TextIO

from segcli.output.cells import cell
from segcli.output.presentation import Presentation
from segcli.result import Result
from segcli.text import visible


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    writer = csv.writer(stream)
    names = [column.name for column in result.columns]
    blocks = result.id_blocks or ()
    rows: Iterable[tuple[object, ...]] = () if result.id_blocks else result.rows()
    for row in chain([names] if names else [], rows):
        cells = map(cell, row)
        writer.writerow(map(visible, cells) if presentation.terminal else cells)
    stream.writelines(block.replace("\n", "\r\n") for block in blocks)
