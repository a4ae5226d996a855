"""Turns a command line into the call it asks for.

Typer defines what a line means, and reports what is wrong with it. But importing Typer takes longer than
most commands run, so a well-formed line, and one that asks for help, is parsed without it.
"""

from collections.abc import Sequence

from segcli.commands.options import COMMON
from segcli.parser.invocation import Invocation


def parse(arguments: Sequence[str]) -> Invocation:
    """What `arguments` ask for. Raises UsageError."""
    from segcli.parser.fast import parse_fast

    invocation = parse_fast(arguments)
    if invocation is None:
        from segcli.parser.typer_app import parse_with_typer

        invocation = parse_with_typer(arguments)
    return invocation


def output_requested(arguments: Sequence[str]) -> str | None:
    """The output format that a line asks for, even an invalid line, whose error it is to report."""
    takes_value = {name: each for each in COMMON if not each.is_flag for name in each.names}
    flags = [name for each in COMMON if each.is_flag for name in each.names]
    requested = None
    words = iter(arguments)
    for word in words:
        if word == "--":
            break
        name, value = _split_option(word, flags)
        if name in takes_value:
            value = next(words, None) if value is None else value
            requested = value if takes_value[name].name == "output" else requested
    return requested


def _split_option(word: str, flags: Sequence[str]) -> tuple[str, str | None]:
    """The option in a word, and the value attached to it; in `-qojson` that is the first after the flags."""
    if word.startswith("--"):
        name, attached, value = word.partition("=")
        return name, value if attached else None
    name, rest = word[:2], word[2:]
    while name in flags and rest:
        name, rest = f"-{rest[0]}", rest[1:]
    return name, rest or None
