"""Tab-separated values without a header, one item per line."""

from typing import TextIO

from segcli.output.cells import LINE_BREAKS, cell
from segcli.output.presentation import Presentation
from segcli.result import Result
from segcli.text import visible

_ESCAPES = LINE_BREAKS | str.maketrans({"\t": "\\t", "\\": "\\\\"})


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    if result.id_blocks is not None:
        stream.writelines(result.id_blocks)
        return
    for row in result.rows():
        line = "\t".join(map(escape, row))
        stream.write((_visible_cells(line) if presentation.terminal else line) + "\n")


def escape(value: object) -> str:
    """`value` as a cell: tab, backslash and line breaks as `\\t`, `\\\\`, `\\n` and so on."""
    return cell(value).translate(_ESCAPES)


def _visible_cells(line: str) -> str:
    return "\t".join(map(visible, line.split("\t")))
