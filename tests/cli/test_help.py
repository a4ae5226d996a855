"""Help: how each command is used, what it does and what it takes, with examples that work."""

import gzip
import re
import shlex
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from segcli.commands import EXAMPLES, SUMMARIES, load_all
from segcli.commands.help_text import help_text
from segcli.commands.options import COMMON as COMMON_DECLARED
from segcli.customer import Customer
from segcli.model import SegmentDraft
from segcli.spec import Command, Entry, Parameter, walk
from tests.support.command import Segments
from tests.support.shell import ended, spawn
from tests.support.stores import fill, fill_customers

# Every command and group that help shows, by its words; the root is "".
ENTRIES: dict[str, Entry] = {" ".join(entry.words): entry for entry in walk(load_all())}
NAMED = [words for words in ENTRIES if words]
OWN = {
    "add": ["CODE", "--name", "--description"],
    "get": ["SEGMENT...", "--fields"],
    "list": ["--filter", "--sort", "--start-index", "--page-size", "--all", "--limit", "--fields"],
    "update": ["SEGMENT", "--code", "--name", "--description"],
    "delete": ["SEGMENT...", "--yes", "--ignore-missing"],
    "accounts add": ["SEGMENT", "[ACCOUNT...]"],
    "accounts remove": ["SEGMENT", "[ACCOUNT...]", "--strict"],
    "accounts set": ["SEGMENT", "--file", "FILE", "--from", "--max-remove"],
    "accounts list": ["EXPRESSION", "--limit", "--after", "--sample", "--seed"],
    "accounts of": ["ACCOUNT...", "--filter", "--sort", "--fields"],
}
COMMON = [
    "--profile", "--backend", "--output", "-o", "--query", "--quiet", "-q", "--verbose", "-v", "--timeout",
    "--no-color", "--version", "--help", "-h",
]  # fmt: skip
WIDTHS = (40, 60, 80, 200)


@cache
def help_of(words: str) -> str:
    """The help of a command on a wide terminal; it reads nothing that differs between tests."""
    with TemporaryDirectory() as home:
        done = Segments(Path(home)).ok(*words.split(), "--help", COLUMNS="200")
        assert done.stderr == ""
        assert list(Path(home).iterdir()) == []
    return done.stdout


def text_of(words: str, width: int, *, color: bool = False) -> str:
    return help_text(ENTRIES[words] if words else None, width, color=color)


def examples(text: str) -> list[str]:
    """The examples as a shell reads them: a backslash continues a line."""
    return re.findall(r"^ *\$ (.*?) *$", re.sub(r" *\\\n *", " ", text), re.MULTILINE)


def flat(text: str) -> str:
    return " ".join(text.split())


def names(text: str) -> list[str]:
    return re.split(r"[\s,/]+", text)


@pytest.mark.parametrize("words", NAMED)
def test_help_starts_with_the_usage_and_what_the_command_does(words: str) -> None:
    lines = [line.strip() for line in help_of(words).splitlines() if line.strip()]
    assert lines[0].startswith(f"Usage: segments {words} ")
    assert re.fullmatch(r"[A-Z].*\.", lines[1])


@pytest.mark.parametrize("words", ENTRIES)
def test_help_has_an_example_of_the_command_itself(words: str) -> None:
    shown = examples(help_of(words))
    assert any(re.search(rf"\bsegments (--\S+ \S+ )*{words}", line) for line in shown)
    assert shown == list(ENTRIES[words].examples if words else EXAMPLES)


@pytest.mark.parametrize("words", OWN)
def test_help_names_what_the_command_takes(words: str) -> None:
    assert [word for word in OWN[words] if word not in names(help_of(words))] == []


@pytest.mark.parametrize("words", ENTRIES)
def test_help_names_the_common_options_or_where_they_are(words: str) -> None:
    missing = [word for word in COMMON if word not in names(help_of(words))]
    assert not missing or ("segments --help" in help_of(words) and words)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("words", ENTRIES)
def test_help_shows_everything_that_is_declared(words: str, width: int) -> None:
    shown = flat(text_of(words, width))
    entry = ENTRIES[words]
    declared = [*entry.paragraphs]
    if isinstance(entry, Command):
        for each in entry.parameters:
            declared += [each.metavar] * (not each.is_flag) + [each.help.removesuffix("."), *each.choices]
        declared += [f"{each.names[0]} {each.metavar} [OPTIONS]" for each in entry.options if each.required]
    else:
        declared += [f"{each.words[-1]} {each.summary}" for each in entry.visible]
    assert [text for text in declared if text not in shown] == []


@pytest.mark.parametrize("words", [words for words, each in ENTRIES.items() if isinstance(each, Command)])
def test_help_shows_every_default(words: str) -> None:
    entry = ENTRIES[words]
    assert isinstance(entry, Command)
    shown = flat(help_of(words))
    for each in entry.options:
        if each.default and not each.is_flag and not each.required:
            assert re.search(rf"{each.names[0]} {each.metavar} [^.]*\(default {each.default}\)", shown)


