"""The rooms of the house and what each may import: arrows go down the table, never up."""

import ast
from pathlib import Path

import pytest

import segcli

ROOT = Path(segcli.__file__).parent

# A room, and the rooms that it may import (README, "How it is built").
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "text": set(),
    "places": set(),
    "model": {"errors", "text"},
    "result": {"errors"},
    "query": {"model", "errors", "text"},
    "inputs": {"model", "errors", "text"},
    "backends": {"query", "model", "errors", "text", "places", "segcli"},
    "server": {"backends", "query", "model", "errors", "text", "segcli"},
    "output": {"result", "model", "errors", "text"},
    "terminal": {"errors", "text"},
    "config": {"output", "places", "errors"},
    "bulk": {"terminal", "places", "model", "errors"},
    "operations": {
        "backends",
        "config",
        "server",
        "bulk",
        "inputs",
        "query",
        "result",
        "terminal",
        "model",
        "errors",
    },
    "completion": {"backends", "config", "query", "places", "result", "errors", "text"},
    "session": {"config", "backends", "output", "terminal", "result", "errors", "text"},
    "commands": {
        "completion",
        "operations",
        "server",
        "session",
        "config",
        "output",
        "model",
        "errors",
        "segcli",
    },
    "arguments": {"commands", "session", "errors", "segcli"},
    "cli": {"arguments", "session", "terminal", "errors"},
    "__main__": {"cli", "segcli"},
    "segcli": set(),
}


def imports_of(path: Path) -> set[str]:
    """The modules of ours that a file imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            assert node.module is not None
            found.add(node.module)
    return {name for name in found if name.split(".")[0] == "segcli"}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "segcli"


def room_of_file(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return "segcli" if first == "__init__.py" else first.removesuffix(".py")


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_rooms_below_its_own(path: Path) -> None:
    room = room_of_file(path)
    allowed = ROOMS[room] | {room}
    assert {room_of(module) for module in imports_of(path)} <= allowed


def test_the_table_itself_has_no_circle() -> None:
    done: set[str] = set()
    while len(done) < len(ROOMS):
        free = {room for room, below in ROOMS.items() if room not in done and below <= done}
        assert free, f"a circle among {set(ROOMS) - done}"
        done |= free


def test_only_the_parser_knows_typer() -> None:
    knowing = {
        room_of_file(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "typer")
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "typer" for a in node.names))
    }
    assert knowing == {"arguments"}
