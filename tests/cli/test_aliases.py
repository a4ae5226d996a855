"""Other names of commands, and the commands `help` and `version`."""

import pytest

from segcli.schemas import schema_of
from segcli.spec import ALIASES
from tests.support.command import Segments

PAIRS = [
    (" ".join((*group, alias)), " ".join((*group, name)))
    for group, aliases in ALIASES.items()
    for alias, name in aliases.items()
]


@pytest.mark.parametrize(("alias", "name"), PAIRS)
@pytest.mark.parametrize(
    "options", ["--help", "-o id -o json --help", "--nope"], ids=["fast", "typer", "error"]
)
def test_an_alias_is_the_command(vip: Segments, alias: str, name: str, options: str) -> None:
    assert vip(*alias.split(), *options.split()) == vip(*name.split(), *options.split())
    assert vip("-o", "id", "-o", "json", *alias.split()) == vip("-o", "id", "-o", "json", *name.split())


@pytest.mark.parametrize(("alias", "name"), PAIRS)
def test_help_names_the_alias(segments: Segments, alias: str, name: str) -> None:
    shown = " ".join(segments.ok(*name.split(), "--help").stdout.split())
    assert f"Alias: segments {alias}." in shown
    assert f"  {alias.split()[-1]} " not in segments.ok(*name.split()[:-1], "--help").stdout


def test_the_commands_are_run(vip: Segments) -> None:
    assert vip.ok("ls", "-o", "code").lines == ["VIP", "STAFF"]
    assert vip.ok("show", "VIP", "-o", "id").lines == ["1"]
    assert vip.ok("accounts", "rm", "VIP", "1001", "-o", "json").json["removed"] == 1
    assert vip.ok("accounts", "ls", "VIP").lines == ["1002"]
    assert vip.ok("rm", "VIP", "--yes", "-o", "code").lines == ["VIP"]
    assert vip.ok("profile", "ls").stdout == ""


@pytest.mark.parametrize("words", ["", "list", "accounts", "accounts add", "ls", "accounts rm", "help"])
def test_help_prints_the_same_as_the_option(segments: Segments, words: str) -> None:
    expected = segments.ok(*words.split(), "--help")
    assert segments.ok("help", *words.split()) == expected
    assert segments.ok("help", *words.split(), "-o", "id", "-o", "json") == expected


def test_version_prints_the_same_as_the_option(segments: Segments) -> None:
    assert segments.ok("version") == segments.ok("--version") == segments.ok("list", "--version")


@pytest.mark.parametrize("words", ["list", "ls", "accounts add"])
def test_the_schema_of_a_command_is_printed(segments: Segments, words: str) -> None:
    printed = segments.ok("help", "--schema", *words.split())
    assert printed.json == schema_of(words.replace("ls", "list").split())
    assert segments.ok("help", *words.split(), "--schema", "-o", "id", "-o", "json") == printed


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("", "error: --schema needs a COMMAND\nhint: there is a schema for add, get, list, "),
        ("serve", "error: segments serve has no JSON output\nhint: there is a schema for add, get, list, "),
        ("profile", "error: segments profile has no JSON output\nhint: there is a schema for profile add, "),
    ],
)
def test_a_command_without_json_has_no_schema(segments: Segments, words: str, error: str) -> None:
    done = segments("help", "--schema", *words.split())
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith(error)
