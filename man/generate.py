"""Writes what is made from the commands' own declarations: the manual pages and the completion scripts.

    python man/generate.py [FOLDER]

A page is generated section by section; what man/parts holds for it is written by hand and follows
what is generated in its section. FOLDER is the project's unless said.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

from segcli.commands.describe import describe
from segcli.completion.scripts import FILES, script
from segcli.completion.tree import Argument, Command, Option
from segcli.config.settings import VARIABLES
from segcli.errors import EXIT_CODES
from segcli.output import FORMATS
from segcli.query.tree import FIELDS

PARTS = Path(__file__).with_name("parts")
DATE = "November 23, 2026"  # of the release: a page says when what it tells last changed
_WIDTH = 78  # columns of a page's source
OTHER_PAGES = ("segments-filter.7", "segments-config.5")
SECTIONS = (
    "DESCRIPTION",
    "COMMANDS",
    "OPTIONS",
    "OUTPUT",
    "ENVIRONMENT",
    "FILES",
    "EXIT STATUS",
    "EXAMPLES",
    "SEE ALSO",
)


def generate() -> dict[str, str]:
    """Every generated file: its path in the project, and its text."""
    root = describe()
    files = {f"completions/{FILES[shell]}": script(shell, root) for shell in FILES}
    for command in root.walk():
        files[f"man/man1/{_title(command)}.1"] = _page(command)
    for page in OTHER_PAGES:
        text = PARTS.joinpath(page).read_text(encoding="utf-8")
        files[f"man/man{page[-1]}/{page}"] = text.replace("@date@", DATE).replace("@fields@", _fields())
    return files


def _page(command: Command) -> str:
    title = _title(command)
    parts = _parts(title)
    lines = [
        f".Dd {DATE}",
        f".Dt {title.upper()} 1",
        ".Os segcli",
        ".Sh NAME",
        f".Nm {title}",
        f".Nd {_summary(command)}",
        ".Sh SYNOPSIS",
        *_synopsis(command),
    ]
    for section in SECTIONS:
        body = [*_generated(section, command), *parts.pop(section, [])]
        if body:
            lines += [f".Sh {section}", *body]
    if parts:
        sys.exit(f"man/parts/{title}.1 has sections that no page has: {', '.join(parts)}")
    return "\n".join(lines) + "\n"


def _generated(section: str, command: Command) -> list[str]:
    makers = {
        "DESCRIPTION": _description,
        "COMMANDS": _commands,
        "OPTIONS": _options,
        "OUTPUT": _output,
        "ENVIRONMENT": _environment,
        "FILES": _files,
        "EXIT STATUS": _exit_status,
        "EXAMPLES": _examples,
        "SEE ALSO": _see_also,
    }
    return list(makers[section](command))


def _synopsis(command: Command) -> Iterator[str]:
    yield _name(command)
    for option in command.options:
        yield f".{'' if option.required else 'Op '}{_flag(option, option.names[0])}"
    if command.commands:
        yield ".Op Ar common options"
        yield ".Ar command"
        yield ".Op Ar argument ..."
    else:
        yield ".Op Ar common options"
    for argument in command.arguments:
        yield f".{_place(argument)}"


def _description(command: Command) -> Iterator[str]:
    for number, paragraph in enumerate(command.help.split("\n\n")):
        if number:
            yield ".Pp"
        yield _text(paragraph)


def _commands(command: Command) -> Iterator[str]:
    if command.commands:
        yield ".Bl -tag -width Ds"
        for inner in command.commands:
            yield f".It Xr {_title(inner)} 1"
            yield _text(inner.summary)
        yield ".El"


def _options(command: Command) -> Iterator[str]:
    if command.words:
        if command.arguments or command.options:
            yield ".Bl -tag -width Ds"
            yield from (line for argument in command.arguments for line in _argument(argument))
            yield from (line for option in command.options for line in _option(option))
            yield ".El"
            yield ".Pp"
        yield "The common options, such as"
        yield ".Fl -profile , Fl -backend"
        yield "and"
        yield ".Fl -output ,"
        yield "are told in"
        yield ".Xr segments 1 ."
    else:
        yield "Every command takes these, before or after its word:"
        yield ".Bl -tag -width Ds"
        yield from (line for option in command.common for line in _option(option))
        yield ".El"


def _output(command: Command) -> Iterator[str]:
    if not command.words:
        yield ".Bl -tag -width jsonl -compact"
        for name, (_, said) in FORMATS.items():
            yield f".It Cm {name}"
            yield _text(said)
        yield ".El"


def _environment(command: Command) -> Iterator[str]:
    if command.words:
        yield "Each common option has a variable, as"
        yield ".Xr segments 1"
        yield "tells."
    else:
        yield "A flag beats a variable, a variable the profile, the profile the default."
        yield ".Bl -tag -width Ds"
        for name, variable in VARIABLES.items():
            yield f".It Ev {variable}"
            yield f"What\n.Fl -{name.replace('_', '-')}\nsays."
        yield ".El"


def _files(command: Command) -> Iterator[str]:
    yield ".Bl -tag -width Ds"
    for path, said in (
        ("~/.config/segments/config.yaml", "The profiles; see\n.Xr segments-config 5 ."),
        ("~/.local/share/segments/segments.db", "The store that is used where no backend is named."),
        ("~/.cache/segments/", "Tickets of tenants, and for a minute the codes that TAB has asked for."),
    ):
        yield f".It Pa {path}"
        yield said
    yield ".El"
    yield ".Pp"
    yield "These are the places on Linux;"
    yield ".Ev XDG_CONFIG_HOME , XDG_DATA_HOME"
    yield "and"
    yield ".Ev XDG_CACHE_HOME"
    yield "name others, and other systems have their own."


def _exit_status(command: Command) -> Iterator[str]:
    yield ".Bl -tag -width 130 -compact"
    for code, meaning in EXIT_CODES.items():
        yield f".It {code}"
        yield _text(meaning)
    yield ".El"


def _examples(command: Command) -> Iterator[str]:
    yield ".Bd -literal"
    yield from map(_literal, command.examples)
    yield ".Ed"


def _see_also(command: Command) -> Iterator[str]:
    above = ["segments"] if command.words else []
    above += ["segments-" + command.words[0]] if len(command.words) > 1 else []
    pages = [(name, "1") for name in above] + [("segments-config", "5"), ("segments-filter", "7")]
    for number, (name, section) in enumerate(pages, 1):
        yield f".Xr {name} {section}{' ,' if number < len(pages) else ''}"


def _argument(argument: Argument) -> Iterator[str]:
    yield f".It Ar {argument.value.metavar}{' ...' if argument.many else ''}"
    yield _text(argument.help)


def _option(option: Option) -> Iterator[str]:
    names = [_flag(option, name) for name in sorted(option.names, key=len)]
    yield f".It {' , '.join(names)}"
    yield _text(option.help)
    if option.default:
        yield _text(f"Unless said, it is {option.default}.")
    if option.value and option.value.choices and option.value.choices[0] not in option.help:
        yield _text(f"One of {', '.join(option.value.choices)}.")


def _flag(option: Option, name: str) -> str:
    return f"Fl {name[1:]}" + (f" Ar {option.value.metavar}" if option.value else "")


def _place(argument: Argument) -> str:
    many = " ..." if argument.many else ""
    return f"{'' if argument.required else 'Op '}Ar {argument.value.metavar}{many}"


def _name(command: Command) -> str:
    return " ".join([".Nm segments", *(f"Cm {word}" for word in command.words)])


def _title(command: Command) -> str:
    return "-".join(("segments", *command.words))


def _summary(command: Command) -> str:
    """The command's sentence as NAME has it, without a capital and a stop."""
    said = command.summary.removesuffix(".")
    return said[:1].lower() + said[1:]


