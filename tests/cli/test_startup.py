"""What is imported: a command imports what it uses, and Typer only for a line the fast parser declines."""

import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.modules import HEAVY, loaded, packages
from tests.support.tenant_server import serving


def commands(modules: set[str]) -> set[str]:
    """The command modules and packages among `modules`, without what all of them share."""
    prefix = "segcli.commands."
    names = {module.removeprefix(prefix).split(".")[0] for module in modules if module.startswith(prefix)}
    return names - {"options", "help_text"}


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("get", "VIP", "-o", "json"), "get"),
        (("get", "VIP", "-qo", "json"), "get"),
        (("get", "VIP", "-qojson"), "get"),
        (("list", "-o", "json"), "list"),
        (("list", "--all", "-o", "jsonl"), "list"),
        (("list", "-o", "csv"), "list"),
        (("list",), "list"),
        (("add", "NEW", "-o", "json"), "add"),
        (("update", "VIP", "--name", "x", "-o", "json"), "update"),
        (("delete", "VIP", "--yes", "-o", "json"), "delete"),
        (("accounts", "list", "VIP", "-o", "json"), "accounts"),
    ],
    ids=" ".join,
)
def test_a_command_imports_no_other_and_nothing_heavy(
    vip: Segments, arguments: tuple[str, ...], command: str
) -> None:
    modules = loaded(vip, *arguments)
    assert packages(modules) & {*HEAVY, "typer", "inspect", "dataclasses"} == set()
    assert commands(modules) == {command}


def test_no_quoted_annotation_is_compiled(vip: Segments) -> None:
    assert [line for line in loaded(vip, "list", "-o", "json") if line.startswith("compiled ")] == []


def test_a_line_that_the_fast_parser_declines_is_read_by_typer(vip: Segments) -> None:
    assert "typer" in packages(loaded(vip, "list", "-o", "csv", "-o", "json"))


@pytest.mark.parametrize(
    ("arguments", "used"),
    [
        (("list", "-o", "table"), set()),
        (("list", "-o", "yaml"), {"yaml"}),
        (("list", "--query", "totalCount", "-o", "json"), {"jmespath"}),
    ],
    ids=str,
)
def test_a_command_imports_only_the_libraries_it_uses(
    vip: Segments, arguments: tuple[str, ...], used: set[str]
) -> None:
    assert packages(loaded(vip, *arguments)) & HEAVY == used


def test_the_local_store_imports_no_other_backend(vip: Segments) -> None:
    backends = {m for m in loaded(vip, "list", "-o", "json") if m.startswith("segcli.backends.")}
    assert {module.split(".")[2] for module in backends} == {"base", "sqlite", "store", "target"}


def test_no_secret_is_looked_up_while_the_ticket_is_valid(segments: Segments, tmp_path: Path) -> None:
    with serving(tmp_path / "tenant.db") as server:
        segments.env.update(server.environ)
        first, second = (loaded(segments, "list", "-o", "json") for _ in range(2))
    assert "segcli.config.secrets" in first
    assert "segcli.config.secrets" not in second


PARSERS = {
    "--filter": ("segcli.query.filter", "id gt 0"),
    "--sort": ("segcli.query.sort", "name"),
    "--fields": ("segcli.query.response_fields", "code"),
}


def test_a_parser_is_imported_only_for_its_option(vip: Segments) -> None:
    modules = loaded(vip, "list", "-o", "json")
    for option, (parser, value) in PARSERS.items():
        assert parser not in modules
        assert parser in loaded(vip, "list", option, value, "-o", "json")


def test_get_imports_neither_a_parser_of_queries_nor_typer(vip: Segments) -> None:
    modules = loaded(vip, "get", "VIP", "-o", "json")
    unused = {parser for parser, _ in PARSERS.values()} | {
        "segcli.parser.typer_app",
        "segcli.commands.help_text",
    }
    assert "segcli.parser.fast" in modules
    assert modules & unused == set()
    assert packages(modules) & {"typer", "rich", "requests", "yaml"} == set()


def test_the_version_imports_nothing(segments: Segments) -> None:
    modules = loaded(segments, "--version")
    assert "typer" not in packages(modules)
    assert {module for module in modules if module.startswith("segcli.")} == {"segcli.__main__"}


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)], ids=str)
def test_the_help_of_the_root_imports_no_command(segments: Segments, arguments: tuple[str, ...]) -> None:
    assert commands(loaded(segments, *arguments)) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("-qh",),
        ("list", "--help"),
        ("accounts",),
        ("accounts", "set", "-h"),
        ("serve", "--help"),
    ],
    ids=str,
)
def test_help_imports_neither_typer_nor_rich(segments: Segments, arguments: tuple[str, ...]) -> None:
    modules = loaded(segments, *arguments)
    assert packages(modules) & {*HEAVY, "typer", "uvicorn"} == set()
    assert "segcli.parser.typer_app" not in modules


def modules_without_typer() -> list[str]:
    names = [
        "segcli.session",
        "segcli.spec",
        "segcli.errors",
        "segcli.terminal",
        "segcli.model",
        "segcli.cli",
    ]
    names += ["segcli.parser", "segcli.parser.fast", "segcli.parser.invocation"]
    for package in (
        "segcli.commands",
        "segcli.completion",
        "segcli.config",
        "segcli.operations",
        "segcli.output",
        "segcli.backends.sqlite",
        "segcli.query",
    ):
        path = import_module(package).__path__
        names += [package, *(f"{package}.{module.name}" for module in pkgutil.iter_modules(path))]
    return names


@pytest.mark.parametrize("module", modules_without_typer())
def test_only_one_module_imports_typer(segments: Segments, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print('\\n'.join(sys.modules))"],
        env=segments.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert module in done.stdout.splitlines()
    assert packages(set(done.stdout.splitlines())) & {"typer", "click"} == set()
