"""Files as tables of text: columns with names, and rows in batches, streamed."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import IO, Any, BinaryIO, Literal, NamedTuple

from segcli.customer import member_of
from segcli.errors import UsageError
from segcli.inputs.blocks import whole_lines
from segcli.inputs.heads import table_delimiter
from segcli.inputs.reader import opened
from segcli.text import visible

_BATCH = 10_000  # rows
_MAX_COLUMNS = 1_000  # of JSON
_LONGEST_LINE = 1 << 16  # bytes of a line of text
VALUE = ""  # the name of the only column of a file without names


class Batch(NamedTuple):
    """Some rows, each with the number of its line or item, and as many texts as there are columns."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[str]]


class Table(NamedTuple):
    """A file, by its name for messages; a value that is missing is an empty text.

    `unit` is what the numbers count. A file of single values has one column without a name.
    """

    name: str
    unit: Literal["line", "item"]
    columns: tuple[str, ...]
    batches: Iterator[Batch]


@contextmanager
def open_table(
    path: str, on_open: Callable[[BinaryIO], None] = lambda _: None, column: str | None = None
) -> Iterator[Table]:
    """The table in a file, or in stdin for `-`: text, CSV, a JSON array, or JSON lines; gzip is detected.

    `on_open` receives the file, whose position shows how much was read. A file that must have a `column` has
    names of columns; those of JSON are the members of the objects in its first batch. Raises UsageError for a
    file that cannot be read, or has none of the formats, also within the block.
    """
    with opened(path, on_open) as (name, head, file):
        yield table_of(name, head, file, column)


def table_of(name: str, head: bytes, file: IO[bytes], column: str | None = None) -> Table:
    """The table in a file that starts with `head`, which is a CSV or JSON if it must have a `column`.

    Raises UsageError as `open_table` does, also while its rows are read.
    """
    first = head.lstrip()[:1]
    if first == b"[":
        return _of_values(name, "item", _array_values(name, file))
    if first == b"{":
        return _of_json(name, head, file)
    delimiter = table_delimiter(name, head, column)
    return _of_lines(name, file) if delimiter is None else _of_csv(name, file, delimiter)


def _of_csv(name: str, file: IO[bytes], delimiter: str) -> Table:
    from segcli.inputs.records import Rows

    batches = Rows(name, file, delimiter).batches()
    empty: tuple[Sequence[int], list[list[str]]] = ((), [[]])
    numbers, rows = next(batches, empty)
    columns = tuple(cell.strip() for cell in rows[0])
    rest = chain([(numbers[1:], rows[1:])], batches)
    return Table(name, "line", columns, _csv_batches(name, rest, len(columns)))


def _csv_batches(
    name: str, batches: Iterable[tuple[Sequence[int], list[list[str]]]], width: int
) -> Iterator[Batch]:
    for numbers, rows in batches:
        if set(map(len, rows)) - {width}:
            rows = [
                row if len(row) == width else _fitted(name, number, row, width)
                for number, row in zip(numbers, rows, strict=True)
            ]
        if rows:
            yield Batch(numbers, rows)


def _fitted(name: str, number: int, row: list[str], width: int) -> list[str]:
    """The row with as many values as the header; raises UsageError for values without a column."""
    if any(cell.strip() for cell in row[width:]):
        raise UsageError(
            f"{name}, line {number}: {len(row)} values, but the header has {width} columns",
            hint="write a value that contains the delimiter in quotation marks",
        )
    return [*row[:width], *[""] * (width - len(row))]


def _of_lines(name: str, file: IO[bytes]) -> Table:
    def batches() -> Iterator[Batch]:
        for first, block in whole_lines(name, file, _LONGEST_LINE):
            lines = (
                block.decode(errors="surrogateescape").replace("\r\n", "\n").replace("\r", "\n").split("\n")
            )
            kept = [
                (number, text)
                for number, line in enumerate(lines, first)
                if (text := line.strip()) and not text.startswith("#")
            ]
            if kept:
                yield Batch([number for number, _ in kept], [(text,) for _, text in kept])

    return Table(name, "line", (VALUE,), batches())


