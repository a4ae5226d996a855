"""Tab-separated values without a header, one item per line."""

from typing import TextIO

from segcli.output.cells import cell
from segcli.output.presentation import Presentation
from segcli.result import Result
from segcli.text import visible

_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\\": "\\\\"})


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    if result.id_blocks is not None:
        stream.writelines(result.id_blocks)
        return
    for row in result.rows():
        line = "\t".join(map(escape, row))
        stream.write((_visible_cells(line) if presentation.terminal else line) + "\n")


def escape(value: object) -> str:
    """`value` as a cell: tab, newline and backslash as `\\t`, `\\n` and `\\\\`."""
    return cell(value).translate(_ESCAPES)


def _visible_cells(line: str) -> str:
    return "\t".join(map(visible, line.split("\t")))
