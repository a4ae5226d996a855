"""Help of a command, a group or the root, from its declarations.

Written here instead of by Typer, which takes more than twice as long, and wraps examples inside quotes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from segcli.commands import EXAMPLES, SUMMARIES
from segcli.commands import HELP as ROOT_HELP
from segcli.commands.options import COMMON, HELP, VERSION
from segcli.session import Session
from segcli.spec import Command, Entry, Group, Parameter, aliases_of

_MAX_WIDTH = 100
_MIN_WIDTH = 30
_INDENT = 2
_GAP = 2
_MAX_NAME = 28  # columns; a longer name has its help below it
_SCREEN = 24  # lines
_MIN_TEXT = 30  # columns beside a name; with fewer, every help is below its name
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"
_HEADING = "\0"  # marks a heading until it is known whether there is color


def show_help(session: Session, entry: Entry | None) -> int:
    """Prints the help of `entry` (None: the root) and returns the exit code."""
    terminal = session.terminal
    with terminal.output() as stream, session.pages(stream) as pages:
        pages.write(help_text(entry, terminal.width, color=session.colored))
    return 0


def help_text(entry: Entry | None, width: int | None, *, color: bool) -> str:
    """The help of `entry` (None: the root) in at most `width` columns."""
    width = max(_MIN_WIDTH, min(width or 80, _MAX_WIDTH))
    if entry is None:
        lines = _root(width)
    elif isinstance(entry, Group):
        lines = _group(entry, width)
    else:
        lines = _command(entry, width)
    text = "\n".join(_short(list(lines)) if entry else lines) + "\n"
    return re.sub(f"{_HEADING}(.*?):", rf"{_BOLD}\1:{_PLAIN}" if color else r"\1:", text)


def _short(lines: list[str]) -> list[str]:
    """The lines, without the blank ones if there are more than a screen shows."""
    return lines if len(lines) <= _SCREEN else list(filter(None, lines))


def _root(width: int) -> Iterator[str]:
    yield from _usage("COMMAND [ARGUMENTS] [OPTIONS]", width)
    yield ""
    yield from wrap(ROOT_HELP, width)
    yield from _table("Commands", SUMMARIES.items(), width)
    yield from _table("Common options, before or after COMMAND", _rows((*COMMON, VERSION, HELP)), width)
    yield from _examples(EXAMPLES, width)
    yield ""
    yield from wrap("See 'segments help COMMAND' or 'man segments-COMMAND' for a command.", width)


def _group(group: Group, width: int) -> Iterator[str]:
    yield from _usage(" ".join((*group.words, "COMMAND [ARGUMENTS] [OPTIONS]")), width)
    yield from _paragraphs(group, width)
    yield from _table("Commands", ((each.words[-1], each.summary) for each in group.visible), width)
    yield from _table("Options", (), width)
    yield from _see_common(width)
    yield from _examples(group.examples, width)


def _command(command: Command, width: int) -> Iterator[str]:
    arguments = [_argument_form(each) for each in command.arguments]
    required = [f"{each.names[0]} {each.metavar}" for each in command.options if each.required]
    rows = [(each.metavar, each.help) for each in command.arguments]
    yield from _usage(" ".join((*command.words, *arguments, *required, "[OPTIONS]")), width)
    yield from _paragraphs(command, width)
    heading = "Arguments and options" if rows else "Options"
    yield from _table(heading, rows + _rows(command.options), width)
    yield from _see_common(width)
    yield from _examples(command.examples, width)


def _usage(form: str, width: int) -> Iterator[str]:
    first, *rest = wrap(f"Usage: segments {form}", width, subsequent_indent=" " * 7, break_on_hyphens=False)
    yield from (_HEADING + first, *rest)


def _paragraphs(entry: Entry, width: int) -> Iterator[str]:
    *paragraphs, last = entry.paragraphs
    aliases = [" ".join(("segments", *entry.words[:-1], alias)) for alias in aliases_of(entry)]
    for paragraph in (*paragraphs, " ".join((last, *(f"Alias: {alias}." for alias in aliases)))):
        yield ""
        yield from wrap(paragraph, width, break_on_hyphens=False)


def _argument_form(argument: Parameter) -> str:
    form = argument.metavar + ("..." if argument.many else "")
    return form if argument.required else f"[{form}]"


def _rows(options: Sequence[Parameter]) -> list[tuple[str, str]]:
    """The options as help lists them: names, the short one first, and what they do.

    If one of them has a short name, the long names are aligned.
    """
    aligned = any(len(each.names) > 1 for each in options)
    rows = []
    for each in options:
        form = ", ".join(sorted(each.names, key=len))
        if aligned and len(each.names) == 1:
            form = f"    {form}"
        rows.append((form if each.is_flag else f"{form} {each.metavar}", option_help(each)))
    return rows


def option_help(option: Parameter) -> str:
    """What an option does, with its choices and its default if they are not part of the text."""
    text = option.help.removesuffix(".")
    if option.choices and not all(choice in text for choice in option.choices):
        text += f": {', '.join(option.choices[:-1])} or {option.choices[-1]}"
    if option.default and not (option.is_flag or option.required or "default" in text):
        text += f" (default {option.default})"
    return f"{text}."


def _table(heading: str, rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Two columns under a heading; on a narrow terminal the second goes below the first."""
    rows = list(rows)
    yield ""
    yield f"{_HEADING}{heading}:"
    column = min(max((len(name) for name, _ in rows), default=0), _MAX_NAME)
    indent = " " * (_INDENT + column + _GAP)
    below = width - len(indent) < _MIN_TEXT
    if below:
        indent = " " * (_INDENT * 3)
    for name, text in rows:
        lines = wrap(text, width - len(indent), break_on_hyphens=False, break_long_words=False)
        if below:
            yield f"{' ' * _INDENT}{name.lstrip()}"
        elif len(name) > column:
            yield f"{' ' * _INDENT}{name}"
        else:
            yield f"{' ' * _INDENT}{name:{column}}{' ' * _GAP}{lines.pop(0)}"
        yield from (indent + line for line in lines)


def _see_common(width: int) -> Iterator[str]:
    """Where the common options are, in one line: the help of a command fits on one screen."""
    text = "See 'segments --help' for --profile, --backend, -o, -q, -v and other options."
    indent = " " * _INDENT
    yield from wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _examples(examples: Sequence[str], width: int) -> Iterator[str]:
    if examples:
        yield ""
        yield f"{_HEADING}Examples:"
        for example in examples:
            yield from _example(example, width)


def _example(example: str, width: int) -> Iterator[str]:
    """A command that can be pasted: broken only between words, with a backslash at the end of the line."""
    line = "  $"
    begun = False
    for words in _units(example, width - 9):
        if begun and len(line) + 1 + len(words) + 2 > width:  # 2: a blank and the backslash
            yield f"{line} \\"
            line = " " * 5
        line += f" {words}"
        begun = True
    yield line


def _units(example: str, width: int) -> list[str]:
    """The words of a command, an option together with its value if both fit into `width`."""
    units: list[str] = []
    for word in re.findall(r"""(?:[^\s'"]|'[^']*'|"[^"]*")+""", example):
        last = units[-1] if units else ""
        if last.startswith("-") and " " not in last and word[0] not in "-|>" and len(last + word) < width:
            units[-1] = f"{last} {word}"
        else:
            units.append(word)
    return units
