"""The documents that segcli itself prints: ids as the `items` of a JSON object, or of a YAML mapping."""

import re
from collections.abc import Iterator
from typing import IO

from segcli.inputs.blocks import KNOWN_COLUMNS, Block, whole_lines
from segcli.inputs.json_values import read_json_items
from segcli.inputs.rejects import Reject
from segcli.inputs.text_lines import LONGEST_LINE, ids_of_lines

# Before the items, plain members only: another object is a line of JSON lines.
_NAME = rb'"(?!(?:%s)")[^"\\]*"' % "|".join(KNOWN_COLUMNS).encode()
_MEMBER = rb'\s*%s\s*:\s*(?:"[^"\\]*"|[^\s",{}\[\]]+)\s*,' % _NAME
_JSON_ITEMS = re.compile(rb'\s*\{(?:%s)*\s*"items"\s*:\s*(?=\[)' % _MEMBER)
_YAML_ITEMS = re.compile(rb"(?:\w+: [^\n]*\n)*items:(?: \[\])?\r?\n")


def json_items(head: bytes) -> int | None:
    """Where the array of items starts in a file that starts with `head`; None for other documents."""
    match = _JSON_ITEMS.match(head)
    return match and match.end()


def yaml_items(head: bytes) -> int | None:
    """The same for the first item of a YAML mapping."""
    match = _YAML_ITEMS.match(head)
    return match and match.end()


def read_json_document(name: str, file: IO[bytes], reject: Reject, *, start: int) -> Iterator[Block]:
    """The ids of a JSON object whose items start at byte `start`."""
    file.read(start)
    return read_json_items(name, file, reject)


def read_yaml_document(name: str, file: IO[bytes], reject: Reject, *, start: int) -> Iterator[Block]:
    """The ids of a YAML mapping whose items start at byte `start`: one per line, after a `-`."""
    before = file.read(start).count(b"\n")
    for line, block in whole_lines(name, file, LONGEST_LINE):
        items = (b"\n" + block).replace(b"\n- ", b"\n")[1:]
        yield ids_of_lines(name, items, before + line, reject)
