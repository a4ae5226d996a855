"""The command line as plain values: what there is to complete, and to describe on a manual page."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

# What stands where a value belongs. `text` is anyone's guess, so nothing is offered for it.
Kind = Literal["text", "choice", "file", "segment", "profile", "backend", "filter", "sort", "fields"]


class Value(NamedTuple):
    """What an option or an argument takes: its name in help, its kind, and a choice's words."""

    metavar: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()


class Option(NamedTuple):
    """An option by its names, the long one first; `value` is None for a switch.

    `default` is empty where there is none, or none to speak of.
    """

    names: tuple[str, ...]
    help: str
    value: Value | None = None
    default: str = ""
    required: bool = False


class Argument(NamedTuple):
    """What stands at a place of its own; `many` is for the last one, which may be repeated."""

    value: Value
    help: str
    required: bool
    many: bool


class Command(NamedTuple):
    """A command by the words that call it, `("accounts", "add")`; the root has none.

    A group has `commands` and no arguments. `common` are the options that every command takes.
    """

    words: tuple[str, ...]
    help: str
    examples: tuple[str, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    common: tuple[Option, ...]
    commands: tuple["Command", ...]

    @property
    def summary(self) -> str:
        """The first sentence of its help, as a list of commands shows it."""
        return " ".join(self.help.partition("\n\n")[0].split())

    def walk(self) -> Iterator["Command"]:
        """The command and all that are below it."""
        yield self
        for command in self.commands:
            yield from command.walk()
