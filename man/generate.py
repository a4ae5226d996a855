"""Generates the manual pages and the completion scripts from the declarations of the commands.

    python man/generate.py [FOLDER]

The sections of a page are generated; text for a section in man/parts follows the generated text. FOLDER is
the project's root by default.
"""

import re
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from textwrap import wrap

from segcli.commands import load_all
from segcli.commands.help_text import option_help
from segcli.completion.scripts import FILES, script
from segcli.config.settings import VARIABLES
from segcli.errors import EXIT_CODES
from segcli.expressions.hashing import hashes, start_of
from segcli.model import INT32_MAX
from segcli.output import FORMATS
from segcli.query.tree import FIELDS
from segcli.schemas import ERROR, SCHEMAS, SEGMENT
from segcli.schemas.parts import Schema
from segcli.spec import Command, Entry, Group, Parameter, aliases_of, walk

PARTS = Path(__file__).with_name("parts")
DATE = "November 23, 2026"  # of the release
_WIDTH = 78  # columns of a page's source
OTHER_PAGES = (
    "segments-expression.7",
    "segments-filter.7",
    "segments-json.7",
    "segments-manifest.7",
    "segments-config.5",
)
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
    root = load_all()
    files = {f"completions/{FILES[shell]}": script(shell, root) for shell in FILES}
    for entry in walk(root):
        files[f"man/man1/{_title(entry)}.1"] = _page(entry)
    for page in OTHER_PAGES:
        text = PARTS.joinpath(page).read_text(encoding="utf-8")
        for mark, make in MARKS.items():
            text = text.replace(mark, make())
        files[f"man/man{page[-1]}/{page}"] = "\n".join([*_header(*page.split(".")), text])
    return files


def _page(entry: Entry) -> str:
    title = _title(entry)
    parts = _parts(title)
    lines = [
        *_header(title, "1"),
        ".Sh NAME",
        f".Nm {title}",
        f".Nd {_summary(entry)}",
        ".Sh SYNOPSIS",
        *_synopsis(entry),
    ]
    for section in SECTIONS:
        body = [*_generated(section, entry), *parts.pop(section, [])]
        if body:
            lines += [f".Sh {section}", *body]
    if parts:
        sys.exit(f"man/parts/{title}.1 has unknown sections: {', '.join(parts)}")
    return "\n".join(lines) + "\n"


def _header(title: str, section: str) -> Iterator[str]:
    """The title lines. The strings are groff's: without them it prints "BSD General Commands Manual"."""
    yield f".Dd {DATE}"
    yield ".ds doc-volume-operating-system segcli"
    yield f".ds doc-volume-ds-{section} manual"
    yield f".Dt {title.upper()} {section}"
    yield ".Os segcli"


def _generated(section: str, entry: Entry) -> list[str]:
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
    return list(makers[section](entry))


def _synopsis(entry: Entry) -> Iterator[str]:
    yield " ".join([".Nm segments", *(f"Cm {word}" for word in entry.words)])
    if isinstance(entry, Group):
        yield ".Op Ar common options"
        yield ".Ar command"
        yield ".Op Ar argument ..."
        return
    for option in entry.options:
        yield f".{'' if option.required else 'Op '}{_flag(option, option.names[0])}"
    yield ".Op Ar common options"
    for argument in entry.arguments:
        yield f".{_place(argument)}"


def _description(entry: Entry) -> Iterator[str]:
    for number, paragraph in enumerate(entry.paragraphs):
        if number:
            yield ".Pp"
        yield _text(paragraph)
    for alias in aliases_of(entry):
        yield ".Pp"
        yield f".Ic segments {' '.join((*entry.words[:-1], alias))}"
        yield "is the same."


def _commands(entry: Entry) -> Iterator[str]:
    if isinstance(entry, Group):
        yield ".Bl -tag -width Ds"
        for inner in entry.visible:
            yield f".It Xr {_title(inner)} 1"
            yield _text(inner.summary)
        yield ".El"


