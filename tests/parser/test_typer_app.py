"""The Typer app on its own: invoked as any Typer app is, it does what the installed command does."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from segcli.parser.typer_app import app
from tests.support.command import Segments

README = (Path(__file__).parents[2] / "README.md").read_text()
# What differs from run to run: dates, and how long a change of accounts took (accounts per second follow).
VARYING = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|\b\d+\.\d+\b(\s+\d+$)?|\"accountsPerSecond\":\d+",
    re.MULTILINE,
)


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    stdout: str


class Step(NamedTuple):
    """A command of the tour, and what it reads from a pipe."""

    arguments: list[str]
    stdin: str


def tour() -> list[Step]:
    """The commands in the README's console blocks, as far as no shell is needed to run them.

    `printf TEXT | segments …` becomes a command that reads TEXT; other pipes and redirections are left out.
    """
    steps = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for line in re.findall(r"^\$ (.*)$", block.replace("\\\n", " "), re.MULTILINE):
            words = shlex.split(line, comments=True)
            stdin = ""
            if words[:1] == ["printf"] and words[2:3] == ["|"]:
                stdin, words = words[1].replace("\\n", "\n"), words[3:]
            if words[:1] == ["segments"] and not {"|", ">", "<", "&&", ";"} & set(words):
                steps.append(Step(words[1:], stdin))
    return steps


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Segments, Segments]:
    """Two equal homes: that of the process, and that of this one."""
    process, here = (Segments(tmp_path / name) for name in ("process", "here"))
    for segments in (process, here):
        segments.home.mkdir()
    for name in os.environ:
        if name.startswith(("SEGMENTS_", "KIBO_")):
            monkeypatch.delenv(name)
    for name, value in here.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(here.home)
    return process, here


def invoke(*arguments: str, stdin: str = "") -> Ended:
    done = CliRunner().invoke(app, list(arguments), input=stdin, catch_exceptions=False, prog_name="segments")
    return Ended(done.exit_code, done.stdout)


def as_process(segments: Segments, *arguments: str, stdin: str = "") -> Ended:
    done = segments(*arguments, stdin=stdin)
    return Ended(done.code, done.stdout)


def compared(homes: tuple[Segments, Segments], step: Step) -> Iterator[Ended]:
    """How the step ends as a process, and how it ends in the app, without what has to differ."""
    process, _ = homes
    for ended in (
        as_process(process, *step.arguments, stdin=step.stdin),
        invoke(*step.arguments, stdin=step.stdin),
    ):
        text = re.sub("|".join(re.escape(str(each.home)) for each in homes), "HOME", ended.stdout)
        yield Ended(ended.code, VARYING.sub("...", text))


def test_the_tour_of_the_readme(homes: tuple[Segments, Segments]) -> None:
    steps = tour()
    assert len(steps) > 10
    for step in steps:
        expected, actual = compared(homes, step)
        assert actual == expected, step


@pytest.mark.parametrize(
    "line",
    [
        "get VIP",
        "get VIP -o json",
        "-o json get VIP STAFF --fields code",
        "get VIP NOPE",
        "get NOPE",
        "-qo id list",
        "list --filter 'id lt'",
        "list --limit 0",
        "list --nope",
        "add VIP",
        "delete STAFF",
        "delete STAFF --yes",
        "accounts add VIP 1001 1002 -o json",
        "accounts add VIP 0",
        "accounts list VIP --query totalCount -o json",
        "profile add here --backend sqlite:x.db",
        "profile list",
        "doctor --query 'items[].check'",
        "completion show fish",
        "completion values segments -- V",
        "accounts",
        "accounts --help",
        "accounts add --help",
        "--help",
        "",
        "--version",
        "list --version",
        "lst",
        "accounts ad VIP",
    ],
)
def test_the_app_does_what_the_command_does(homes: tuple[Segments, Segments], line: str) -> None:
    for segments in homes:
        segments.ok("add", "VIP", "--name", "Very important")
        segments.ok("add", "STAFF")
    expected, actual = compared(homes, Step(shlex.split(line), ""))
    assert actual == expected


@pytest.mark.parametrize("columns", ["40", "60", "80"])
def test_help_is_the_same_text(
    homes: tuple[Segments, Segments], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    process, _ = homes
    monkeypatch.setenv("COLUMNS", columns)
    for words in ((), ("list",), ("accounts",), ("accounts", "set")):
        assert invoke(*words, "--help") == Ended(0, process.ok(*words, "--help", COLUMNS=columns).stdout)


def test_stdin_is_read(homes: tuple[Segments, Segments]) -> None:
    for segments in homes:
        segments.ok("add", "VIP")
    step = Step(["accounts", "add", "VIP", "--file", "-", "-o", "json"], "1001\n1002\n")
    expected, actual = compared(homes, step)
    assert actual == expected
    assert invoke("accounts", "list", "VIP") == Ended(0, "1001\n1002\n")


def test_an_error_is_reported_on_stderr(homes: tuple[Segments, Segments]) -> None:
    done = CliRunner().invoke(app, ["get", "NOPE"])
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("error: ")


def test_the_settings_of_one_run_do_not_reach_the_next(homes: tuple[Segments, Segments]) -> None:
    assert invoke("add", "VIP", "-o", "json").code == 0
    assert invoke("get", "VIP", "-o", "id", "--fields", "id") == Ended(0, "1\n")
    assert invoke("get", "VIP", "--fields", "code") == Ended(0, "VIP\n")


def test_the_commands_can_be_inspected() -> None:
    group = get_command(app)
    accounts = group.get_command(None, "accounts")  # type: ignore[attr-defined]  # the app is a group
    assert {"add", "remove", "set", "list", "of"} <= accounts.commands.keys()
    assert "--file" in [name for each in accounts.commands["add"].params for name in each.opts]
