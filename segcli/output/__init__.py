"""Writes a result in the requested format.

A new format is a module here and a line in FORMATS. The module has one public function,

    def write(result: Result, stream: TextIO, presentation: Presentation) -> None

that reads the result as `items` (JSON form), `rows()` (flat form) or `document()` (all at once). A
format that streams also writes `result.id_blocks`, if there are any, unparsed. It knows no command.
"""

from importlib import import_module
from typing import TextIO

from segcli.output.presentation import Presentation
from segcli.result import Result


class Format:
    """The module that writes a format, and its description; one `for_people` is shown in a pager."""

    __slots__ = ("description", "for_people", "module")

    def __init__(self, module: str, description: str, *, for_people: bool = False) -> None:
        self.module = module
        self.description = description
        self.for_people = for_people


FORMATS: dict[str, Format] = {
    "table": Format("table", "for people; default on a terminal", for_people=True),
    "tsv": Format("tsv", "tab-separated, no header; default in a pipe"),
    "json": Format("json", "what the API returns", for_people=True),
    "jsonl": Format("jsonl", "one JSON value per line, streamed"),
    "csv": Format("csv", "RFC 4180 with a header, streamed"),
    "yaml": Format("yaml", "the JSON form as YAML", for_people=True),
    "id": Format("key", "ids, one per line"),
    "code": Format("key", "codes as SEGMENT arguments, one per line"),
}


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    """Writes `result` to `stream` in the format of `presentation`; what is streamed is not held in memory.

    Raises OSError as the stream does, and UsageError if the format cannot show the result.
    """
    module = import_module(f"segcli.output.{FORMATS[presentation.format].module}")
    module.write(result, stream, presentation)