def _options(entry: Entry) -> Iterator[str]:
    if isinstance(entry, Group) and entry.common:
        yield "Every command accepts these, before or after its name:"
        yield ".Bl -tag -width Ds"
        yield from (line for option in entry.common for line in _option(option))
        yield ".El"
        return
    if isinstance(entry, Command) and entry.parameters:
        yield ".Bl -tag -width Ds"
        yield from (line for argument in entry.arguments for line in _argument(argument))
        yield from (line for option in entry.options for line in _option(option))
        yield ".El"
        yield ".Pp"
    yield "The common options, such as"
    yield ".Fl -profile , Fl -backend"
    yield "and"
    yield ".Fl -output ,"
    yield "are described in"
    yield ".Xr segments 1 ."


def _output(entry: Entry) -> Iterator[str]:
    if not entry.words:
        yield ".Bl -tag -width jsonl -compact"
        for name, format in FORMATS.items():
            yield f".It Cm {name}"
            yield _text(format.description)
        yield ".El"


def _environment(entry: Entry) -> Iterator[str]:
    if entry.words:
        yield "Each common option has an environment variable, described in"
        yield ".Xr segments 1 ."
    else:
        yield "An option overrides its variable, the variable overrides the profile, and the"
        yield "profile overrides the default."
        yield ".Bl -tag -width Ds"
        for name, variable in VARIABLES.items():
            yield f".It Ev {variable}"
            yield f"Same as\n.Fl -{name.replace('_', '-')} ."
        yield ".El"


def _files(entry: Entry) -> Iterator[str]:
    yield ".Bl -tag -width Ds"
    for path, text in (
        ("~/.config/segments/config.yaml", "Profiles; see\n.Xr segments-config 5 ."),
        ("~/.local/share/segments/segments.db", "The default store."),
        ("~/.cache/segments/", "Tickets of tenants, and codes for completion, kept for a minute."),
    ):
        yield f".It Pa {path}"
        yield text
    yield ".El"
    yield ".Pp"
    yield "These are the defaults on Linux; other systems have their own."
    yield "Set"
    yield ".Ev XDG_CONFIG_HOME , XDG_DATA_HOME"
    yield "and"
    yield ".Ev XDG_CACHE_HOME"
    yield "to use other folders."


def _exit_status(entry: Entry) -> Iterator[str]:
    yield ".Bl -tag -width 130 -compact"
    for code, meaning in EXIT_CODES.items():
        yield f".It {code}"
        yield _text(meaning)
    yield ".El"


def _examples(entry: Entry) -> Iterator[str]:
    yield ".Bd -literal"
    yield from map(_literal, entry.examples)
    yield ".Ed"


def _see_also(entry: Entry) -> Iterator[str]:
    above = ["segments"] if entry.words else []
    above += [f"segments-{entry.words[0]}"] if len(entry.words) > 1 else []
    pages = [(name, "1") for name in above] + [("segments-config", "5")]
    pages += [(f"segments-{name}", "7") for name in ("expression", "filter", "json", "manifest")]
    for number, (name, section) in enumerate(pages, 1):
        yield f".Xr {name} {section}{' ,' if number < len(pages) else ''}"


def _argument(argument: Parameter) -> Iterator[str]:
    yield f".It Ar {argument.metavar}{' ...' if argument.many else ''}"
    yield _text(argument.help)


def _option(option: Parameter) -> Iterator[str]:
    names = [_flag(option, name) for name in sorted(option.names, key=len)]
    yield f".It {' , '.join(names)}"
    yield _text(option_help(option))


def _flag(option: Parameter, name: str) -> str:
    return f"Fl {name[1:]}" + ("" if option.is_flag else f" Ar {option.metavar}")


def _place(argument: Parameter) -> str:
    many = " ..." if argument.many else ""
    return f"{'' if argument.required else 'Op '}Ar {argument.metavar}{many}"


