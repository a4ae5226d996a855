"""The commands as the bash script needs them: one branch of a `case` each, its parts as plain words."""

from collections.abc import Iterable

from segcli.commands.options import COMMON, HELP, VERSION
from segcli.spec import Command, Entry, Group, Parameter, walk


def marks(root: Group) -> dict[str, str]:
    """The text for each mark of the template."""
    common = (*COMMON, VERSION, HELP)
    return {
        "commands": "\n".join(_branch(entry) for entry in walk(root)),
        "common_options": _names(common),
        "common_takes": _takes(common),
    }


def _branch(entry: Entry) -> str:
    parts = _parts(entry) if isinstance(entry, Command) else {"words": _words(entry)}
    path = "".join(f" {word}" for word in entry.words)
    lines = [f"{name}='{text}'" for name, text in parts.items() if text]
    return "\n".join([f"        '{path}')", *(f"            {line}" for line in lines), "            ;;"])


def _words(group: Group) -> str:
    return " ".join(each.words[-1] for each in group.visible)


def _parts(command: Command) -> dict[str, str]:
    return {
        "options": _names(command.options),
        "takes": _takes(command.options),
        "arguments": " ".join(_kind(each) + "..." * each.many for each in command.arguments),
    }


def _names(options: Iterable[Parameter]) -> str:
    return " ".join(name for option in options for name in option.names)


def _takes(options: Iterable[Parameter]) -> str:
    return " ".join(
        f"{name}:{_kind(option)}" for option in options if not option.is_flag for name in option.names
    )


def _kind(parameter: Parameter) -> str:
    return ",".join((parameter.complete, *parameter.choices))
