"""Where a value of a document is, for errors."""

from typing import Final

from segcli.errors import UsageError


class Place:
    """A value of a document: the document's name, the line and the path."""

    __slots__ = ("_line", "_name", "path")

    def __init__(self, name: str, line: int, path: str = "") -> None:
        self._name: Final = name
        self._line: Final = line
        self.path: Final = path

    def __str__(self) -> str:
        return f"{self._name}, line {self._line}" + (f": {self.path}" if self.path else "")

    def error(self, reason: str, hint: str | None = None) -> UsageError:
        """The error for this value."""
        return UsageError(f"{self}: {reason}", hint=hint)

    def named(self, error: UsageError) -> UsageError:
        """An error about the text of the value, such as that of an expression."""
        return error.with_context(before=str(self))
