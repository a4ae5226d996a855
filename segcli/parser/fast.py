"""Parses a well-formed line from the declarations alone, many times faster than Typer can be imported.

It accepts only what it fully understands: anything else, including every mistake, it leaves to Typer. So it
need not be complete, but it must never interpret a line differently from Typer; a test compares the two on
random lines.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from segcli.commands import find
from segcli.commands.options import COMMON, HELP
from segcli.parser.invocation import Invocation
from segcli.spec import Command, Entry, Group, Option, Parameter

_MAX_DIGITS = 18

# The options by name: the parameter, and where its value goes.
_Options = dict[str, tuple[Parameter, dict[str, Any]]]


class _UnsureError(Exception):
    """The line is not clearly well-formed."""


def parse_fast(arguments: Sequence[str]) -> Invocation | None:
    """What `arguments` ask for; None if Typer has to decide."""
    words = iter(arguments)
    flags: dict[str, Any] = {}
    common = _options((*COMMON, HELP), flags)
    try:
        entry = _find_entry(words, common)
        if not isinstance(entry, Command):
            flags.pop(HELP.name, None)
            return Invocation.help(entry, flags)
        values = _read_values(words, common, entry.parameters)
        if flags.pop(HELP.name, False):
            return Invocation.help(entry, flags)
        _require_all(values, entry.parameters)
    except _UnsureError:
        return None
    return Invocation.of(entry, values, flags)


def _options(parameters: Iterable[Parameter], values: dict[str, Any]) -> _Options:
    return {name: (parameter, values) for parameter in parameters for name in parameter.names}


def _find_entry(words: Iterator[str], common: _Options) -> Entry | None:
    """The command that the line names; the group, or None for the root, whose help is asked for."""
    entry: Entry | None = None
    while entry is None or isinstance(entry, Group):
        word = _next_word(words, common)
        if word is None:
            break
        entry = find(entry, word)
        if entry is None:
            raise _UnsureError
    return entry


def _next_word(words: Iterator[str], common: _Options) -> str | None:
    """The next word that is not an option; None if the line ends, or help is asked for, before it."""
    for word in words:
        if not _is_option(word):
            return word
        _read_option(word, words, common)
        if HELP.name in common[HELP.names[0]][1]:
            _read_rest(words, common)
            return None
    return None


def _read_rest(words: Iterator[str], common: _Options) -> None:
    """Checks the options after a group's --help, as Typer does before it shows help."""
    for word in words:
        if not _is_option(word):
            return
        _read_option(word, words, common)


def _read_values(words: Iterator[str], common: _Options, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The values that the rest of the line and the defaults give to `parameters`."""
    given: dict[str, Any] = {}
    options = {**common, **_options(parameters, given)}
    positional: list[str] = []
    for word in words:
        if word == "--":
            positional += words
        elif _is_option(word):
            _read_option(word, words, options)
        else:
            positional.append(word)
    _read_arguments(positional, parameters, given)
    return {each.name: given.get(each.name, each.default) for each in parameters}


def _require_all(values: dict[str, Any], parameters: Sequence[Parameter]) -> None:
    if any(each.required and values[each.name] is each.default for each in parameters):
        raise _UnsureError


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _read_option(word: str, words: Iterator[str], options: _Options) -> None:
    """Stores `--flag`, `--name value`, `--name=value`, `-f`, `-n value`, `-nvalue` or `-fn value`."""
    if word.startswith("--"):
        name, attached, value = word.partition("=")
        _store(name, value if attached else None, words, options)
        return
    letters = word[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        if name not in options:
            raise _UnsureError
        if options[name][0].is_flag:
            _store(name, None, words, options)
        else:
            _store(name, letters or None, words, options)
            return


def _store(name: str, attached: str | None, words: Iterator[str], options: _Options) -> None:
    if name not in options:
        raise _UnsureError
    parameter, values = options[name]
    if parameter.name in values:
        raise _UnsureError  # given twice: Typer decides
    if not parameter.is_flag:
        values[parameter.name] = _converted(_value(words) if attached is None else attached, parameter)
    elif attached is not None:
        raise _UnsureError
    else:
        values[parameter.name] = True


def _value(words: Iterator[str]) -> str:
    for word in words:
        return word
    raise _UnsureError


def _read_arguments(words: list[str], parameters: Sequence[Parameter], values: dict[str, Any]) -> None:
    """Each argument takes one of `words`, or all that are left."""
    for parameter in parameters:
        if not words or parameter.names:
            continue
        if parameter.many:
            values[parameter.name], words = words, []
        else:
            values[parameter.name] = _converted(words[0], parameter)
            words = words[1:]
    if words:
        raise _UnsureError


def _converted(text: str, parameter: Parameter) -> str | int:
    if parameter.type is str or text in parameter.choices:
        return text
    if parameter.type is int and text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return _bounded(int(text), parameter)
    raise _UnsureError


def _bounded(number: int, parameter: Parameter) -> int:
    if isinstance(parameter.declared, Option):
        low, high = parameter.declared.min, parameter.declared.max
        if (low is None or low <= number) and (high is None or number <= high):
            return number
    raise _UnsureError
