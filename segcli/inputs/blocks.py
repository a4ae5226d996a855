"""What the readers of every format share: ids in blocks, whole lines, the known names of their column."""

from collections.abc import Iterator
from typing import IO, TypeAlias

from segcli.errors import UsageError
from segcli.model import INT32_MAX

KNOWN_COLUMNS = ("accountId", "account_id", "id")
READ_BYTES = 1 << 16  # read at a time; more would not fit the processor's cache
MANY = 200_000  # ids: only from there on is msgspec worth its import
Block: TypeAlias = list[int]  # valid account ids


def to_block(numbers: list[int]) -> Block:
    """The numbers as ids. Raises ValueError if one of them is not a valid account id."""
    if numbers and not 1 <= min(numbers) <= max(numbers) <= INT32_MAX:
        raise ValueError(f"{min(numbers)} to {max(numbers)} are not account ids")
    return numbers


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
