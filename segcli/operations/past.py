"""The past of a backend: the moments that a command names, all counted from the same present."""

import time

from segcli.backends.base import Backend, Reader
from segcli.errors import UsageError
from segcli.expressions.moments import parse_moment


class Past:
    """Reads moments of the past. The present is when it was created."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.now = time.time_ns() // 1000

    def reader(self, moment: str) -> Reader:
        """The state at a moment as it is written.

        Raises UsageError if it is not valid or in the future, and if the backend keeps no history.
        """
        at = parse_moment(moment, self.now)
        if at > self.now:
            from segcli.backends.history import format_moment

            raise UsageError(
                f"'{moment}' is in the future: expected at most {format_moment(self.now)}",
                hint="leave out the moment to use the present state",
            )
        return self._backend.at(at)
