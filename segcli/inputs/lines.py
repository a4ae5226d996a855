"""Text: one id a line, blank lines and `#` comments passed over."""

from collections.abc import Iterator
from typing import IO

from segcli.errors import UsageError
from segcli.inputs import Block, Invalid, Reject
from segcli.model import INT32_MAX, parse_account_id

_BYTES = 1 << 18  # read at a time; larger ones fall out of the processor's cache
_LONGEST_LINE = 1 << 16
_PLAIN = b"0123456789\r\n"


def read_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of a text file, a block of whole lines at a time."""
    line = 1
    rest = b""
    while read := file.read(_BYTES):
        end = read.rfind(b"\n") + 1
        if end:
            block, rest = rest + read[:end], read[end:]
            yield _ids(name, block, line, reject)
            line += block.count(b"\n")
        else:
            rest += read
        if len(rest) > _LONGEST_LINE:
            raise UsageError(f"{name}, line {line}: this line is too long to be one of a list of ids")
    yield _ids(name, rest, line, reject)


def _ids(name: str, block: bytes, line: int, reject: Reject) -> Block:
    """The ids of whole lines, the first of them `line`: at once where they are digits alone."""
    if not block.translate(None, _PLAIN):
        try:
            ids = list(map(int, block.split()))
        except ValueError:  # more digits than any number of ours has
            ids = [0]
        if not ids or (min(ids) > 0 and max(ids) <= INT32_MAX):
            return ids
    return list(_ids_one_by_one(name, block, line, reject))


def _ids_one_by_one(name: str, block: bytes, line: int, reject: Reject) -> Iterator[int]:
    for number, raw in enumerate(block.split(b"\n"), line):
        text = raw.decode(errors="backslashreplace").strip()
        if not text or text.startswith("#"):
            continue
        try:
            yield parse_account_id(text)
        except UsageError:
            reject(Invalid(f"{name}, line {number}", text, "is no account id"))
