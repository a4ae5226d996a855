"""Writes a manifest as YAML or JSON, segment by segment; the same state is always the same text."""

import re
from collections.abc import Iterable, Iterator

from segcli.account_set import AccountSet
from segcli.manifest.types import VERSION
from segcli.manifest.yaml_nodes import looks_like_text
from segcli.output.json import dumps

# Starts with a letter or a digit, contains no `: ` and no ` #`, and does not end with a space.
_PLAIN = re.compile(r"\w(?:[\w ./+()',&%!?-]*[\w.)%!?])?")
_UNPRINTABLE = re.compile("[\ufffe\uffff]")  # in YAML
_ITEMS = "          "  # before an id in JSON


class Written:
    """A segment as it is written. `accounts` is the path of a file, or a set; None if left out."""

    __slots__ = ("accounts", "code", "description", "name")

    def __init__(
        self, code: str, name: str | None, description: str | None, accounts: AccountSet | str | None
    ) -> None:
        self.code = code
        self.name = name
        self.description = description
        self.accounts = accounts


def to_yaml(segments: Iterable[Written]) -> Iterator[str]:
    """The manifest as YAML, in pieces."""
    yield f"version: {VERSION}\nsegments:"
    empty = True
    for segment in segments:
        yield "\n" if empty else ""
        empty = False
        yield f"  - code: {_scalar(segment.code, 6)}\n"
        for key, value in (("name", segment.name), ("description", segment.description)):
            if value:
                yield f"    {key}: {_scalar(value, 6)}\n"
        yield from _yaml_accounts(segment.accounts)
    if empty:
        yield " []\n"


def _yaml_accounts(accounts: AccountSet | str | None) -> Iterator[str]:
    if accounts is None:
        return
    yield "    accounts:\n"
    if isinstance(accounts, str):
        yield f"      file: {_scalar(accounts, 8)}\n"
    elif not accounts:
        yield "      ids: []\n"
    else:
        yield "      ids:\n"
        for block in accounts.lines():
            yield "        - " + block[:-1].replace("\n", "\n        - ") + "\n"


def _scalar(text: str, indent: int) -> str:
    """Text that every reader of YAML takes for the same text."""
    if _PLAIN.fullmatch(text) and looks_like_text(text):
        return text
    quoted = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", dumps(text))
    lines = text.removesuffix("\n").split("\n")
    # In a block nothing can be escaped, and spaces at an end are easily lost.
    is_block = (
        len(lines) > 1
        and quoted == '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    )
    if not is_block or any(line != line.strip() or not line for line in lines):
        return quoted
    mark = "|" if text.endswith("\n") else "|-"
    return "\n".join([mark, *(" " * indent + line for line in lines)])


def to_json(segments: Iterable[Written]) -> Iterator[str]:
    """The manifest as JSON with an indentation of two spaces, in pieces."""
    yield f'{{\n  "version": {VERSION},\n  "segments": ['
    separator = "\n"
    for segment in segments:
        members = [f'      "code": {dumps(segment.code)}']
        for key, value in (("name", segment.name), ("description", segment.description)):
            if value:
                members.append(f'      "{key}": {dumps(value)}')
        yield separator + "    {\n" + ",\n".join(members)
        yield from _json_accounts(segment.accounts)
        yield "\n    }"
        separator = ",\n"
    yield "]\n}\n" if separator == "\n" else "\n  ]\n}\n"


def _json_accounts(accounts: AccountSet | str | None) -> Iterator[str]:
    if accounts is None:
        return
    if isinstance(accounts, str):
        yield f',\n      "accounts": {{\n        "file": {dumps(accounts)}\n      }}'
        return
    yield ',\n      "accounts": {\n        "ids": ['
    separator = f"\n{_ITEMS}"
    for block in accounts.lines():
        yield separator + block[:-1].replace("\n", f",\n{_ITEMS}")
        separator = f",\n{_ITEMS}"
    yield "\n        ]\n      }" if accounts else "]\n      }"
