"""Validation of a document against the types of a manifest; an error names file, line and path."""

import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import msgspec

from segcli.account_set import AccountSet
from segcli.manifest.nodes import Ids, Mapping, Node, Plain, Scalar, Sequence, shown
from segcli.manifest.places import Place
from segcli.manifest.types import PLAN_KEY, VERSION, Accounts, Item, Manifest
from segcli.model import INT32_MAX

_WHERE = re.compile(r"(?s)(.*?)(?: - at `\$(.*)`)?")
_STEP = re.compile(r"\.([A-Za-z_]+)|\[([0-9]+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_KINDS = {"str": "text", "int": "a number", "bool": "true or false", "array": "a list", "object": "a mapping"}


class Validated:
    """A manifest that has the right types, and where its values are."""

    def __init__(self, name: str, root: Node) -> None:
        """Raises UsageError."""
        self._name: Final = name
        self._root: Final = root
        _require_version(self, root)
        self.ids: Final[dict[int, AccountSet]] = {}  # long lists, by the number of the segment
        value = _value(root)
        self._take_ids(root)
        try:
            self.manifest: Final = msgspec.convert(value, Manifest)
        except msgspec.ValidationError as error:
            self._fail(str(error))

    def place(self, path: str, *, key: str | None = None) -> Place:
        """The place of a value; with `key`, of a key in it. A path that does not exist ends earlier."""
        *_, node = self._steps(path)
        line = node.lines.get(key, node.line) if isinstance(node, Mapping) and key else node.line
        return Place(self._name, line, path)

    def _steps(self, path: str) -> Iterator[Node]:
        """The nodes on a path as far as they exist, from the root on."""
        node = self._root
        yield node
        for name, number in _STEP.findall(f".{path}"):
            if isinstance(node, Mapping) and name in node.members:
                node = node.members[name]
            elif isinstance(node, Sequence) and number and int(number) < len(node.items):
                node = node.items[int(number)]
            else:
                return
            yield node

    def _take_ids(self, root: Node) -> None:
        segments = root.members.get("segments") if isinstance(root, Mapping) else None
        for number, item in enumerate(segments.items if isinstance(segments, Sequence) else ()):
            accounts = item.members.get("accounts") if isinstance(item, Mapping) else None
            ids = accounts.members.get("ids") if isinstance(accounts, Mapping) else None
            if isinstance(ids, Ids):
                self.ids[number] = ids.accounts

    def _fail(self, text: str) -> NoReturn:
        match = _WHERE.fullmatch(text)
        reason, path = match.groups() if match else (text, None)
        path = (path or "").removeprefix(".")
        if unknown := _UNKNOWN.fullmatch(reason):
            key = unknown.group(1)
            raise self.place(path, key=key).error(f"unknown key '{shown(key)}'", _expected_keys(path))
        if missing := _MISSING.fullmatch(reason):
            raise self.place(path).error(f"{missing.group(1)} is missing")
        place = self.place(path)
        *_, node = self._steps(path)
        if path.endswith("]") and ".ids[" in path:
            value = shown(node.raw) if isinstance(node, Scalar) and node.raw else described(node)
            raise place.error(f"{value} is not a valid account id: expected 1 to {INT32_MAX}")
        if "length" in reason:
            raise place.error("expected text that is not empty")
        wanted = re.match(r"Expected `([^`]*)`", reason)
        kinds = [_KINDS.get(each.strip()) for each in wanted.group(1).split("|")] if wanted else []
        expected = " or ".join(each for each in kinds if each) or "another value"
        hint = None
        if isinstance(node, Scalar) and node.raw and "text" in kinds:
            hint = f'quote it: "{shown(node.raw)}"'
        raise place.error(f"expected {expected}, got {described(node)}", hint)


def _require_version(self: Validated, root: Node) -> None:
    """The version is read first: in another one, all else may be different."""
    place = self.place("")
    if not isinstance(root, Mapping):
        raise place.error(f"expected a mapping with version and segments, got {described(root)}")
    if PLAN_KEY in root.members:
        raise place.error("a saved plan is only read from its own file", "pass the path that it was saved to")
    version = root.members.get("version")
    if version is None:
        raise place.error("version is missing", f"a manifest starts with version: {VERSION}")
    if not isinstance(version, Scalar) or version.value != VERSION or isinstance(version.value, bool):
        raise self.place("version").error(f"expected {VERSION}, got {described(version)}")


def _value(node: Node) -> Any:
    """The node as msgspec converts it."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [_value(each) for each in node.items]
    if isinstance(node, Mapping):
        return {key: _value(each) for key, each in node.members.items()}
    return []


def _expected_keys(path: str) -> str:
    kind = Accounts if path.endswith("accounts") else Item if path else Manifest
    return f"expected {', '.join(kind.__struct_encode_fields__)}"


def described(node: Node) -> str:
    """A value as an error names it."""
    if isinstance(node, Sequence | Ids):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, Plain):
        return f"{shown(node.value.text)} without quotes"
    return f"'{shown(str(node.value))}'" if node.raw is None else shown(node.raw)
