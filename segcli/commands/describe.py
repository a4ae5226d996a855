"""The declarations as plain values, for the shells' scripts and the manual pages."""

import inspect
from typing import Literal, get_origin

from segcli.commands import COMMANDS, EXAMPLES, HELP, declare
from segcli.commands.declare import COMMON, VERSION, Parameter, app_of
from segcli.completion.tree import Argument, Command, Kind, Option, Value
from segcli.output import FORMATS

_KINDS: dict[str, Kind] = {
    "FILE": "file",
    "SEGMENT": "segment",
    "FILTER": "filter",
    "SORT": "sort",
    "FIELDS": "fields",
}
_BY_NAME: dict[str, Kind] = {"--profile": "profile", "--backend": "backend"}


def describe() -> Command:
    """What the whole command line is called and takes; hidden commands are left out."""
    return Command((), HELP, EXAMPLES, (), (), _COMMON, tuple(map(_describe_app, COMMANDS)))


def _describe_app(word: str) -> Command:
    app = app_of(word)
    if not app.is_noun:
        return _describe((word,), app.commands[word])
    inner = [_describe((word, name), each) for name, each in app.commands.items() if not each.hidden]
    return Command((word,), app.help, app.examples, (), (), _COMMON, tuple(inner))


def _describe(words: tuple[str, ...], command: declare.Command) -> Command:
    options = [each for each in command.parameters if each.names]
    arguments = [each for each in command.parameters if not each.names]
    return Command(
        words,
        inspect.getdoc(command.function) or "",
        command.examples,
        tuple(_argument(each, words) for each in arguments),
        tuple(map(_option, options)),
        _COMMON,
        (),
    )


def _option(parameter: Parameter) -> Option:
    names = tuple(sorted(parameter.names, key=len, reverse=True))
    kind = _BY_NAME.get(names[0]) or _kind(parameter)
    value = None if parameter.type is bool else _value(parameter, kind)
    default = str(parameter.default) if parameter.default and value and not parameter.required else ""
    return Option(names, parameter.declared.help or "", value, default, parameter.required)


def _argument(parameter: Parameter, words: tuple[str, ...]) -> Argument:
    named = words[:1] == ("profile",) and words[1:] != ("add",)
    value = _value(parameter, "profile" if named else _kind(parameter))
    return Argument(value, parameter.declared.help or "", parameter.required, parameter.type == list[str])


def _value(parameter: Parameter, kind: Kind) -> Value:
    choices = parameter.type.__args__ if get_origin(parameter.type) is Literal else ()
    if "--output" in parameter.names:
        choices = tuple(FORMATS)
    return Value(_metavar(parameter) or parameter.name.upper(), "choice" if choices else kind, choices)


def _kind(parameter: Parameter) -> Kind:
    return _KINDS.get(_metavar(parameter), "text")


def _metavar(parameter: Parameter) -> str:
    return (parameter.declared.metavar or "").removesuffix("...").strip("[]")


_HELP = Option(("--help", "-h"), "Show this message and exit.")
_COMMON = (*map(_option, (*COMMON, VERSION)), _HELP)