def _fields() -> str:
    kinds = {"integer": "an integer", "text": "text", "date": "a date"}
    return "\n".join(f".It Cm {field.name}\n{kinds[field.kind]}" for field in FIELDS.values())


def _parts(title: str) -> dict[str, list[str]]:
    """What is written by hand for a page, section by section."""
    path = PARTS / f"{title}.1"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    _, *pieces = re.split(r"^\.Sh (.+)\n", text, flags=re.MULTILINE)
    return {name: body.splitlines() for name, body in zip(pieces[::2], pieces[1::2], strict=True)}


def _text(text: str) -> str:
    """A help text as lines of running text: a sentence a line, nothing in it taken for a request."""
    sentences = re.split(r"(?<=[.;:]) (?=[A-Z])", " ".join(text.split()))
    return "\n".join(_escaped(line) for sentence in sentences for line in wrap(sentence, _WIDTH))


def _literal(text: str) -> str:
    """A line to be copied: hyphens and quotes stay what they are in ASCII."""
    named = {"-": r"\-", "'": r"\(aq", "`": r"\(ga", "~": r"\(ti", "^": r"\(ha"}
    return "".join(named.get(character, _escaped(character)) for character in text)


def _escaped(text: str) -> str:
    text = text.replace("\\", r"\e")
    return rf"\&{text}" if text.startswith((".", "'")) else text


def write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Writes the files below `folder`, and removes pages of commands that are no more."""
    made = dict(files)
    for path in folder.glob("man/man?/*"):
        if str(path.relative_to(folder)) not in made:
            path.unlink()
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if sys.argv[1:] else PARTS.parents[1], generate().items())
