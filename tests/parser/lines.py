"""Random lines: plain ones, which the quick parser has to read, and any at all."""

from collections.abc import Sequence
from typing import Literal, get_origin

from hypothesis import strategies as st
from segcli.commands.options import COMMON

from segcli.spec import Option, Parameter
from tests.parser.reading import DECLARED

# What a line may trip over: each is a word of its own.
ODD = (
    "--", "-", "", "--help", "-h", "--version", "--nope", "-x", "--quie", "--quiet=1", "--quiet=", "-q=1",
    "-qv", "-vq", "-qojson", "-ojson", "-o=json", "-o", "-o=", "--output", "--output=", "--output=a=b",
    "--limit", "--limit=0", "-yq", "list", "add", "accounts", "ls", "accounts list", "VIP", "id:12", "1",
    "007", "0", "-1", "+1", "1_0", " 1", "1 ", "1.0", "1e3", "\u0663", "²", "9" * 18, "9" * 19, "9" * 5000,
    "2147483647", "2147483648", "\udcff", "--\udcff", "\u2013all", "-é", "json", "bash", "BASH",
)  # fmt: skip
_TEXT = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(ODD)
_READ = (str, int, bool, list[str])


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
def _given(draw: st.DrawFn, parameter: Parameter) -> list[str]:
    """An option as it may be written, with a value that it takes."""
    name = draw(st.sampled_from(parameter.names))
    if parameter.type is bool:
        return [name]
    value = draw(_value(parameter))
    attached = f"{name}={value}" if name.startswith("--") else name + value
    forms = [[name, value]] if attached == name else [[name, value], [attached]]
    return draw(st.sampled_from(forms))


@st.composite
def _arguments(draw: st.DrawFn, parameters: Sequence[Parameter]) -> list[list[str]]:
    """As many arguments as the command takes, those that look like options after `--`."""
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


@st.composite
def plain_lines(draw: st.DrawFn) -> list[str]:
    """Each option once at most, common ones anywhere; every argument that must be given."""
    path = draw(st.sampled_from(sorted(DECLARED)))
    parameters = DECLARED[path].parameters
    own = [each for each in _options(parameters) if draw(st.booleans()) or each.required]
    common = draw(st.lists(st.sampled_from(_options(COMMON)), unique_by=lambda each: each.name, max_size=3))
    line: list[str] = []
    for word in path:
        for _ in range(draw(st.integers(0, len(common)))):
            line += draw(_given(common.pop()))
        line.append(word)
    options = [draw(_given(each)) for each in [*own, *common]]
    arguments = draw(_arguments(parameters))
    # Options stand anywhere among the arguments, but not behind `--`.
    for piece in options:
        last = len(arguments) - (arguments[-1:] != [] and arguments[-1][0] == "--")
        arguments.insert(draw(st.integers(0, last)), piece)
    return line + [word for piece in arguments for word in piece]


@st.composite
def any_lines(draw: st.DrawFn) -> list[str]:
    """A line with odd words, options of other commands, too much and too little."""
    if draw(st.booleans()):
        line = draw(plain_lines())
        for word in draw(st.lists(st.sampled_from(ODD), max_size=2)):
            line.insert(draw(st.integers(0, len(line))), word)
        for _ in range(draw(st.integers(0, 2))):
            if line:
                del line[draw(st.integers(0, len(line) - 1))]
        return line
    path = draw(st.sampled_from(sorted(DECLARED)))
    own = [*COMMON, *DECLARED[path].parameters]
    every = [each for command in DECLARED.values() for each in command.parameters]
    names = st.sampled_from([name for each in own * 4 + every for name in each.names])
    words = st.sampled_from(ODD) | names | st.tuples(names, _TEXT).map("".join) | _TEXT
    return [*path, *draw(st.lists(words, max_size=6))]
