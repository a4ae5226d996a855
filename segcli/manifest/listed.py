"""Definitions as `segments list` prints them: CSV, JSON, or JSON lines. Other columns are ignored."""

import csv
import io
from collections.abc import Iterable, Iterator

from segcli.errors import UsageError
from segcli.manifest.document import Definition
from segcli.manifest.load import Text
from segcli.manifest.nodes import Data, Mapping, Node, Scalar, Sequence
from segcli.manifest.places import Place
from segcli.manifest.validate import described

_CODE = "code"
_FIELDS = (_CODE, "name", "description")
_DELIMITERS = (",", ";", "\t", "|")
_MAX_HEADER = 1 << 16  # bytes


def csv_delimiter(data: Data) -> str | None:
    """The delimiter of a CSV with a column `code`; None for what is not one, such as YAML after a comment."""
    line = data[:_MAX_HEADER].lstrip().split(b"\n", 1)[0].decode(errors="replace").strip()
    if line.startswith("#"):
        return None
    delimiter = max(_DELIMITERS, key=line.count)
    cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
    return delimiter if _CODE in cells else None


def csv_rows(text: Text, delimiter: str) -> Iterator[tuple[Place, Definition]]:
    """The segments of a CSV; an empty cell is an omitted field. Raises UsageError."""
    try:
        content = text.data.decode()
    except UnicodeDecodeError as error:
        line = text.data.count(b"\n", 0, error.start) + 1
        raise Place(text.name, line).error("not valid UTF-8") from None
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    try:
        for row in reader:
            place = Place(text.name, reader.line_num)
            if not row:
                continue
            if not header:
                header = [cell.strip() for cell in row]
                _require_once(place, header)
                continue
            if len(row) != len(header):
                raise place.error(f"expected {len(header):,} cells, got {len(row):,}")
            cells = dict(zip(header, row, strict=True))
            code, name, description = (cells.get(field) or None for field in _FIELDS)
            yield place, _definition(place, code, name, description)
    except csv.Error as error:
        raise Place(text.name, reader.line_num).error(f"not valid CSV: {error}") from None


def _require_once(place: Place, header: list[str]) -> None:
    for field in _FIELDS:
        if header.count(field) > 1:
            raise place.error(f"the column {field} appears twice")


def items_of(name: str, nodes: list[Node]) -> list[Node] | None:
    """The segments in what `list` prints as JSON, JSON lines or YAML; None for another document.

    Raises UsageError for one page of several.
    """
    if len(nodes) > 1:
        return nodes
    (root,) = nodes
    if isinstance(root, Sequence):
        return root.items
    if not isinstance(root, Mapping) or "version" in root.members or "segments" in root.members:
        return None
    items = root.members.get("items")
    if not isinstance(items, Sequence):
        return [root] if _CODE in root.members else None
    total = root.members.get("totalCount")
    if isinstance(total, Scalar) and isinstance(total.value, int) and total.value > len(items.items):
        raise UsageError(
            f"{name} is one page: it has {len(items.items):,} of {total.value:,} segments",
            hint="print all of them with: segments list --all -o json",
        )
    return items.items


def definitions(name: str, items: Iterable[Node]) -> Iterator[tuple[Place, Definition]]:
    """The segments of such items. Raises UsageError."""
    for number, item in enumerate(items):
        place = Place(name, item.line, f"items[{number}]")
        if not isinstance(item, Mapping):
            raise place.error(f"expected a segment, got {described(item)}")
        code, name_, description = (_text(place, item, field) for field in _FIELDS)
        yield place, _definition(place, code, name_, description)


def _text(place: Place, item: Mapping, field: str) -> str | None:
    node = item.members.get(field)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return None
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        hint = f'quote it: "{node.raw}"' if isinstance(node, Scalar) and node.raw else None
        raise place.error(f"{field}: expected text, got {described(node)}", hint)
    return node.value or None


def _definition(place: Place, code: str | None, name: str | None, description: str | None) -> Definition:
    if code is None or not code.strip():
        raise place.error("code is missing")
    return Definition(code, name, description)
