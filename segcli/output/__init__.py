"""Writes a result in the requested format. A format is a module here and a line in FORMATS."""

from importlib import import_module
from typing import NamedTuple, TextIO

from segcli.output.presentation import Presentation
from segcli.result import Result


class Format(NamedTuple):
    """The module that writes a format, what it is, and whether it shows a collection's totals."""

    module: str
    description: str
    has_totals: bool = False


FORMATS: dict[str, Format] = {
    "table": Format("table", "for people; default on a terminal"),
    "tsv": Format("tsv", "tab-separated, no header; default in a pipe"),
    "json": Format("json", "what the API returns", has_totals=True),
    "jsonl": Format("jsonl", "one JSON value per line, streamed"),
    "csv": Format("csv", "RFC 4180 with a header, streamed"),
    "yaml": Format("yaml", "the JSON form as YAML", has_totals=True),
    "id": Format("key", "ids, one per line"),
    "code": Format("key", "codes, one per line"),
}


def write(result: Result, format: str, stream: TextIO, presentation: Presentation) -> None:
    """Writes `result` to `stream`; what it streams is never held in memory.

    Raises OSError as the stream does, and UsageError where the format cannot show the result.
    """
    module = import_module(f"segcli.output.{FORMATS[format].module}")
    module.write(result, stream, presentation._replace(format=format))