def _of_json(name: str, head: bytes, file: IO[bytes]) -> Table:
    """JSON lines, or a document that segcli printed."""
    from segcli.inputs.documents import json_items

    start = json_items(head)
    if start is None:
        return _of_values(name, "line", _line_values(name, file))
    file.read(start)
    return _of_values(name, "item", _array_values(name, file, within_object=True))


class _Values(NamedTuple):
    """JSON values, each with the number of its line or item."""

    numbers: Sequence[int]
    values: Sequence[Any]


def _array_values(name: str, file: IO[bytes], *, within_object: bool = False) -> Iterator[_Values]:
    from segcli.inputs.json_array import JsonArray

    class Items(JsonArray[Any]):
        def decode(self, array: bytes) -> list[Any] | None:
            try:
                values: list[Any] = json.loads(array.decode())
            except (ValueError, RecursionError):
                return None
            return values

        def item(self, value: object, text: str) -> object:
            if value is None:  # left out, it would change the numbers of the others
                raise _not_like_others(name, "item", self.count)
            return value

    number = 1
    for block in Items(name, file, within_object=within_object).blocks():
        yield _Values(range(number, number + len(block)), block)
        number += len(block)


def _line_values(name: str, file: IO[bytes]) -> Iterator[_Values]:
    from segcli.inputs.json_array import LONGEST, bounded_integer

    for first, block in whole_lines(name, file, LONGEST):
        numbers, values = [], []
        for number, line in enumerate(block.split(b"\n"), first):
            if not line or line.isspace():
                continue
            try:
                values.append(json.loads(line, parse_int=bounded_integer))
            except (ValueError, RecursionError):
                raise UsageError(f"{name}, line {number}: not valid JSON") from None
            numbers.append(number)
        if values:
            yield _Values(numbers, values)


def _of_values(name: str, unit: Literal["line", "item"], blocks: Iterator[_Values]) -> Table:
    """Objects with the members of the first batch as columns, or single values."""
    first = next(blocks, _Values((), ()))
    columns = tuple(dict.fromkeys(key for each in first.values if isinstance(each, dict) for key in each))
    columns = columns or (VALUE,)
    if len(columns) > _MAX_COLUMNS:
        raise UsageError(f"{name} has {len(columns):,} members: expected at most {_MAX_COLUMNS:,}")
    cells = _cells(name, unit, columns, chain([first], blocks))
    return Table(name, unit, columns, cells)


def _cells(name: str, unit: str, columns: tuple[str, ...], blocks: Iterable[_Values]) -> Iterator[Batch]:
    single, names = columns == (VALUE,), set(columns)
    for numbers, values in blocks:
        rows: list[tuple[str, ...]] = []
        for number, value in zip(numbers, values, strict=True):
            if isinstance(value, dict):
                if not value.keys() <= names:
                    _require_unknown(name, unit, number, value.keys() - names)
                rows.append(tuple(_text(value.get(column)) for column in columns))
            elif single and value is not None and not isinstance(value, list):
                rows.append((_text(value),))
            else:
                raise _not_like_others(name, unit, number)
        if rows:
            yield Batch(numbers, rows)


def _require_unknown(name: str, unit: str, number: int, members: Iterable[str]) -> None:
    """Raises UsageError for a member that would be lost, because the first objects do not have it."""
    for member in sorted(members):
        if member_of(member) is not None:
            raise UsageError(
                f"{name}, {unit} {number}: the member '{visible(member)}' is in none of the first objects",
                hint="write it in the first object too, if need be as null",
            )


def _not_like_others(name: str, unit: str, number: int) -> UsageError:
    return UsageError(f"{name}, {unit} {number}: expected an object, or a text or number in every item")


def _text(value: object) -> str:
    """A JSON value as the text of a cell."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
