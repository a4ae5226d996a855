"""Help of a command, a group or the root, from its declarations.

Written here instead of by Typer, which takes more than twice as long, and wraps examples inside quotes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from segcli.commands import EXAMPLES, SUMMARIES
from segcli.commands import HELP as ROOT_HELP
from segcli.commands.options import COMMON, HELP, PANEL, VERSION
from segcli.spec import Command, Entry, Group, Option, Parameter

_MAX_WIDTH = 100
_MIN_WIDTH = 30
_INDENT = 2
_GAP = 2
_MAX_NAME = 26  # columns; a longer name has its help below it
_MIN_TEXT = 30  # columns beside a name; with fewer, every help is below its name
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def help_text(entry: Entry | None, width: int | None, *, color: bool) -> str:
    """The help of `entry` (None: the root) in at most `width` columns."""
    width = max(_MIN_WIDTH, min(width or 80, _MAX_WIDTH))
    if entry is None:
        lines = _root(width)
    elif isinstance(entry, Group):
        lines = _group(entry, width)
    else:
        lines = _command(entry, width)
    text = "\n".join(lines) + "\n"
    return re.sub(r"^(\S.*):$", rf"{_BOLD}\1{_PLAIN}:", text, flags=re.MULTILINE) if color else text


def _root(width: int) -> Iterator[str]:
    yield from wrap(ROOT_HELP, width)
    yield from _usage("segments", "COMMAND [ARGUMENTS] [OPTIONS]", width)
    yield from _table("Commands:", SUMMARIES.items(), width)
    yield from _table(f"{PANEL}:", _rows((*COMMON, VERSION, HELP)), width)
    yield from _examples(EXAMPLES, width)
    yield ""
    yield from wrap("See 'segments COMMAND --help' or 'man segments-COMMAND' for a command.", width)


def _group(group: Group, width: int) -> Iterator[str]:
    path = " ".join(("segments", *group.words))
    yield from _paragraphs(group, width)
    yield from _usage(path, "COMMAND [ARGUMENTS] [OPTIONS]", width)
    yield from _table("Commands:", ((each.words[-1], each.summary) for each in group.visible), width)
    yield from _common_names(width)
    yield from _examples(group.examples, width)


def _command(command: Command, width: int) -> Iterator[str]:
    path = " ".join(("segments", *command.words))
    arguments = command.arguments
    forms = [_argument_form(each) for each in arguments]
    required = [f"{each.names[0]} {each.metavar}" for each in command.options if each.required]
    yield from _paragraphs(command, width)
    yield from _usage(path, " ".join([*forms, *required, "[OPTIONS]"]), width)
    yield from _table("Arguments:", ((each.metavar, each.help) for each in arguments), width)
    panels: dict[str, list[Parameter]] = {}
    for each in command.options:
        panel = each.declared.panel if isinstance(each.declared, Option) else None
        panels.setdefault(panel or "Options", []).append(each)
    for panel, options in panels.items():
        yield from _table(f"{panel}:", _rows(options), width)
    yield from _common_names(width)
    yield from _examples(command.examples, width)


def _paragraphs(entry: Entry, width: int) -> Iterator[str]:
    for number, paragraph in enumerate(entry.paragraphs):
        if number:
            yield ""
        yield from wrap(paragraph, width)


def _usage(path: str, rest: str, width: int) -> Iterator[str]:
    yield ""
    yield "Usage:"
    yield from wrap(f"{path} {rest}", width, initial_indent="  ", subsequent_indent="      ")


def _argument_form(argument: Parameter) -> str:
    form = argument.metavar + ("..." if argument.many else "")
    return form if argument.required else f"[{form}]"


def _rows(options: Iterable[Parameter]) -> list[tuple[str, str]]:
    """An option as help lists it: short name first, then what it does and its default."""
    rows = []
    for each in options:
        names = sorted(each.names, key=len)
        form = ", ".join(names) if names[0][1] != "-" else f"    {names[0]}"
        text = each.help if not each.choices or each.choices[0] in each.help else _with_choices(each)
        if each.default and not each.is_flag and not each.required and "default" not in text:
            text = f"{text.removesuffix('.')} (default {each.default})."
        rows.append((form if each.is_flag else f"{form} {each.metavar}", text))
    return rows


def _with_choices(option: Parameter) -> str:
    return f"{option.help.removesuffix('.')}: {' or '.join(option.choices)}."


def _table(heading: str, rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Two columns under a heading; on a narrow terminal the second goes below the first."""
    rows = list(rows)
    if not rows:
        return
    yield ""
    yield heading
    column = min(max(len(name) for name, _ in rows), _MAX_NAME)
    indent = " " * (_INDENT + column + _GAP)
    below = width - len(indent) < _MIN_TEXT
    if below:
        indent = " " * (_INDENT * 3)
    for name, text in rows:
        lines = wrap(text, width - len(indent), break_on_hyphens=False, break_long_words=False)
        if below or len(name) > column:
            yield f"{' ' * _INDENT}{name}"
        else:
            yield f"{' ' * _INDENT}{name:{column}}{' ' * _GAP}{lines.pop(0)}"
        yield from (indent + line for line in lines)


def _common_names(width: int) -> Iterator[str]:
    """The common options by name only: `segments --help` explains them."""
    names = []
    for each in (*COMMON, VERSION, HELP):
        form = ", ".join(sorted(each.names, key=len))
        names.append(form if each.is_flag else f"{form} {each.metavar}")
    # A name and its value stay on one line.
    text = "  ".join(name.replace(" ", "\0") for name in names)
    yield ""
    yield f"{PANEL} (see segments --help):"
    for line in wrap(text, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False):
        yield line.replace("\0", " ")


def _examples(examples: Sequence[str], width: int) -> Iterator[str]:
    if examples:
        yield ""
        yield "Examples:"
        for example in examples:
            yield from _example(example, width)


def _example(example: str, width: int) -> Iterator[str]:
    """A command that can be pasted: broken only between words, with a backslash at the end of the line."""
    lead = "  $ "
    line = lead
    for word in re.findall(r"""(?:[^\s'"]|'[^']*'|"[^"]*")+""", example):
        if line.strip() not in ("$", "") and len(line) + len(word) + 2 > width:
            yield f"{line}\\"
            line = " " * 6
        line += f"{word} "
    yield line.rstrip()
