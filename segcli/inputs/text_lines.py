"""Text: one id per line; blank lines and `#` comments are skipped."""

from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from segcli.errors import UsageError
from segcli.inputs.blocks import MANY, Block, to_block, whole_lines
from segcli.inputs.rejects import INVALID_ID, Invalid, Reject
from segcli.model import parse_account_id

LONGEST_LINE = 1 << 16  # bytes
_PLAIN = b"0123456789\r\n"


def read_lines(name: str, file: IO[bytes], reject: Reject) -> Iterator[Block]:
    """The ids of a text file; each block comes from whole lines."""
    for line, block in whole_lines(name, file, LONGEST_LINE):
        yield ids_of_lines(name, block, line, reject)


def ids_of_lines(name: str, block: bytes, line: int, reject: Reject) -> Block:
    """The ids of whole lines, of which the first is number `line`; all at once if they are only digits."""
    if not block.translate(None, _PLAIN):
        if line > MANY:
            from segcli.inputs.numbers import decode_ids

            with suppress(ValueError):  # raised for blank lines and leading zeros too
                # With commas it is JSON, which is parsed in a third of the time.
                return decode_ids(b"[%s]" % block.rstrip().replace(b"\n", b","))
        with suppress(ValueError):  # also raised for what is too long for int()
            return to_block(list(map(int, block.split())))
    return list(_ids_one_by_one(name, block, line, reject))


def _ids_one_by_one(name: str, block: bytes, line: int, reject: Reject) -> Iterator[int]:
    for number, raw in enumerate(block.splitlines(), line):
        text = raw.decode(errors="backslashreplace").strip()
        if not text or text.startswith("#"):
            continue
        try:
            yield parse_account_id(text)
        except UsageError:
            reject(Invalid(f"{name}, line {number}", text, INVALID_ID))