@pytest.mark.parametrize("option", COMMON_DECLARED, ids=lambda option: option.name)
def test_help_of_the_root_explains_the_common_options(option: Parameter) -> None:
    assert option.declared.help
    assert option.declared.help in help_of("")


@pytest.mark.parametrize("words", ENTRIES)
def test_help_fits_one_screen(segments: Segments, words: str) -> None:
    lines = segments.ok(*words.split(), "--help", COLUMNS="80").lines
    # serve has the most options; the root has a line for each command.
    assert len(lines) <= {"serve": 25, "": 28 + len(SUMMARIES)}.get(words, 24)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("words", ENTRIES)
def test_help_is_never_wider_than_the_terminal(words: str, width: int) -> None:
    too_long = [line for line in text_of(words, width).splitlines() if len(line) > width]
    # A single word can be longer: cut, it could not be pasted or typed.
    assert [line for line in too_long if len(line.removesuffix(" \\").split()) > 2] == []
    assert too_long == [] or width < 60


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("words", ENTRIES)
def test_an_example_can_be_pasted_at_any_width(words: str, width: int) -> None:
    shown = text_of(words, width)
    expected = ENTRIES[words].examples if words else EXAMPLES
    assert [shlex.split(line) for line in examples(shown)] == [shlex.split(line) for line in expected]
    for line in shown.partition("Examples:\n")[2].partition("\n\n")[0].splitlines():
        assert line.count("'") % 2 == 0 or '"' in line, "broken inside quotes"


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_summaries_are_those_of_the_commands(name: str) -> None:
    assert SUMMARIES[name] == ENTRIES[name].summary
    lines = [line.strip() for line in help_of(name).splitlines() if line.strip()]
    assert re.fullmatch(rf"{re.escape(SUMMARIES[name])}( Alias: segments \w+\.)?", lines[1])


def test_the_root_lists_every_command_with_its_summary() -> None:
    shown = help_of("")
    for name, line in SUMMARIES.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", shown, re.MULTILINE)


def test_a_hidden_command_is_not_listed() -> None:
    listed = names(help_of("completion").partition("Commands:")[2].partition("Options:")[0])
    assert "install" in listed
    assert "values" not in listed


def test_help_in_a_pipe_has_no_escape_sequence() -> None:
    assert "\x1b" not in help_of("list")


@pytest.mark.parametrize("words", ENTRIES)
def test_only_headings_are_colored(words: str) -> None:
    colored, plain = text_of(words, 80, color=True), text_of(words, 80)
    assert re.sub(r"\x1b\[\d*m", "", colored) == plain
    bold = re.findall(r"^\x1b\[1m(.*?):\x1b\[0m", colored, re.MULTILINE)
    assert bold[0] == "Usage"
    assert bold[-1] == "Examples"
    assert colored.count("\x1b") == 2 * len(bold)


@pytest.mark.parametrize(
    ("arguments", "env", "colored"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
        ((), {"SEGMENTS_NO_COLOR": "1"}, False),
        (("--no-color",), {}, False),
        (("--version",), {}, False),
    ],
    ids=str,
)
def test_help_on_a_terminal_is_colored_unless_color_is_off(
    segments: Segments, arguments: tuple[str, ...], env: dict[str, str], colored: bool
) -> None:
    for line in (("list", *arguments, "--help"), (*arguments, "list", "--help")):
        segments.env.update(env)
        shown = segments.shown(*line).stdout
        assert ("\x1b[1mUsage:\x1b[0m" in shown) is colored


def test_help_is_shown_even_if_a_setting_is_invalid(segments: Segments) -> None:
    assert segments.ok("list", "--help", "-o", "xml").stdout.startswith("Usage: segments list ")
    assert segments.ok("list", "--help", SEGMENTS_TIMEOUT="soon").stdout.startswith("Usage: ")
    assert segments.ok("list", "--limit", "x", "--help", "-o", "id", "-o", "id").stdout.startswith("Usage: ")


@pytest.mark.parametrize("line", [line for words in OWN for line in ENTRIES[words].examples])
def test_each_example_works(segments: Segments, line: str) -> None:
    codes = ["STAFF", "2026"] if line.startswith("segments add ") else ["VIP", "STAFF", "2026"]
    fill(segments, map(SegmentDraft, codes))
    fill_customers(segments, [Customer(2001, "jane@example.com")])
    (segments.home / "customers.csv").write_text("id\n1001\n")
    (segments.home / "gone.txt").write_text("1001\n")
    (segments.home / "ids.gz").write_bytes(gzip.compress(b"1001\n"))
    child = spawn(segments, line)
    if line == "segments delete VIP":
        child.expect_exact("[y/N]")
        child.sendline("y")
    assert ended(child)[0] == 0
