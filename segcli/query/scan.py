"""What the parsers of the query language share: skipping white space, and errors with a position."""

from segcli.errors import UsageError
from segcli.text import mark


def skip_space(text: str, position: int) -> int:
    """The position of the first character from `position` on that is not white space."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def problem(what: str, text: str, start: int, end: int, message: str, hint: str | None = None) -> UsageError:
    """A UsageError that shows `text` with carets under the part from `start` to `end`."""
    return UsageError(f"{what}, character {start + 1}: {message}", hint=hint, detail=mark(text, start, end))
