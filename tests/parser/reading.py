"""A line as the quick parser reads it and as Typer does, in a form that compares."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from segcli.commands import COMMANDS
from segcli.errors import UsageError
from segcli.parser.fast import read_quickly
from segcli.parser.typer_app import read_with_typer
from segcli.session import Session
from segcli.spec import Command, app_of
from segcli.terminal.streams import Terminal


class Reading(NamedTuple):
    """What would be called, with what, and the common options that the session was left with."""

    function: Callable[..., int]
    values: dict[str, Any]
    flags: dict[str, object]


def declared() -> dict[tuple[str, ...], Command]:
    """Every command by the words that call it."""
    found: dict[tuple[str, ...], Command] = {}
    for word in COMMANDS:
        app = app_of(word)
        for name, command in app.commands.items():
            found[(word, name) if app.is_noun else (word,)] = command
    return found


DECLARED = declared()


def quick_reading(line: Sequence[str]) -> Reading | None:
    """None where the line is left to Typer, and then nothing may have been left with the session."""
    session = Session(Terminal(os.environ), line)
    call = read_quickly(line, session)
    assert call is not None or session.flags == {}
    return _reading(call, session)


def typer_reading(line: Sequence[str]) -> Reading | None:
    """None where the line asks for help or the version, or is refused."""
    session = Session(Terminal(os.environ), line)
    try:
        call = read_with_typer(line, session)
    except UsageError:
        return None
    return _reading(call, session)


def _reading(call: partial[int] | None, session: Session) -> Reading | None:
    if call is None:
        return None
    assert call.args == ()
    return Reading(call.func, call.keywords, session.flags)
