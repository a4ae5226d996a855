"""Reads a well-formed line from the declarations alone, many times as fast as Typer can be imported.

It takes only what it fully understands: anything else, however slightly off, it leaves to Typer, whole
and from the start. So it need not be complete, but it must never read a line otherwise than Typer does;
a test holds it to that on random lines.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, get_origin

from segcli.commands import COMMANDS
from segcli.commands.declare import COMMON, Argument, Command, Option, Parameter, app_of
from segcli.session import Session

_DIGITS = 18  # that a whole number may have here

# What options are called by: the parameter, and where its value goes.
_Options = dict[str, tuple[Parameter, dict[str, Any]]]


class _UnsureError(Exception):
    """The line is not plainly well-formed."""


def read_quickly(arguments: Sequence[str], session: Session) -> partial[int] | None:
    """The call that `arguments` ask for; None, and nothing done, where Typer is to say what they mean."""
    words = iter(arguments)
    flags: dict[str, Any] = {}
    common = _options(COMMON, flags)
    try:
        command = _command(words, common)
        values = _values(words, common, command.parameters)
    except _UnsureError:
        return None
    session.flags.update(flags)
    return partial(command.function, **values)


def _options(parameters: Iterable[Parameter], values: dict[str, Any]) -> _Options:
    return {name: (parameter, values) for parameter in parameters for name in parameter.names}


def _command(words: Iterator[str], common: _Options) -> Command:
    """The command that is named next, common options before its words."""
    word = _command_word(words, common)
    if word not in COMMANDS:
        raise _UnsureError
    app = app_of(word)
    if app.is_noun:
        word = _command_word(words, common)
    if word not in app.commands:
        raise _UnsureError
    return app.commands[word]


def _command_word(words: Iterator[str], common: _Options) -> str:
    while _is_option(word := _next(words)):
        _read_option(word, words, common)
    return word


def _values(words: Iterator[str], common: _Options, parameters: list[Parameter]) -> dict[str, Any]:
    """What the rest of the line gives to `parameters`, and their defaults do."""
    given: dict[str, Any] = {}
    options = {**common, **_options(parameters, given)}
    places: list[str] = []
    for word in words:
        if word == "--":
            places += words
        elif _is_option(word):
            _read_option(word, words, options)
        else:
            places.append(word)
    _read_arguments(places, parameters, given)
    values = {each.name: given.get(each.name, each.default) for each in parameters}
    if ... in values.values():
        raise _UnsureError  # one that must be given is missing
    return values


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _read_option(word: str, words: Iterator[str], options: _Options) -> None:
    """Keeps what `--flag`, `--name value`, `--name=value`, `-f`, `-n value` or `-nvalue` say."""
    if word.startswith("--"):
        name, attached, value = word.partition("=")
    else:
        name, attached, value = word[:2], word[2:], word[2:]
    if name not in options:
        raise _UnsureError
    parameter, values = options[name]
    if parameter.name in values:
        raise _UnsureError  # which of two is heard is not for us to know
    if parameter.type is not bool:
        values[parameter.name] = _converted(value if attached else _next(words), parameter)
    elif attached:
        raise _UnsureError
    else:
        values[parameter.name] = True


def _read_arguments(words: list[str], parameters: list[Parameter], values: dict[str, Any]) -> None:
    """Keeps what stands at its place: each argument takes one of `words`, or all that are left."""
    for parameter in parameters:
        if not words or isinstance(parameter.declared, Option):
            continue
        if parameter.type == list[str]:
            values[parameter.name], words = words, []
        else:
            values[parameter.name] = _converted(words[0], parameter)
            words = words[1:]
    if words:
        raise _UnsureError


def _converted(text: str, parameter: Parameter) -> str | int:
    kind = parameter.type
    if kind is str or (get_origin(kind) is Literal and text in kind.__args__):
        return text
    if kind is int and text.isascii() and text.isdigit() and len(text) <= _DIGITS:
        return _within(int(text), parameter.declared)
    raise _UnsureError


def _within(number: int, declared: Option | Argument) -> int:
    if isinstance(declared, Option):
        low, high = declared.min, declared.max
        if (low is None or low <= number) and (high is None or number <= high):
            return number
    raise _UnsureError


def _next(words: Iterator[str]) -> str:
    for word in words:
        return word
    raise _UnsureError
