"""Files as tables of text: columns with names, and rows in batches, streamed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Literal, NamedTuple


class Batch(NamedTuple):
    """Some rows, each with the number of its line or item, and as many texts as there are columns."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[str]]


class Table(NamedTuple):
    """A file, by its name for messages; a value that is missing is an empty text.

    `unit` is what the numbers count. A text file without a header has one column without a name.
    """

    name: str
    unit: Literal["line", "item"]
    columns: tuple[str, ...]
    batches: Iterator[Batch]


@contextmanager
def open_table(path: str, on_open: Callable[[BinaryIO], None] = lambda _: None) -> Iterator[Table]:
    """The table in a file, or in stdin for `-`: text, CSV, a JSON array, or JSON lines; gzip is detected.

    `on_open` receives the file, whose position shows how much was read. Raises UsageError for a file that
    cannot be read, or has none of the formats, also within the block.
    """
    raise NotImplementedError
