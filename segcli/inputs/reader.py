"""Account ids from a file: text, CSV, a JSON array or JSON lines, streamed and checked.

The format is detected by the first bytes and the name of the file (cli.md, "Input files of account ids").
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from segcli.errors import UsageError
from segcli.inputs.blocks import KNOWN_COLUMNS, Block
from segcli.inputs.rejects import Reject

STDIN = "-"
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = (",", ";", "\t", "|")


def read_accounts(path: str, *, column: str | None, reject: Reject) -> Iterator[Block]:
    """The account ids of a file, or of stdin for `-`, in blocks and in the order of the file.

    `column` names the column of a CSV. `reject` is called for every value that is not an account id.
    Raises UsageError for a file that cannot be read, or has none of the formats.
    """
    name = "stdin" if path == STDIN else path
    try:
        with ExitStack() as stack:
            file = _open(path, stack)
            if file.peek(3)[:3] == _BOM:
                file.read(3)
            yield from _reader(name, file, column)(name, file, reject)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot read {name}: {reason}") from error


def _open(path: str, stack: ExitStack) -> io.BufferedReader:
    """The bytes of the file, unzipped if necessary; `stack` closes what was opened."""
    if path == STDIN:
        if sys.stdin is None:
            raise UsageError("cannot read account ids from stdin: it is closed")
        raw = stack.enter_context(_stdin())
    else:
        raw = stack.enter_context(open(os.path.expanduser(path), "rb"))  # noqa: SIM115
    if raw.peek(2)[:2] != _GZIP:
        return raw
    import gzip

    return stack.enter_context(io.BufferedReader(gzip.GzipFile(fileobj=raw)))


def _stdin() -> io.BufferedReader:
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except io.UnsupportedOperation:  # replaced by a program that runs the command in its own process
        return io.BufferedReader(io.BytesIO(sys.stdin.buffer.read()))


def _reader(name: str, file: io.BufferedReader, column: str | None) -> Callable[..., Iterator[Block]]:
    """The reader of the file's format."""
    head = file.peek()
    first = head.lstrip()[:1]
    if first == b"[":
        from segcli.inputs.records import read_json_array

        return read_json_array
    if first == b"{":
        from segcli.inputs.records import read_json_lines

        return read_json_lines
    line = head.split(b"\n", 1)[0].decode(errors="replace").strip()
    delimiter = max(_DELIMITERS, key=line.count)
    is_csv = name.removesuffix(".gz").endswith((".csv", ".tsv"))
    if column or is_csv or line in KNOWN_COLUMNS or (delimiter in line and not line.startswith("#")):
        from functools import partial

        from segcli.inputs.records import read_csv

        return partial(read_csv, column=column, delimiter=delimiter)
    from segcli.inputs.text_lines import read_lines

    return read_lines
