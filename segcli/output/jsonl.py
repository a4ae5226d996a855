"""JSON lines: one item per line, streamed."""

from typing import TextIO

from segcli.output.json import compact
from segcli.output.presentation import Presentation
from segcli.result import Result


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    if result.id_blocks is not None:
        stream.writelines(result.id_blocks)
        return
    for item in result.items:
        stream.write(compact(item) + "\n")
