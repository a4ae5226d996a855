"""What the parsers of the query language share: skipping white space, and errors with a position."""

from segcli.errors import UsageError
from segcli.text import mark

MAX_TEXT = 4 * 1024  # bytes in UTF-8 of a filter, a sort or a list of fields


def require_length(what: str, text: str) -> None:
    """Raises UsageError if `text` is too long to be parsed."""
    encoded = text.encode(errors="surrogatepass")
    if len(encoded) > MAX_TEXT:
        end = len(encoded[:MAX_TEXT].decode(errors="ignore"))
        raise problem(what, text, end, end, f"the text is longer than {MAX_TEXT:,} bytes")


def skip_space(text: str, position: int) -> int:
    """The position of the first character from `position` on that is not white space."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def problem(what: str, text: str, start: int, end: int, message: str, hint: str | None = None) -> UsageError:
    """A UsageError that shows `text` with carets under the part from `start` to `end`."""
    return UsageError(f"{what}, character {start + 1}: {message}", hint=hint, detail=mark(text, start, end))
