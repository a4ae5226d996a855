"""The commands for the zsh script: one function each, which calls `_arguments` once."""

from segcli.spec import Command, Entry, Group, Parameter, aliases_of, walk

_ACTIONS = {
    "text": "()",  # an empty action would keep options from being offered there
    "file": "_files",
    "segment": "_segments_codes",
    "expression": "_segments_expressions",
    "assertion": "_segments_assertions",
    "profile": "_segments_profiles",
    "backend": "_segments_backends",
    "filter": "_segments_filter",
    "sort": "_segments_sort",
    "fields": "_segments_fields",
    "customer-filter": "_segments_customer_filter",
    "customer-fields": "_segments_customer_fields",
}


def marks(root: Group) -> dict[str, str]:
    """The text for each mark of the template."""
    return {
        "functions": "\n\n".join(_function(entry) for entry in walk(root)),
        "common": "\n".join(f"        {_option(option)}" for option in root.common),
    }


def _function(entry: Entry) -> str:
    body = _command_body(entry) if isinstance(entry, Command) else _group_body(entry)
    return "\n".join([f"{_name(entry)}() {{", *body, "}"])


def _command_body(command: Command) -> list[str]:
    if any(argument.complete == "command" for argument in command.arguments):
        return ["    _segments_of_root"]  # the words of a command follow, as at the start of the line
    specs = [_option(option) for option in command.options]
    specs += [_argument(place, argument) for place, argument in enumerate(command.arguments, 1)]
    return [f"    _arguments -s -S $_segments_common{_calls(specs)}"]


def _group_body(group: Group) -> list[str]:
    # What follows the word of a command is that command's, options too.
    return [
        "    local line state",
        f"    _arguments -C -s -S -A '-*' $_segments_common{_calls(_GROUP_PLACES)}",
        "    case $state in",
        "        word)",
        "            local -a words_here=(",
        *(f"                {_quoted(_described(each))}" for each in group.visible),
        "            )",
        "            _describe command words_here",
        "            ;;",
        "        rest)",
        "            case $line[1] in",
        *(
            f"                {'|'.join((each.words[-1], *aliases_of(each)))}) {_name(each)} ;;"
            for each in group.visible
        ),
        "            esac",
        "            ;;",
        "    esac",
    ]


_GROUP_PLACES = ["'1: :->word'", "'*:: :->rest'"]


def _calls(specs: list[str]) -> str:
    return "".join(f" \\\n        {spec}" for spec in specs)


def _name(entry: Entry) -> str:
    return "_".join(("_segments_of", *(entry.words or ("root",))))


def _described(entry: Entry) -> str:
    return f"{entry.words[-1]}:{_escaped(entry.summary)}"


def _argument(place: int, argument: Parameter) -> str:
    return _quoted(f"{'*' if argument.many else place}:{argument.metavar}:{_action(argument)}")


def _option(option: Parameter) -> str:
    help = _escaped(option.help)
    if option.is_flag:
        names = [f"{name}[{help}]" for name in option.names]
    else:
        taking = f"[{help}]:{option.metavar}:{_action(option)}"
        names = [f"{name}{'=' if name.startswith('--') else '+'}{taking}" for name in option.names]
    if len(names) == 1:
        return _quoted(names[0])
    return " ".join(_quoted(f"({' '.join(option.names)}){name}") for name in names)


def _action(parameter: Parameter) -> str:
    return f"({' '.join(parameter.choices)})" if parameter.choices else _ACTIONS[parameter.complete]


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "[]:\\" else c for c in text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
