"""Help: each command says how it is used, what it does and what it takes, with examples that work."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from segcli.commands.options import COMMON as COMMON_DECLARED

from segcli.commands import COMMANDS
from segcli.model import SegmentDraft
from segcli.parser.typer_app import load
from segcli.spec import Parameter
from tests.support.command import Segments
from tests.support.shell import ended, spawn
from tests.support.stores import fill


def declared() -> dict[str, Any]:
    """Every command that help shows, by the words that call it, `accounts` and `accounts list` alike."""
    found: dict[str, Any] = {}
    for name in COMMANDS:
        command = load(name)
        found[name] = command
        for word, inner in getattr(command, "commands", {}).items():
            if not inner.hidden:
                found[f"{name} {word}"] = inner
    return found


DECLARED = declared()
OWN = {
    "add": ["CODE", "--name", "--description"],
    "get": ["SEGMENT...", "--fields"],
    "list": ["--filter", "--sort", "--start-index", "--page-size", "--all", "--limit", "--fields"],
    "update": ["SEGMENT", "--code", "--name", "--description"],
    "delete": ["SEGMENT...", "--yes", "--ignore-missing"],
    "accounts add": ["SEGMENT", "ACCOUNT..."],
    "accounts remove": ["SEGMENT", "ACCOUNT...", "--strict"],
    "accounts list": ["SEGMENT"],
    "accounts of": ["ACCOUNT...", "--filter", "--sort", "--fields"],
}
COMMON = [
    "--profile", "--backend", "--output", "-o", "--query", "--quiet", "-q", "--verbose", "-v", "--timeout",
    "--no-color", "--version", "--help", "-h",
]  # fmt: skip


@cache
def help_of(words: str) -> str:
    """The help of a command on a wide terminal; it reads nothing that differs between tests."""
    with TemporaryDirectory() as home:
        done = Segments(Path(home)).ok(*words.split(), "--help", COLUMNS="200")
        assert done.stderr == ""
        assert list(Path(home).iterdir()) == []
    return done.stdout


def examples(text: str) -> list[str]:
    return re.findall(r"^ *\$ (segments .*?) *$", text, re.MULTILINE)


@pytest.mark.parametrize("words", DECLARED)
def test_help_says_how_a_command_is_used_and_what_it_does(words: str) -> None:
    lines = [line.strip() for line in help_of(words).splitlines() if line.strip()]
    assert lines[0].startswith(f"Usage: segments {words} ")
    assert re.fullmatch(r"[A-Z].*\.", lines[1])


@pytest.mark.parametrize("words", ["", *DECLARED])
def test_help_has_an_example_of_the_command_itself(words: str) -> None:
    assert any(line.startswith(f"segments {words}") for line in examples(help_of(words)))


@pytest.mark.parametrize("words", OWN)
def test_help_names_what_the_command_takes(words: str) -> None:
    named = help_of(words).split()
    assert [word for word in OWN[words] if word not in named] == []


@pytest.mark.parametrize("words", ["", *DECLARED])
def test_help_names_the_common_options(words: str) -> None:
    named = help_of(words).split()
    assert [word for word in COMMON if word not in named] == []


@pytest.mark.parametrize("words", DECLARED)
def test_help_shows_every_declared_word_of_an_option(words: str) -> None:
    shown = help_of(words)
    own = [parameter for parameter in DECLARED[words].params if not getattr(parameter, "hidden", False)]
    assert [each.help for each in own if each.help and each.help not in shown] == []


@pytest.mark.parametrize("option", COMMON_DECLARED, ids=lambda option: option.name)
def test_help_of_the_root_explains_the_common_options(option: Parameter) -> None:
    assert option.declared.help
    assert option.declared.help in help_of("")


@pytest.mark.parametrize("words", ["", *DECLARED])
def test_help_fits_one_screen(segments: Segments, words: str) -> None:
    lines = segments.ok(*words.split(), "--help", COLUMNS="80").lines
    assert len(lines) <= (40 if words else 28 + len(COMMANDS))  # each command has one line of the root's
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_says_what_each_command_says(name: str) -> None:
    lines = [line.strip() for line in help_of(name).splitlines() if line.strip()]
    assert COMMANDS[name] == lines[1]


def test_the_root_lists_every_command_with_its_line() -> None:
    shown = help_of("")
    for name, line in COMMANDS.items():
        assert re.search(rf"^│ {name} +{re.escape(line)} *│$", shown, re.MULTILINE)


def test_help_in_a_pipe_has_no_escape_sequence() -> None:
    assert "\x1b" not in help_of("list")


def test_an_example_stands_on_one_line_to_be_copied(segments: Segments) -> None:
    shown = segments.ok("list", "--help", COLUMNS="80").stdout
    assert set(examples(shown)) == set(examples(help_of("list")))


@pytest.mark.parametrize("line", [line for words in OWN for line in examples(DECLARED[words].epilog)])
def test_each_example_works(segments: Segments, line: str) -> None:
    codes = ["STAFF", "2026"] if line.startswith("segments add ") else ["VIP", "STAFF", "2026"]
    fill(segments, map(SegmentDraft, codes))
    for name in ("customers.csv", "gone.txt"):
        (segments.home / name).write_text("id\n1001\n" if name.endswith("csv") else "1001\n")
    child = spawn(segments, line)
    if line == "segments delete VIP":
        child.expect_exact("[y/N]")
        child.sendline("y")
    assert ended(child)[0] == 0
