"""Writing a result in the format that was asked for; each format is a module, loaded when used."""

from importlib import import_module
from typing import TextIO

from segcli.output.presentation import Presentation
from segcli.result import Result

# FORMAT: its module, and a word on what it is.
FORMATS: dict[str, tuple[str, str]] = {
    "table": ("table", "for people; default on a terminal"),
    "tsv": ("tsv", "tab-separated, no header; default elsewhere"),
    "json": ("json", "what the API answers"),
    "jsonl": ("jsonl", "one JSON value a line, streamed"),
    "csv": ("csv", "RFC 4180 with a header, streamed"),
    "yaml": ("yaml", "the JSON form as YAML"),
    "id": ("key", "ids, one a line"),
    "code": ("key", "codes, one a line"),
}


def write(result: Result, format: str, stream: TextIO, presentation: Presentation) -> None:
    """Writes `result` to `stream`; what it streams is never held in memory.

    Raises OSError as the stream does, and UsageError where the format cannot show the result.
    """
    module = import_module(f"segcli.output.{FORMATS[format][0]}")
    module.write(result, stream, presentation._replace(format=format))
