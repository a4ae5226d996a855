"""Reads the text of a SOURCE: which file it is, its format, and its values with their lines."""

import os
from typing import Final

from segcli.errors import UsageError
from segcli.inputs.blocks import READ_BYTES
from segcli.inputs.reader import opened
from segcli.manifest.id_lists import Marked
from segcli.manifest.nodes import Data, DocumentError, Node
from segcli.model import STDIN

NAMES = ("segments.yaml", "segments.yml", "segments.json")  # of the manifest in a folder
MAX_BYTES = 1 << 29
_HEAD = 1 << 12  # bytes, which show the format
_BRACKETS = b" \t\r\n[]{}"


class Text:
    """The bytes of a SOURCE; `folder` is where its files are, None for stdin."""

    __slots__ = ("data", "folder", "name")

    def __init__(self, name: str, data: Data, folder: str | None) -> None:
        self.name: Final = name
        self.data: Final = data
        self.folder: Final = folder

    @property
    def is_json(self) -> bool:
        """Whether it is JSON by its first characters; `{version: 1}` is YAML."""
        head = self.data[:_HEAD].lstrip()
        return head[:1] in (b"{", b"[") and head.lstrip(_BRACKETS)[:1] in (b"", b'"')


def read_text(source: str) -> Text:
    """The text of a file, of the manifest in a folder, or of stdin for `-`. Raises UsageError."""
    if source == STDIN:
        return Text("stdin", _read(source), None)
    path = os.path.expanduser(source)
    if os.path.isdir(path):
        path = _in_folder(source, path)
    return Text(path, _read(path), os.path.dirname(path) or os.curdir)


def _in_folder(source: str, folder: str) -> str:
    found = [name for name in NAMES if os.path.lexists(os.path.join(folder, name))]
    if not found:
        raise UsageError(f"the folder {source} contains no {NAMES[0]}", hint="pass the path of the manifest")
    if len(found) > 1:
        raise UsageError(
            f"the folder {source} contains {' and '.join(found)}: expected one of them",
            hint="pass the path of the manifest",
        )
    return os.path.join(folder, found[0])


def _read(path: str) -> bytearray:
    if not path or "\0" in path:
        raise UsageError(f"'{path}' is not a valid SOURCE: expected a file, a folder, or - for stdin")
    data = bytearray()
    with opened(path) as (name, _, file):
        while piece := file.read(READ_BYTES):
            data += piece
            if len(data) > MAX_BYTES:
                raise UsageError(
                    f"{name} is larger than {MAX_BYTES >> 20:,} MB", hint="put accounts into files"
                )
    return data


def values(text: Text) -> list[Node]:
    """The values of a JSON or YAML text: one, or those of JSON lines. Raises UsageError."""
    marked = Marked(text.data) if b"ids" in text.data else None
    if marked is not None and marked.found:
        try:
            parsed = _parsed(text.name, marked.data, is_json=text.is_json)
            return marked.restored(parsed)
        except DocumentError:
            marked = None
    return _parsed(text.name, text.data, is_json=text.is_json)


def _parsed(name: str, data: Data, *, is_json: bool) -> list[Node]:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}, line {line}: not valid UTF-8") from None
    if is_json:
        from segcli.manifest.json_nodes import parse_json

        return parse_json(name, text)
    from segcli.manifest.yaml_nodes import parse_yaml

    root = parse_yaml(name, text)
    return [] if root is None else [root]
