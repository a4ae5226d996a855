"""Ids or codes, one a line, for xargs."""

from typing import TextIO

from segcli.errors import UsageError
from segcli.output.presentation import Presentation
from segcli.output.tsv import write as write_tsv
from segcli.result import Result


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """Writes the column called as the format, or the only one. Raises UsageError where neither is."""
    wanted = tuple(column for column in result.columns if column.name == presentation.format)
    if not wanted and len(result.columns) > 1:
        raise UsageError(
            f"this result has no {presentation.format}",
            hint=f"its columns are {', '.join(column.name for column in result.columns)}",
        )
    write_tsv(result._replace(columns=wanted or result.columns), stream, presentation)
