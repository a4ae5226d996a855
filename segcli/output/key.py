"""Ids, or codes written as a SEGMENT, one per line: each line can be used as an argument."""

from typing import TextIO

from segcli.errors import UsageError
from segcli.model import segment_argument
from segcli.output.cells import LINE_BREAKS, cell
from segcli.output.presentation import Presentation
from segcli.result import Column, Json, Result
from segcli.text import visible


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """Writes the column named like the format, or the only column. Raises UsageError if there is neither."""
    wanted = [column for column in result.columns if column.name == presentation.format]
    if not wanted and len(result.columns) > 1:
        names = ", ".join(column.name for column in result.columns)
        raise UsageError(
            f"the result has no column {presentation.format!r}",
            hint=f"use another --output; the columns are {names}",
        )
    if result.id_blocks is not None:
        stream.writelines(result.id_blocks)
        return
    for column in (wanted or result.columns)[:1]:
        for item in result.items:
            text = _key(item, column, presentation.format)
            stream.write((visible(text) if presentation.terminal else text.translate(LINE_BREAKS)) + "\n")


def _key(item: Json, column: Column, format: str) -> str:
    value = column.value(item)
    if format == "code" and isinstance(value, str):
        return segment_argument(value, item.get("id") if isinstance(item, dict) else None)
    return cell(value)
