"""What the readers of every format share: ids in blocks, whole lines, the known names of their column."""

from array import array
from collections.abc import Iterator
from typing import IO, TypeAlias

from segcli.errors import UsageError

KNOWN_COLUMNS = ("accountId", "account_id", "id")
READ_BYTES = 1 << 18  # read at a time; more would not fit the processor's cache
Block: TypeAlias = "array[int]"  # of C ints, none of them greater than INT32_MAX


def to_block(numbers: list[int]) -> Block:
    """Non-negative numbers as ids. Raises ValueError if one of them is not a valid account id."""
    if not all(numbers):
        raise ValueError("0 is not a valid account id")
    try:
        return array("i", numbers)
    except OverflowError as error:
        raise ValueError("a number is too large for an account id") from error


def whole_lines(name: str, file: IO[bytes], longest: int) -> Iterator[tuple[int, bytes]]:
    """The file in blocks of whole lines, each with the number of its first line.

    Raises UsageError for a line of more than `longest` bytes, of which no more is read than that and one
    block: a device or an unpacked gzip may have no end.
    """
    line = 1
    rest = b""
    while read := file.read(READ_BYTES):
        # A \r at the end may be half of \r\n.
        end = read.rfind(b"\n") + 1 or read.rfind(b"\r", 0, -1) + 1
        if end:
            block, rest = rest + read[:end], read[end:]
            yield line, block
            line += block.count(b"\n")
            if b"\r" in block:
                line += block.count(b"\r") - block.count(b"\r\n")
        else:
            rest += read
        if len(rest) > longest:
            raise UsageError(
                f"{name}, line {line} is too long: expected at most {longest:,} bytes",
                hint="check that this is the file you meant, and its format",
            )
    if rest:
        yield line, rest
