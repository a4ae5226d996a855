"""The commands for the fish script: one `complete` for each word, option and argument."""

from collections.abc import Iterator

from segcli.spec import Command, Group, Parameter, aliases_of, walk

_CALLS = {
    "segment": "(__segments_codes)",
    "expression": "(__segments_plain (__segments_live expressions))",
    "assertion": "(__segments_plain (__segments_live assertions))",
    "profile": "(__segments_plain (__segments_live profiles))",
    "backend": "(__segments_backends)",
    "filter": "(__segments_filter)",
    "sort": "(__segments_sort)",
    "fields": "(__segments_fields)",
    "customer-filter": "(__segments_customer_filter)",
    "customer-fields": "(__segments_customer_fields)",
}


def marks(root: Group) -> dict[str, str]:
    """The text for each mark of the template."""
    options = [
        *root.common,
        *(each for entry in walk(root) if isinstance(entry, Command) for each in entry.options),
    ]
    taking = {name for option in options if not option.is_flag for name in option.names}
    groups = [entry for entry in walk(root) if isinstance(entry, Group)]
    return {
        "taking": " ".join(sorted(taking)),
        "groups": " ".join(_quoted(" ".join(each.words)) for each in groups),
        "completions": "\n".join(f"complete -c segments {line}" for line in _lines(root)),
    }


def _lines(root: Group) -> Iterator[str]:
    for option in root.common:
        yield _option(option)
    for entry in walk(root):
        paths = [" ".join(entry.words), *(" ".join((*entry.words[:-1], each)) for each in aliases_of(entry))]
        here = f"__segments_at {_quoted('|'.join(paths))}"
        if isinstance(entry, Group):
            for each in entry.visible:
                yield f"-n {_quoted(here)} -a {each.words[-1]} -d {_quoted(each.summary)}"
        else:
            yield from _command(entry, here)


def _command(command: Command, here: str) -> Iterator[str]:
    for option in command.options:
        yield f"-n {_quoted(here)} {_option(option)}"
    for place, argument in enumerate(command.arguments):
        if argument.complete not in ("text", "command"):
            yield f"-n {_quoted(f'{here} {_place(place, argument)}')} {_value(argument)}"


def _place(place: int, argument: Parameter) -> str:
    return f"{place}+" if argument.many else str(place)


def _option(option: Parameter) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    value = "" if option.is_flag else f" -r {_value(option)}"
    return f"{' '.join(names)}{value} -d {_quoted(option.help)}"


def _value(parameter: Parameter) -> str:
    if parameter.complete == "file":
        return "-F"
    if parameter.complete == "text":
        return "-f"
    choices = f"(__segments_plain {' '.join(parameter.choices)})" if parameter.choices else ""
    return f"-f -a {_quoted(choices or _CALLS[parameter.complete])}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
