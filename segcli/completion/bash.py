"""The commands for the bash script: one branch of a `case` each, its parts as words."""

from collections.abc import Iterable

from segcli.spec import Command, Entry, Group, Parameter, aliases_of, walk


def marks(root: Group) -> dict[str, str]:
    """The text for each mark of the template."""
    return {
        "commands": "\n".join(_branch(entry) for entry in walk(root)),
        "common_options": _names(root.common),
        "common_takes": _takes(root.common),
    }


def _branch(entry: Entry) -> str:
    parts = _parts(entry) if isinstance(entry, Command) else {"words": _words(entry)}
    lines = [f"{name}='{text}'" for name, text in parts.items() if text]
    paths = "|".join(f"'{path}'" for path in _paths(entry))
    return "\n".join([f"        {paths})", *(f"            {line}" for line in lines), "            ;;"])


def _paths(entry: Entry) -> list[str]:
    """The words that lead to an entry, each after a space; the last word may be an alias."""
    *group, last = entry.words or ("",)
    above = "".join(f" {word}" for word in group)
    return [f"{above} {word}".rstrip() for word in (last, *aliases_of(entry))]


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
