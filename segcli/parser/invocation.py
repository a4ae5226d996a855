"""What a command line asks for."""

from collections.abc import Callable, Mapping
from typing import Any

from segcli.session import Session
from segcli.spec import Command, Entry


class Invocation:
    """A function to call with the session, its other arguments by name, and the common options.

    `entry` is the command that is called, or the command or group whose help is shown (None: the root).
    """

    __slots__ = ("arguments", "entry", "flags", "function")

    def __init__(
        self,
        function: Callable[..., int],
        arguments: Mapping[str, Any],
        flags: Mapping[str, Any],
        entry: Entry | None = None,
    ) -> None:
        self.function = function
        self.arguments = arguments
        self.flags = flags
        self.entry = entry

    @classmethod
    def of(cls, command: Command, arguments: Mapping[str, Any], flags: Mapping[str, Any]) -> "Invocation":
        return cls(command.function, arguments, flags, command)

    @classmethod
    def help(cls, entry: Entry | None, flags: Mapping[str, Any]) -> "Invocation":
        return cls(_show_help, {"entry": entry}, flags, entry)

    @classmethod
    def version(cls) -> "Invocation":
        return cls(_show_version, {}, {})

    def call(self, session: Session) -> int:
        """Runs the command and returns its exit code. Raises SegcliError."""
        session.flags.update(self.flags)
        return self.function(session, **self.arguments)


def _show_help(session: Session, entry: Entry | None) -> int:
    from segcli.commands.help_text import show_help

    return show_help(session, entry)


def _show_version(session: Session) -> int:
    from segcli.commands.version import entry

    return entry.function(session)
