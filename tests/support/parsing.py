"""A line as the fast parser reads it and as Typer does, in a form that can be compared."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from segcli.commands import load_all
from segcli.errors import UsageError
from segcli.parser.fast import parse_fast
from segcli.parser.invocation import Invocation
from segcli.parser.typer_app import parse_with_typer
from segcli.spec import Command, Entry, Group

ROOT = load_all()


class Reading(NamedTuple):
    """An invocation: what is called, with what, the common options, and the words of its entry."""

    function: Callable[..., int]
    arguments: Mapping[str, Any]
    flags: Mapping[str, Any]
    words: tuple[str, ...] | None


def _entries(entry: Entry) -> Iterator[Entry]:
    """The entry and everything below it, hidden commands too."""
    yield entry
    if isinstance(entry, Group):
        for each in entry.commands.values():
            yield from _entries(each)


GROUPS = {each.words: each for each in _entries(ROOT) if isinstance(each, Group)}
COMMANDS = {each.words: each for each in _entries(ROOT) if isinstance(each, Command)}


def fast_reading(line: Sequence[str]) -> Reading | None:
    """None if the line is left to Typer."""
    invocation = parse_fast(line)
    return None if invocation is None else _reading(invocation)


def typer_reading(line: Sequence[str]) -> Reading | None:
    """None if the line is invalid."""
    try:
        return _reading(parse_with_typer(line))
    except UsageError:
        return None


def _reading(invocation: Invocation) -> Reading:
    entry = invocation.entry
    arguments = {name: value for name, value in invocation.arguments.items() if name != "entry"}
    shown = invocation.arguments.get("entry", entry)
    assert shown is entry
    return Reading(invocation.function, arguments, invocation.flags, None if entry is None else entry.words)
