"""What is loaded: a command loads what it uses, and Typer only for a line that is not plain."""

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
    """The command modules among `modules`, but the one that all of them share."""
    prefix = "segcli.commands."
    names = {module.removeprefix(prefix) for module in modules if module.startswith(prefix)}
    return names - {"declare"}


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("get", "VIP", "-o", "json"), "get"),
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
def test_a_command_loads_no_other_and_nothing_heavy(
    vip: Segments, arguments: tuple[str, ...], command: str
) -> None:
    modules = loaded(vip, *arguments)
    assert packages(modules) & {*HEAVY, "typer", "inspect", "dataclasses"} == set()
    assert commands(modules) == {command}


def test_no_quoted_annotation_is_compiled(vip: Segments) -> None:
    assert [line for line in loaded(vip, "list", "-o", "json") if line.startswith("compiled ")] == []


def test_a_line_that_is_not_plain_is_read_by_typer(vip: Segments) -> None:
    assert "typer" in packages(loaded(vip, "list", "-o", "csv", "-o", "json"))


@pytest.mark.parametrize(
    ("arguments", "used"),
    [
        (("list", "-o", "table"), {"rich"}),
        (("list", "-o", "yaml"), {"yaml"}),
        (("list", "--query", "totalCount", "-o", "json"), {"jmespath"}),
    ],
    ids=str,
)
def test_what_a_command_uses_is_all_that_it_loads(
    vip: Segments, arguments: tuple[str, ...], used: set[str]
) -> None:
    assert packages(loaded(vip, *arguments)) & HEAVY == used


def test_the_local_store_loads_no_other_backend(vip: Segments) -> None:
    backends = {m for m in loaded(vip, "list", "-o", "json") if m.startswith("segcli.backends.")}
    assert {module.split(".")[2] for module in backends} == {"access", "base", "sqlite"}


def test_a_secret_is_not_looked_for_while_the_ticket_is_good(segments: Segments, tmp_path: Path) -> None:
    with serving(tmp_path / "tenant.db") as server:
        segments.env.update(server.environ)
        first, second = (loaded(segments, "list", "-o", "json") for _ in range(2))
    assert "segcli.config.secrets" in first
    assert "segcli.config.secrets" not in second


def test_what_is_not_said_is_not_parsed(vip: Segments) -> None:
    modules = loaded(vip, "list", "-o", "json")
    assert "segcli.query.response_fields" not in modules
    assert "segcli.operations.fields" not in modules


def test_the_version_loads_no_typer(segments: Segments) -> None:
    modules = loaded(segments, "--version")
    assert "typer" not in packages(modules)
    assert {module for module in modules if module.startswith("segcli.")} == {"segcli.__main__"}


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)], ids=str)
def test_the_help_of_the_root_loads_no_command(segments: Segments, arguments: tuple[str, ...]) -> None:
    assert commands(loaded(segments, *arguments)) == set()


def modules_without_typer() -> list[str]:
    names = ["segcli.session", "segcli.config", "segcli.errors", "segcli.terminal", "segcli.model"]
    names += ["segcli.cli", "segcli.arguments"]
    for package in (
        "segcli.commands",
        "segcli.operations",
        "segcli.output",
        "segcli.backends.sqlite",
        "segcli.query",
    ):
        path = import_module(package).__path__
        names += [package, *(f"{package}.{module.name}" for module in pkgutil.iter_modules(path))]
    return names


@pytest.mark.parametrize("module", modules_without_typer())
def test_what_declares_and_what_acts_imports_no_typer(segments: Segments, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print('\\n'.join(sys.modules))"],
        env=segments.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert module in done.stdout.splitlines()
    assert packages(set(done.stdout.splitlines())) & {"typer", "click"} == set()
