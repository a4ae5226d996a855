"""segcli keeps the rules of its structure (tests/support/rules.py), and every rule can fail."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import segcli
from tests.support.house import MAX_LINES, PROJECT, ROOMS, Room, with_table
from tests.support.rules import (
    RULES,
    House,
    Rule,
    check_backends,
    check_commands,
    check_cycles,
    check_inits,
    check_lengths,
    check_private_files,
    check_rooms,
    check_sql,
    check_statuses,
    check_tests,
    check_typer,
    check_urls,
)

Build = Callable[[dict[str, str]], House]

no_statuses = partial(check_statuses, known={})
TABLE = (
    Room("__init__", "the version"),
    Room("errors", "errors"),
    Room("query", "queries", "errors"),
    Room("session", "a session", "__init__ errors query"),
)


@pytest.fixture(scope="module")
def house() -> House:
    return House(Path(segcli.__file__).parent)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Makes a package `shop` of these files."""

    def build(files: dict[str, str]) -> House:
        for name, source in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return House(tmp_path / "shop")

    return build


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(house: House, rule: Rule) -> None:
    assert rule(house) == []


def test_tests_share_helpers_by_way_of_support() -> None:
    assert check_tests(House(PROJECT / "tests")) == []


def test_helpers_of_another_folder_are_reported(build: Build) -> None:
    files = {
        "support/x.py": "",
        "a/helpers.py": "",
        "b/helpers.py": "",
        "conftest.py": "from shop.support import x",
    }
    test = "from shop.support import x\nfrom shop.a import helpers\n"
    assert check_tests(build(files | {"a/test_x.py": test})) == []
    test = "from shop.b.helpers import y\n"
    assert check_tests(build({"a/test_x.py": test})) == ["a.test_x imports b.helpers"]
    assert check_tests(build({"a/test_x.py": "", "support/x.py": test})) == ["support.x imports b.helpers"]


def test_contributing_has_the_table_of_rooms() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    assert text == with_table(text), "run: python -m tests.support.house"
    assert all(f"| `{room.name}` | {room.description} |" in text for room in ROOMS)


def test_a_page_without_the_marks_gets_no_table() -> None:
    assert with_table("a <!-- rooms -->\nold\n<!-- /rooms --> b").count("\n| `") == len(ROOMS)
    with pytest.raises(ValueError, match="marks"):
        with_table("a <!-- /rooms --> <!-- rooms -->")


GOOD = {
    "__init__.py": '__version__ = "1"\n',
    "errors.py": "import os\n",
    "query/__init__.py": '"""Queries."""\n',
    "query/tree.py": "from shop import errors\n",
    "session.py": "import shop.query.tree\nfrom shop import __version__\nfrom shop.errors import X\n",
}


def rooms_of(files: dict[str, str], build: Build) -> list[str]:
    return check_rooms(build(GOOD | files), TABLE)


def test_rooms_that_import_as_the_table_says(build: Build) -> None:
    assert rooms_of({}, build) == []


@pytest.mark.parametrize(
    "line",
    [
        "import shop.session",
        "import shop.session as s",
        "from shop import session",
        "from shop.session import Session",
        "from .. import session",
        "from ..session import Session",
        "def f():\n    from shop import session",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.session import Session",
    ],
)
def test_an_import_that_the_table_does_not_have(build: Build, line: str) -> None:
    files = {"query/tree.py": f"from shop import errors\n{line}\n"}
    assert rooms_of(files, build) == ["query may not import session"]


def test_an_allowance_that_is_not_used(build: Build) -> None:
    assert rooms_of({"query/tree.py": ""}, build) == ["query does not import errors"]


def test_a_room_that_is_not_in_the_table(build: Build) -> None:
    assert rooms_of({"new.py": ""}, build) == ["new is not in the table"]


def test_a_room_that_does_not_exist(build: Build) -> None:
    assert check_rooms(build(GOOD), (*TABLE, Room("gone", ""))) == ["there is no gone"]


def test_a_table_that_is_out_of_order(build: Build) -> None:
    version, errors, query, session = TABLE
    assert check_rooms(build(GOOD), (version, query, errors, session)) == ["errors is not above query"]


@pytest.mark.parametrize("back", ["from shop import a", "def f():\n    from shop.a import x"])
def test_a_cycle_of_files(build: Build, back: str) -> None:
    files = {"a.py": "from shop.query import b", "query/b.py": "import shop.query.c", "query/c.py": back}
    (cycle,) = check_cycles(build(files))
    assert set(cycle.split(" <- ")) == {"a", "query.b", "query.c"}
    assert check_cycles(build(files | {"query/c.py": "import os"})) == []


COMMANDS = {
    "commands/__init__.py": "def load(): ...",
    "commands/options.py": "",
    "commands/add.py": "from shop.commands import load\nfrom shop.commands.options import X\n",
    "commands/get.py": "from shop.commands import options\n",
    "commands/noun/__init__.py": "from shop.commands.noun import one, two\n",
    "commands/noun/options.py": "from shop.commands.options import X\n",
    "commands/noun/one.py": "from shop.commands.noun.options import Y\n",
    "commands/noun/two.py": "",
    "spec.py": "",
}
BACKENDS = {
    "backends/__init__.py": "",
    "backends/base.py": "",
    "backends/sqlite/__init__.py": "from shop.backends.base import Backend\n",
    "backends/sqlite/rows.py": "from shop.backends import base\n",
    "backends/tenant/__init__.py": "from shop.backends import base\n",
}

