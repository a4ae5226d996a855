"""The commands as zsh's script holds them: a function each, which calls `_arguments` once."""

from segcli.completion.tree import Command, Option, Value

_ACTIONS = {
    "text": "()",  # an empty action would keep options from being offered there
    "file": "_files",
    "segment": "_segments_codes",
    "profile": "_segments_profiles",
    "backend": "_segments_backends",
    "filter": "_segments_filter",
    "sort": "_segments_sort",
    "fields": "_segments_fields",
}


def marks(root: Command) -> dict[str, str]:
    """What stands in the template's marks."""
    return {
        "functions": "\n\n".join(_function(command) for command in root.walk()),
        "common": "\n".join(f"        {_option(option)}" for option in root.common),
    }


def _function(command: Command) -> str:
    specs = [_option(option) for option in command.options] + _places(command)
    calls = "".join(f" \\\n        {spec}" for spec in specs)
    body = [f"    _arguments -s -S $_segments_common{calls}"]
    if command.commands:
        # What follows the word of a command is that command's, options too.
        body = [
            "    local line state",
            f"    _arguments -C -s -S -A '-*' $_segments_common{calls}",
            "    case $state in",
            "        word)",
            "            local -a words_here=(",
            *(f"                {_quoted(_described(each))}" for each in command.commands),
            "            )",
            "            _describe command words_here",
            "            ;;",
            "        rest)",
            "            case $line[1] in",
            *(f"                {each.words[-1]}) {_name(each)} ;;" for each in command.commands),
            "            esac",
            "            ;;",
            "    esac",
        ]
    return "\n".join([f"{_name(command)}() {{", *body, "}"])


def _name(command: Command) -> str:
    return "_".join(("_segments_of", *(command.words or ("root",))))


def _described(command: Command) -> str:
    return f"{command.words[-1]}:{command.summary}"


def _places(command: Command) -> list[str]:
    if command.commands:
        return ["'1: :->word'", "'*:: :->rest'"]
    return [
        _quoted(f"{'*' if argument.many else place}:{argument.value.metavar}:{_action(argument.value)}")
        for place, argument in enumerate(command.arguments, 1)
    ]


def _option(option: Option) -> str:
    help = _escaped(option.help)
    if option.value is None:
        names = [f"{name}[{help}]" for name in option.names]
    else:
        taking = f"[{help}]:{option.value.metavar}:{_action(option.value)}"
        names = [f"{name}{'=' if name.startswith('--') else '+'}{taking}" for name in option.names]
    if len(names) == 1:
        return _quoted(names[0])
    return " ".join(_quoted(f"({' '.join(option.names)}){name}") for name in names)


def _action(value: Value) -> str:
    return f"({' '.join(value.choices)})" if value.choices else _ACTIONS[value.kind]


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "[]:\\" else c for c in text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
