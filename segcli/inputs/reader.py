"""Account ids from a file: text, CSV, JSON, JSON lines, or what segcli prints, streamed and checked.

The format is detected by the first bytes and the name of the file (cli.md, "Input files of account ids").
"""

import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from segcli.errors import UsageError
from segcli.inputs.blocks import KNOWN_COLUMNS, READ_BYTES, Block
from segcli.inputs.rejects import Reject
from segcli.model import STDIN

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_HEAD_BYTES = 4096
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # its byte order marks
_DELIMITERS = (",", ";", "\t", "|")


class _Replayed(io.RawIOBase):
    """A file of which the first bytes were already read."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head = head
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        with memoryview(buffer) as view:
            data = self._head[: len(view)] or self._file.read(len(view))
            self._head = self._head[len(view) :]
            view[: len(data)] = data
            return len(data)


def read_accounts(
    path: str, *, column: str | None, reject: Reject, on_open: Callable[[BinaryIO], None] = lambda _: None
) -> Iterator[Block]:
    """The account ids of a file, or of stdin for `-`, in blocks and in the order of the file.

    `column` names the column of a CSV. `reject` is called for every value that is not an account id, and
    `on_open` with the file, whose position shows how much was read.
    Raises UsageError for a file that cannot be read, or has none of the formats.
    """
    with opened(path, on_open) as (name, head, file):
        yield from blocks_of(name, head, file, column=column, reject=reject)


def blocks_of(
    name: str, head: bytes, file: BinaryIO, *, column: str | None, reject: Reject
) -> Iterator[Block]:
    """The account ids of a file that starts with `head`, as `read_accounts` returns them."""
    return _reader(name, head, column)(name, file, reject)


@contextmanager
def opened(
    path: str, on_open: Callable[[BinaryIO], None] = lambda _: None
) -> Iterator[tuple[str, bytes, BinaryIO]]:
    """The name of a file for messages, its first bytes, and the whole file; `-` is stdin.

    A gzip file is unpacked, and a byte order mark skipped. Raises UsageError if the file cannot be read,
    also within the block.
    """
    name = "stdin" if path == STDIN else path
    try:
        with ExitStack() as stack:
            source = _open(path, stack)
            on_open(source)
            head, file = _start(source)
            if head.startswith(_GZIP):
                from gzip import GzipFile

                head, file = _start(stack.enter_context(io.BufferedReader(GzipFile(fileobj=file))))
            if head.startswith(_UTF_16):
                raise UsageError(
                    f"{name} is UTF-16: expected UTF-8",
                    hint=f"convert it: iconv -f UTF-16 -t UTF-8 {_file_word(path)} > NEW",
                )
            if head.startswith(_BOM):
                file.read(len(_BOM))
            yield name, head.removeprefix(_BOM), file
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot read {name}: {reason}") from error


def _file_word(path: str) -> str:
    """The file as a word that can be pasted into a shell; a pipe has no name."""
    from segcli.text import quoted

    return "FILE" if path == STDIN else quoted(path)


def _start(file: BinaryIO) -> tuple[bytes, io.BufferedReader]:
    """The first bytes of a file, and the whole file.

    The format depends on them, so they are waited for: a pipe may deliver them one by one.
    """
    head = file.read(_HEAD_BYTES)
    return head, io.BufferedReader(_Replayed(head, file), READ_BYTES)


def _open(path: str, stack: ExitStack) -> BinaryIO:
    """The bytes of the file; `stack` closes it."""
    if path != STDIN:
        return stack.enter_context(open(os.path.expanduser(path), "rb"))
    if sys.stdin is None:
        raise UsageError("cannot read stdin: it is closed")
    return stack.enter_context(_stdin())


def _stdin() -> io.BufferedReader:
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except io.UnsupportedOperation:  # replaced by a program that runs the command in its own process
        return io.BufferedReader(io.BytesIO(sys.stdin.buffer.read()))


def _reader(name: str, head: bytes, column: str | None) -> Callable[..., Iterator[Block]]:
    """The reader of the format of a file that starts with `head`."""
    first = head.lstrip()[:1]
    if first == b"[":
        from segcli.inputs.json_values import read_json_array

        return read_json_array
    if first == b"{":
        from segcli.inputs.documents import json_items, read_json_document
        from segcli.inputs.json_values import read_json_lines

        start = json_items(head)
        return read_json_lines if start is None else partial(read_json_document, start=start)
    if b"items:" in head and not column:
        from segcli.inputs.documents import read_yaml_document, yaml_items

        start = yaml_items(head)
        if start is not None:
            return partial(read_yaml_document, start=start)
    delimiter = csv_delimiter(name, head, lambda line: bool(column) or _is_id_column(line))
    if delimiter is not None:
        from segcli.inputs.records import read_csv

        return partial(read_csv, column=column, delimiter=delimiter)
    from segcli.inputs.text_lines import read_lines

    return read_lines


def _is_id_column(line: str) -> bool:
    if line.isdigit() or line in KNOWN_COLUMNS:
        return not line.isdigit()
    from segcli.customer import member_of

    return member_of(line) == "id"


def csv_delimiter(name: str, head: bytes, is_header: Callable[[str], bool]) -> str | None:
    """The delimiter of a CSV that starts with `head`; None for a file of single values.

    `is_header` says of a first line without any delimiter whether it is the header of a column.
    """
    line = head.split(b"\n", 1)[0].decode(errors="replace").strip()
    delimiter = max(_DELIMITERS, key=line.count)
    is_csv = name.removesuffix(".gz").endswith((".csv", ".tsv"))
    if is_csv or is_header(line) or (delimiter in line and not line.startswith("#")):
        return delimiter
    return None
