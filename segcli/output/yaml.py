"""YAML: the JSON form, for people who keep such files."""

from typing import TextIO

import yaml

from segcli.output.presentation import Presentation
from segcli.result import Result
from segcli.text import UNSAFE

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    document = result.document()
    text = _dump(document, allow_unicode=True)
    # YAML takes marks that reorder text for printable; then everything beyond ASCII is escaped.
    if UNSAFE.search(text.replace("\n", "")):
        text = _dump(document, allow_unicode=False)
    stream.write(text)


def _dump(document: object, allow_unicode: bool) -> str:
    text: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=allow_unicode, width=10_000
    )
    return text.removesuffix("...\n")
