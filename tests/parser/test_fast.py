"""Which lines are read without Typer, and which are left to it."""

import shlex

import pytest
from segcli.commands.options import COMMON, VERSION

from segcli.commands import COMMANDS, EXAMPLES
from segcli.spec import app_of
from tests.parser.reading import DECLARED, quick_reading, typer_reading


def examples() -> list[str]:
    """Every example that help shows, as far as it is our command; `serve` alone takes fractions."""
    apps = [app_of(word) for word in COMMANDS if word != "serve"]
    shown = [*EXAMPLES, *(line for app in apps for line in app.examples)]
    shown += [line for app in apps for command in app.commands.values() for line in command.examples]
    ours = (line.rpartition("| ")[2].partition(" > ")[0] for line in shown)
    return [line.removeprefix("segments ") for line in ours]


@pytest.mark.parametrize("line", examples())
def test_an_example_is_read(line: str) -> None:
    words = shlex.split(line)
    quick = quick_reading(words)
    assert quick is not None
    assert quick == typer_reading(words)


LIST = {
    "filter": None, "sort": None, "start_index": 0, "page_size": None, "everything": False, "limit": None,
    "fields": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "values", "flags"),
    [
        ("list", {}, {}),
        ("list -o json", {}, {"output": "json"}),
        ("list -ojson -q", {}, {"output": "json", "quiet": True}),
        ("-v --output=json list", {}, {"output": "json", "verbose": True}),
        ("--backend sqlite:a.db list --all", {"everything": True}, {"backend": "sqlite:a.db"}),
        ("list --limit 007", {"limit": 7}, {}),
        ("list --limit 2147483647", {"limit": 2147483647}, {}),
        ("list --page-size=50 --start-index 100", {"page_size": 50, "start_index": 100}, {}),
        ("list --filter --all", {"filter": "--all"}, {}),
        ("list --filter= --sort ''", {"filter": "", "sort": ""}, {}),
        ("list --query=a=b --", {}, {"query": "a=b"}),
    ],
)
def test_an_ordinary_line_is_read(line: str, values: dict[str, object], flags: dict[str, object]) -> None:
    quick = quick_reading(shlex.split(line))
    assert quick is not None
    assert quick == (DECLARED[("list",)].function, {**LIST, **values}, flags)


@pytest.mark.parametrize(
    "line",
    [
        "", "--help", "list --help", "list -h", "--version", "list --version", "accounts", "nope", "lis",
        "accounts nope", "accounts lis VIP", "-- list", "'' list", "list extra", "get", "add", "add A B",
        "update --name x", "list --nope", "list -x", "list --filt x", "list --filter", "list -o",
        "list --all=1", "list --all=", "list -qv", "list -q=1", "list -o id -o id", "-o id list -o id",
        "--filter x list", "list --limit 0", "list --limit -1", "list --limit +1", "list --limit 1_0",
        "list --limit ' 1'", "list --limit 1.0", "list --limit \u0663", "list --limit 2147483648",
        "list --limit ''", "list --page-size " + "9" * 5000, "completion show BASH", "completion show fis",
        "accounts --yes remove VIP 1", "delete VIP --no-yes",
    ],
)  # fmt: skip
def test_a_line_that_is_not_plain_is_left_to_typer(line: str) -> None:
    assert quick_reading(shlex.split(line)) is None


@pytest.mark.parametrize("path", DECLARED, ids=" ".join)
def test_no_option_of_a_command_is_called_as_a_common_one(path: tuple[str, ...]) -> None:
    common = {name for each in (*COMMON, VERSION) for name in each.names} | {"--help", "-h"}
    own = [name for each in DECLARED[path].parameters for name in each.names]
    assert common & set(own) == set()
    assert len(own) == len(set(own))
