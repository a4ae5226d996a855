"""Ids or codes, one per line, for xargs."""

from typing import TextIO

from segcli.errors import UsageError
from segcli.output.presentation import Presentation
from segcli.output.tsv import write as write_tsv
from segcli.result import Result


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """Writes the column named like the format, or the only column. Raises UsageError if there is neither."""
    wanted = tuple(column for column in result.columns if column.name == presentation.format)
    if not wanted and len(result.columns) > 1:
        names = ", ".join(column.name for column in result.columns)
        raise UsageError(
            f"the result has no column {presentation.format!r}",
            hint=f"use another --output; the columns are {names}",
        )
    write_tsv(result._replace(columns=wanted or result.columns), stream, presentation)