def _title(entry: Entry) -> str:
    return "-".join(("segments", *entry.words))


def _summary(entry: Entry) -> str:
    """The summary as section NAME has it, without a capital letter and a period."""
    summary = entry.summary.removesuffix(".")
    return summary[:1].lower() + summary[1:]


def _fields() -> str:
    kinds = {"integer": "an integer", "text": "text", "date": "a date"}
    return "\n".join(f".It Cm {field.name}\n{kinds[field.kind]}" for field in FIELDS.values())


def _hashes() -> str:
    """Examples of the hash that selects accounts."""
    lines = ["purpose  id          hash"]
    for purpose in ("sample", "split"):
        ids = array("Q", (1, 1001, INT32_MAX))
        for account, found in zip(ids, hashes(ids, start_of("spring", purpose)), strict=True):
            lines.append(f"{purpose:<7}  {account:<10}  0x{found:016X}")
    return "\n".join(lines)


def _schemas() -> str:
    """The members of each command's result; commands with the same result share a list."""
    names: dict[str, list[str]] = {}
    for name, schema in SCHEMAS.items():
        forms = ["\n".join(_form(each)) for each in schema.get("oneOf", [schema])]
        names.setdefault("\n.Pp\nor\n".join(forms), []).append(f"segments {name}")
    return "\n".join(f".Pp\n{_text(', '.join(commands))}:\n{body}" for body, commands in names.items())


def _form(schema: Schema) -> Iterator[str]:
    return iter([".Pp", "a segment"]) if _is_segment(schema) else _members(schema)


def _members(schema: Schema) -> Iterator[str]:
    """The members of an object as a list, with those of the objects in it, except segments."""
    yield ".Bl -tag -width Ds -offset indent -compact"
    for name, member in schema["properties"].items():
        yield f".It Li {name}"
        yield _text(member["description"])
        inner = member.get("items", member)
        if "properties" in inner and not _is_segment(inner):
            yield from _members(inner)
    yield ".El"


def _is_segment(schema: Schema) -> bool:
    return "auditInfo" in schema.get("properties", {})


def _parts(title: str) -> dict[str, list[str]]:
    """The handwritten text of a page, by section."""
    path = PARTS / f"{title}.1"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    _, *pieces = re.split(r"^\.Sh (.+)\n", text, flags=re.MULTILINE)
    return {name: body.splitlines() for name, body in zip(pieces[::2], pieces[1::2], strict=True)}


def _text(text: str) -> str:
    """A help text as roff: each sentence starts a line, and no line is read as a request."""
    sentences = re.split(r"(?<=[.;:]) (?=[A-Z])", " ".join(text.split()))
    return "\n".join(_escaped(line) for sentence in sentences for line in wrap(sentence, _WIDTH))


def _literal(text: str) -> str:
    """A line to copy: hyphens and quotes stay ASCII."""
    named = {"-": r"\-", "'": r"\(aq", "`": r"\(ga", "~": r"\(ti", "^": r"\(ha"}
    return "".join(named.get(character, _escaped(character)) for character in text)


def _escaped(text: str) -> str:
    text = text.replace("\\", r"\e")
    return rf"\&{text}" if text.startswith((".", "'")) else text


MARKS: dict[str, Callable[[], str]] = {
    "@fields@": _fields,
    "@hashes@": _hashes,
    "@schemas@": _schemas,
    "@segment@": lambda: "\n".join(_members(SEGMENT)),
    "@error@": lambda: "\n".join(_members(ERROR["properties"]["error"])),
}


def write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Writes the files below `folder`, and removes the pages of commands that no longer exist."""
    generated = dict(files)
    for path in folder.glob("man/man?/*"):
        if str(path.relative_to(folder)) not in generated:
            path.unlink()
    for name, text in generated.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if sys.argv[1:] else PARTS.parents[1], generate().items())
