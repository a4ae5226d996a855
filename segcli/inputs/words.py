"""SEGMENT and ACCOUNT arguments from stdin: one per line, where the command line has a `-`."""

import sys
from collections.abc import Iterator, Sequence

from segcli.errors import UsageError
from segcli.model import STDIN

MAX_LINES = 100_000
MAX_LENGTH = 10_000  # bytes of a line


def with_stdin(words: Sequence[str]) -> list[str]:
    """`words` with the lines of stdin in place of `-`; blank lines are skipped.

    Raises UsageError if stdin cannot be read, has too many lines or one that is too long, or is named twice.
    """
    if words.count(STDIN) > 1:
        raise UsageError("'-' is given more than once, and stdin can only be read once")
    return [each for word in words for each in (_lines() if word == STDIN else (word,))]


def _lines() -> Iterator[str]:
    if sys.stdin is None:
        raise UsageError("cannot read arguments from stdin: it is closed")
    try:
        for number, line in enumerate(_bounded_lines(), 1):
            if len(line) > MAX_LENGTH:
                raise UsageError(f"stdin, line {number}: longer than {MAX_LENGTH:,} bytes")
            if number > MAX_LINES:
                raise UsageError(f"stdin contains more than {MAX_LINES:,} lines")
            # As in argv: bytes that are not UTF-8 are kept, and no backend has such a code.
            text = line.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
            if text.strip():
                yield text
    except OSError as error:
        raise UsageError(f"cannot read stdin: {error.strerror}") from error


def _bounded_lines() -> Iterator[bytes]:
    return iter(lambda: sys.stdin.buffer.readline(MAX_LENGTH + 1), b"")
