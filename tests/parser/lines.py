"""Random lines: well-formed ones, lines that ask for help, and any at all."""

from collections.abc import Sequence
from typing import Literal, get_origin

from hypothesis import strategies as st

from segcli.commands.options import COMMON, HELP
from segcli.spec import Option, Parameter
from tests.support.parsing import COMMANDS, GROUPS

# Words that are easy to read wrongly; each is one word of a line.
ODD = (
    "--", "-", "", "--help", "-h", "-hq", "-qh", "-hh", "--help=1", "--version", "--nope", "-x", "--quie",
    "--quiet=1", "--quiet=", "-q=1", "-qv", "-vq", "-qq", "-qo", "-qojson", "-qo=json", "-vqoid", "-ojson",
    "-o=json", "-o", "-o=", "--output", "--output=", "--output=a=b", "--limit", "--limit=0", "-yq", "-qy",
    "-yf", "-qfx", "-fq", "list", "add", "accounts", "ls",
    "rm", "show", "help", "version", "accounts list", "VIP", "id:12", "1", "007", "0",
    "-1", "+1", "1_0", " 1", "1 ", "1.0", "1e3", "\u0663", "²", "9" * 18, "9" * 19, "9" * 5000,
    "2147483647", "2147483648", "\udcff", "--\udcff", "\u2013all", "-é", "-qé", "json", "bash", "BASH",
)  # fmt: skip
_TEXT = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(ODD)
_READ = (str, int, bool, list[str])  # the types that the fast parser accepts


def _is_read(parameter: Parameter) -> bool:
    return parameter.type in _READ or get_origin(parameter.type) is Literal


def _options(parameters: Sequence[Parameter]) -> list[Parameter]:
    return [each for each in parameters if isinstance(each.declared, Option) and _is_read(each)]


def _value(parameter: Parameter) -> st.SearchStrategy[str]:
    if get_origin(parameter.type) is Literal:
        return st.sampled_from(parameter.type.__args__)
    if parameter.type is int and isinstance(parameter.declared, Option):
        low, high = parameter.declared.min, parameter.declared.max
        numbers = st.integers(int(low or 0), int(10**18 - 1 if high is None else high)).map(str)
        return numbers | numbers.map(lambda number: number.zfill(12))
    return _TEXT


@st.composite
def _written(draw: st.DrawFn, options: Sequence[Parameter]) -> list[list[str]]:
    """The options, one or several short ones at a time, as they can be written, with valid values."""
    pieces: list[list[str]] = []
    grouped = ""  # short flags that the next option may be attached to, as in -qv and -qojson
    for option in options:
        name = draw(st.sampled_from(option.names))
        short = not name.startswith("--")
        if grouped and not short:
            pieces.append([grouped])
            grouped = ""
        if grouped:
            name = grouped + name[1:]
            grouped = ""
        if option.is_flag and short and draw(st.booleans()):
            grouped = name
        elif option.is_flag:
            pieces.append([name])
        else:
            value = draw(_value(option))
            attached = f"{name}={value}" if name.startswith("--") else name + value
            forms = [[name, value]] if attached == name else [[name, value], [attached]]
            pieces.append(draw(st.sampled_from(forms)))
    return [*pieces, [grouped]] if grouped else pieces


@st.composite
def _arguments(draw: st.DrawFn, parameters: Sequence[Parameter]) -> list[list[str]]:
    """As many arguments as the command takes; those that look like options follow `--`."""
    words: list[str] = []
    for parameter in parameters:
        if isinstance(parameter.declared, Option):
            continue
        if parameter.type == list[str]:
            words += draw(st.lists(_TEXT, min_size=int(parameter.required), max_size=3))
        elif parameter.required or draw(st.booleans()):
            words.append(draw(_value(parameter)))
        else:
            break
    plain = next((at for at, word in enumerate(words) if word.startswith("-") and word != "-"), len(words))
    pieces = [[word] for word in words[:plain]]
    return pieces if plain == len(words) else [*pieces, ["--", *words[plain:]]]


def _common(max_size: int = 3) -> st.SearchStrategy[list[Parameter]]:
    return st.lists(st.sampled_from(_options(COMMON)), unique_by=lambda each: each.name, max_size=max_size)


@st.composite
def _with_options(draw: st.DrawFn, path: Sequence[str], common: Sequence[Parameter]) -> list[str]:
    """The words of a path with some of the common options before each."""
    line: list[str] = []
    rest = list(common)
    for word in path:
        count = draw(st.integers(0, len(rest)))
        line += [each for piece in draw(_written(rest[:count])) for each in piece]
        rest = rest[count:]
        line.append(word)
    return line + [each for piece in draw(_written(rest)) for each in piece]


@st.composite
def well_formed_lines(draw: st.DrawFn) -> list[str]:
    """Each option at most once, common ones anywhere; every required argument."""
    path = draw(st.sampled_from(sorted(COMMANDS)))
    parameters = COMMANDS[path].parameters
    own = [each for each in _options(parameters) if draw(st.booleans()) or each.required]
    common = draw(_common())
    split = draw(st.integers(0, len(common)))
    line = [*draw(_with_options(path[:-1], common[:split])), path[-1]]
    arguments = draw(_arguments(parameters))
    # Options can be anywhere among the arguments, but not after `--`.
    for piece in draw(_written(draw(st.permutations([*own, *common[split:]])))):
        last = len(arguments) - (arguments[-1:] != [] and arguments[-1][0] == "--")
        arguments.insert(draw(st.integers(0, last)), piece)
    return line + [word for piece in arguments for word in piece]


@st.composite
def help_lines(draw: st.DrawFn) -> list[str]:
    """A group without a command, or --help anywhere on a well-formed line that may lack arguments."""
    if draw(st.booleans()):
        path = draw(st.sampled_from([*sorted(GROUPS), *sorted(COMMANDS)]))
        line = draw(_with_options(path, draw(_common())))
        if path in GROUPS and draw(st.booleans()):
            return line
    else:
        line = draw(well_formed_lines())
    word = draw(st.sampled_from([*HELP.names, "-qh", "-hv"]))
    return [*line[: (at := draw(st.integers(0, len(line))))], word, *line[at:]]


@st.composite
def any_lines(draw: st.DrawFn) -> list[str]:
    """A line with odd words, options of other commands, too many words or too few."""
    if draw(st.booleans()):
        line = draw(well_formed_lines() | help_lines())
        for word in draw(st.lists(st.sampled_from(ODD), max_size=2)):
            line.insert(draw(st.integers(0, len(line))), word)
        for _ in range(draw(st.integers(0, 2))):
            if line:
                del line[draw(st.integers(0, len(line) - 1))]
        return line
    path = draw(st.sampled_from([*sorted(COMMANDS), *sorted(GROUPS)]))
    own = [*COMMON, HELP, *(COMMANDS[path].parameters if path in COMMANDS else [])]
    every = [each for command in COMMANDS.values() for each in command.parameters]
    names = st.sampled_from([name for each in own * 4 + every for name in each.names])
    words = st.sampled_from(ODD) | names | st.tuples(names, _TEXT).map("".join) | _TEXT
    return [*path, *draw(st.lists(words, max_size=6))]
