"""The commands as bash's script holds them: a branch of a `case` each, its parts as plain words."""

from collections.abc import Iterable

from segcli.completion.tree import Command, Option, Value


def marks(root: Command) -> dict[str, str]:
    """What stands in the template's marks."""
    return {
        "commands": "\n".join(_branch(command) for command in root.walk()),
        "common_options": _names(root.common),
        "common_takes": _takes(root.common),
    }


def _branch(command: Command) -> str:
    parts = {
        "words": " ".join(inner.words[-1] for inner in command.commands),
        "options": _names(command.options),
        "takes": _takes(command.options),
        "arguments": " ".join(_kind(each.value) + "..." * each.many for each in command.arguments),
    }
    path = "".join(f" {word}" for word in command.words)
    lines = [f"{name}='{text}'" for name, text in parts.items() if text]
    return "\n".join([f"        '{path}')", *(f"            {line}" for line in lines), "            ;;"])


def _names(options: Iterable[Option]) -> str:
    return " ".join(name for option in options for name in option.names)


def _takes(options: Iterable[Option]) -> str:
    return " ".join(
        f"{name}:{_kind(option.value)}" for option in options if option.value for name in option.names
    )


def _kind(value: Value) -> str:
    return ",".join((value.kind, *value.choices))
