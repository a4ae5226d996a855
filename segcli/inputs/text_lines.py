"""Text: one id per line; blank lines and `#` comments are skipped."""

import json
from array import array
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from segcli.errors import UsageError
from segcli.inputs.blocks import Block, to_block, whole_lines
from segcli.inputs.rejects import INVALID_ID, Invalid, Reject
from segcli.model import parse_account_id

_LONGEST_LINE = 1 << 16  # bytes
_PLAIN = b"0123456789\r\n"


def read_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of a text file; each block comes from whole lines."""
    for line, block in whole_lines(name, file, _LONGEST_LINE):
        yield _ids(name, block, line, reject)


def _ids(name: str, block: bytes, line: int, reject: Reject) -> Block:
    """The ids of whole lines, of which the first is number `line`; all at once if they are only digits."""
    if not block.translate(None, _PLAIN):
        with suppress(ValueError):
            return to_block(_numbers(block))
    return array("i", _ids_one_by_one(name, block, line, reject))


def _numbers(block: bytes) -> list[int]:
    """The numbers in lines of digits. Raises ValueError for one that is too long for int()."""
    try:
        # With commas it is JSON, which is parsed in two thirds of the time.
        numbers: list[int] = json.loads(b"[%s]" % block.rstrip().replace(b"\n", b","))
    except ValueError:  # not with blank lines, or leading zeros
        numbers = list(map(int, block.split()))
    return numbers


def _ids_one_by_one(name: str, block: bytes, line: int, reject: Reject) -> Iterator[int]:
    for number, raw in enumerate(block.splitlines(), line):
        text = raw.decode(errors="backslashreplace").strip()
        if not text or text.startswith("#"):
            continue
        try:
            yield parse_account_id(text)
        except UsageError:
            reject(Invalid(f"{name}, line {number}", text, INVALID_ID))
