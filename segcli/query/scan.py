"""What the parsers of the query language share: stepping over space, and telling a fault's place."""

from segcli.errors import UsageError
from segcli.text import mark


def skip_space(text: str, position: int) -> int:
    """Where the first character from `position` on stands that is no white space."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def problem(what: str, text: str, start: int, end: int, message: str, hint: str | None = None) -> UsageError:
    """A UsageError that shows `text` with the part from `start` to `end` marked under it."""
    return UsageError(f"{what}, character {start + 1}: {message}", hint=hint, detail=mark(text, start, end))