# A rule, a file that breaks it, and what the rule reports; the same line is fine in the last file.
BROKEN: list[tuple[Rule, dict[str, str], str, str, str, str | None]] = [
    (
        check_commands,
        COMMANDS,
        "commands/get.py",
        "from shop.commands import add",
        "commands.get imports commands.add",
        "session.py",
    ),
    (
        check_commands,
        COMMANDS,
        "commands/noun/two.py",
        "from shop.commands.noun import one",
        "commands.noun.two imports commands.noun.one",
        "commands/noun/__init__.py",
    ),
    (
        check_backends,
        BACKENDS,
        "backends/sqlite/rows.py",
        "def f():\n    from shop.backends.tenant import x",
        "backends.sqlite.rows imports backends.tenant",
        "session.py",
    ),
    (
        check_backends,
        BACKENDS,
        "backends/tenant/__init__.py",
        "import shop.backends.sqlite.rows",
        "backends.tenant imports backends.sqlite.rows",
        "backends/__init__.py",
    ),
    (check_typer, {}, "cli.py", "import typer.main", "cli imports typer.main", "parser/app.py"),
    (check_typer, {}, "cli.py", "from typer import Typer", "cli imports typer", "parser/app.py"),
    (
        check_sql,
        {},
        "query/x.py",
        "x = f'SELECT {1} FROM y'",
        "query.x has SQL: 'SELECT '",
        "backends/sqlite/x.py",
    ),
    (
        check_sql,
        {},
        "query/x.py",
        "x = 'a; INSERT INTO y'",
        "query.x has SQL: 'a; INSERT INTO y'",
        "backends/sqlite/x.py",
    ),
    (no_statuses, {}, "bulk.py", "x = y == 404", "bulk has the status 404", "server/x.py"),
    (no_statuses, {}, "bulk.py", "x = 503", "bulk has the status 503", "errors.py"),
    (check_urls, {}, "config.py", "x = 'sqlite:'", "config has 'sqlite:'", "backends/x.py"),
    (
        check_urls,
        {},
        "config.py",
        "x = f'postgresql://{y}'",
        "config has 'postgresql://'",
        "backends/x.py",
    ),
    (check_private_files, {}, "bulk.py", "os.makedirs('x')", "bulk uses os.makedirs", "paths.py"),
    (
        check_private_files,
        {},
        "bulk.py",
        "from tempfile import mkstemp",
        "bulk uses tempfile.mkstemp",
        "paths.py",
    ),
    (check_private_files, {}, "bulk.py", "os.replace('x', 'y')", "bulk uses os.replace", "paths.py"),
    (check_lengths, {}, "a.py", "x = 1\n" * (MAX_LINES + 1), f"a has {MAX_LINES + 1} lines", None),
]


@pytest.mark.parametrize(("rule", "others", "path", "line", "report", "elsewhere"), BROKEN)
def test_a_rule_reports_what_breaks_it(
    build: Build,
    rule: Rule,
    others: dict[str, str],
    path: str,
    line: str,
    report: str,
    elsewhere: str | None,
) -> None:
    assert rule(build({"session.py": "", **others})) == []
    if elsewhere:
        assert rule(build({elsewhere: line})) == []
    assert rule(build({path: line})) == [report]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (check_sql, 'x = 1\n"""SELECT is what this function avoids."""'),
        (check_sql, "x = 'Select a segment'"),
        (no_statuses, "x = 399, 600, '404', 404.0"),
        (check_urls, "x = 'segments list --backend sqlite:PATH'"),
        (check_private_files, "text.replace('a', 'b')"),
        (check_lengths, "x = 1\n" * MAX_LINES),
    ],
)
def test_what_only_looks_like_it_breaks_a_rule(build: Build, rule: Rule, line: str) -> None:
    assert rule(build({"a.py": line})) == []


def test_a_number_that_is_no_status_is_listed_as_long_as_it_is_there(build: Build) -> None:
    house = build({"a.py": "x = 500"})
    assert check_statuses(house, {("a", 500): "rows"}) == []
    assert check_statuses(house, {("a", 500): "rows", ("a", 501): "?"}) == ["a has no number 501"]


def test_an_init_is_a_docstring_or_listed(build: Build) -> None:
    house = build({"a/__init__.py": '"""A."""\n', "b/__init__.py": '"""B."""\nX = 1\n', "c/__init__.py": ""})
    reports = ["the __init__ of b is more than a docstring", "the __init__ of c is more than a docstring"]
    assert check_inits(house, {}) == reports
    reports = ["the __init__ of c is more than a docstring", "the __init__ of a is only a docstring"]
    assert check_inits(house, {"b": "X", "a": "?"}) == reports
