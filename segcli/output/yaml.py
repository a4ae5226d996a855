"""YAML: the JSON form, for configuration files and people."""

import re
from typing import Any, TextIO

import yaml

from segcli.output.presentation import Presentation
from segcli.result import Result
from segcli.text import UNSAFE

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    document = result.document()
    text = _dump(document, _Dumper)
    if "\\U000" in text:  # libyaml escapes emoji, PyYAML's own writer does not
        text = _dump(document, yaml.SafeDumper)
    # YAML considers bidirectional marks printable: with one in the text, escape all but ASCII.
    if re.search(UNSAFE, text.replace("\n", "")):
        text = _dump(document, _Dumper, allow_unicode=False)
    stream.write(text)


def _dump(document: object, dumper: Any, allow_unicode: bool = True) -> str:
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=allow_unicode, width=10_000)
    return text.removesuffix("...\n")
