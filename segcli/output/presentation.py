"""How to present a result: the format, and what it needs to know about the terminal."""

from collections.abc import Callable


class Presentation:
    """The format, where it is written to, and `info` for messages beside the result (stderr).

    On a `terminal` no control character of a value is written as it is. `width` is in columns, None for
    no limit.
    """

    __slots__ = ("color", "format", "info", "terminal", "width")

    def __init__(
        self,
        format: str,
        info: Callable[[str], None],
        *,
        terminal: bool = False,
        width: int | None = None,
        color: bool = False,
    ) -> None:
        self.format = format
        self.info = info
        self.terminal = terminal
        self.width = width
        self.color = color
