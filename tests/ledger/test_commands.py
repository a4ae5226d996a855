"""Every command that can change a backend runs with history: no change of a tenant is unrecorded."""

import ast
from pathlib import Path

import pytest

import segcli.commands

FOLDER = Path(segcli.commands.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
# What it changes is no segment, and is only in stores.
WITHOUT = {"customers.import_customers"}


def runs(function: ast.FunctionDef) -> set[str]:
    """The ways in which a command runs its operation on a backend."""
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    names = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    return names & {"run", "run_with_history"}


def changing() -> dict[str, ast.FunctionDef]:
    """The functions of the commands with --dry-run, by module and name."""
    return {
        f"{'.'.join(path.relative_to(FOLDER).with_suffix('').parts)}.{node.name}": node
        for path in MODULES
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and {"session", "dry_run"} <= {argument.arg for argument in node.args.args}
    }


def test_the_commands_that_change_something_are_found() -> None:
    assert {
        "add.entry",
        "delete.entry",
        "update.entry",
        "accounts.change.add",
        "accounts.split.split",
    } <= changing().keys()


@pytest.mark.parametrize("name", sorted(changing().keys() - WITHOUT))
def test_a_command_that_changes_something_runs_with_history(name: str) -> None:
    assert runs(changing()[name]) == {"run_with_history"}
