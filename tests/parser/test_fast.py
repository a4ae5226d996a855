"""Which lines the fast parser reads, and which it leaves to Typer."""

import shlex

import pytest

from segcli.commands import EXAMPLES
from segcli.commands.options import COMMON, HELP, VERSION
from tests.support.parsing import COMMANDS, GROUPS, fast_reading, typer_reading

LIST = {
    "filter": None, "sort": None, "start_index": 0, "page_size": None, "everything": False, "limit": None,
    "fields": None, "counts": False, "at": None, "wide": False,
}  # fmt: skip


def examples() -> list[str]:
    """Every example in help, as far as it is our command; only `serve` takes fractions."""
    shown = [*EXAMPLES, *(line for group in GROUPS.values() for line in group.examples)]
    shown += [line for words, each in COMMANDS.items() if words != ("serve",) for line in each.examples]
    ours = (line.rpartition("| ")[2].partition(" > ")[0] for line in shown)
    return [line.removeprefix("segments ") for line in ours]


@pytest.mark.parametrize("line", examples())
def test_an_example_is_read(line: str) -> None:
    words = shlex.split(line)
    fast = fast_reading(words)
    assert fast is not None
    assert fast == typer_reading(words)


@pytest.mark.parametrize(
    ("line", "values", "flags"),
    [
        ("list", {}, {}),
        ("list -o json", {}, {"output": "json"}),
        ("list -ojson -q", {}, {"output": "json", "quiet": True}),
        ("list -qv", {}, {"quiet": True, "verbose": True}),
        ("list -qo json", {}, {"output": "json", "quiet": True}),
        ("list -qojson", {}, {"output": "json", "quiet": True}),
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
    words = shlex.split(line)
    fast = fast_reading(words)
    assert fast is not None
    assert fast == (COMMANDS["list",].function, {**LIST, **values}, flags, ("list",))
    assert fast == typer_reading(words)


@pytest.mark.parametrize(
    ("line", "words", "flags"),
    [
        ("", None, {}),
        ("--help", None, {}),
        ("-q -h", None, {"quiet": True}),
        ("--help list", None, {}),
        ("accounts", ("accounts",), {}),
        ("accounts -o json --help", ("accounts",), {"output": "json"}),
        ("accounts --help add", ("accounts",), {}),
        ("list --help", ("list",), {}),
        ("list -h", ("list",), {}),
        ("get -qh VIP", ("get",), {"quiet": True}),
        ("accounts set --help --no-color", ("accounts", "set"), {"no_color": True}),
    ],
)
def test_a_line_that_asks_for_help_is_read(
    line: str, words: tuple[str, ...] | None, flags: dict[str, object]
) -> None:
    fast = fast_reading(line.split())
    assert fast is not None
    assert (fast.words, fast.arguments, fast.flags) == (words, {}, flags)
    assert fast == typer_reading(line.split())


@pytest.mark.parametrize(
    "line",
    [
        "--version", "list --version", "nope", "lis", "accounts nope", "accounts lis VIP", "-- list",
        "'' list", "list extra", "get", "add", "add A B", "update --name x", "list --nope", "list -x",
        "list --filt x", "list --filter", "list -o", "list -qo", "list --all=1", "list --all=", "list -q=1",
        "list -o id -o id", "-o id list -o id", "list -qq", "--filter x list", "list --limit 0",
        "list --limit -1", "list --limit +1", "list --limit 1_0", "list --limit ' 1'", "list --limit 1.0",
        "list --limit \u0663", "list --limit 2147483648", "list --limit ''", "list --page-size " + "9" * 5000,
        "completion show BASH", "completion show fis", "accounts --yes remove VIP 1", "delete VIP --no-yes",
    ],
)  # fmt: skip
def test_any_other_line_is_left_to_typer(line: str) -> None:
    assert fast_reading(shlex.split(line)) is None


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_option_of_a_command_has_the_name_of_another(path: tuple[str, ...]) -> None:
    common = {name for each in (*COMMON, VERSION, HELP) for name in each.names}
    own = [name for each in COMMANDS[path].parameters for name in each.names]
    assert common & set(own) == set()
    assert len(own) == len(set(own))
