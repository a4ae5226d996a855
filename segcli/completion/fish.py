"""The commands as fish's script holds them: a `complete` for each word, option and argument."""

from collections.abc import Iterator

from segcli.completion.tree import Argument, Command, Option, Value

_CALLS = {
    "segment": "(__segments_live segments)",
    "profile": "(__segments_live profiles)",
    "backend": "(__segments_backends)",
    "filter": "(__segments_filter)",
    "sort": "(__segments_sort)",
    "fields": "(__segments_fields)",
}


def marks(root: Command) -> dict[str, str]:
    """What stands in the template's marks."""
    taking = {
        name for each in root.walk() for option in each.common + each.options if option.value
        for name in option.names
    }  # fmt: skip
    return {
        "taking": " ".join(sorted(taking)),
        "groups": " ".join(_quoted(" ".join(each.words)) for each in root.walk() if each.commands),
        "completions": "\n".join(f"complete -c segments {line}" for line in _lines(root)),
    }


def _lines(root: Command) -> Iterator[str]:
    for option in root.common:
        yield _option(option)
    for command in root.walk():
        here = f"__segments_at {_quoted(' '.join(command.words))}"
        for inner in command.commands:
            yield f"-n {_quoted(here)} -a {inner.words[-1]} -d {_quoted(inner.summary)}"
        for option in command.options:
            yield f"-n {_quoted(here)} {_option(option)}"
        for place, argument in enumerate(command.arguments):
            if argument.value.kind != "text":
                yield f"-n {_quoted(f'{here} {_place(place, argument)}')} {_value(argument.value)}"


def _place(place: int, argument: Argument) -> str:
    return f"{place}+" if argument.many else str(place)


def _option(option: Option) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    value = "" if option.value is None else f" -r {_value(option.value)}"
    return f"{' '.join(names)}{value} -d {_quoted(option.help)}"


def _value(value: Value) -> str:
    if value.kind == "file":
        return "-F"
    if value.kind == "text":
        return "-f"
    return f"-f -a {_quoted(' '.join(value.choices) or _CALLS[value.kind])}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
