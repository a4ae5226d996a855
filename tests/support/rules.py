"""The rules of the structure: each takes a package and returns what breaks the rule, a line for each."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from http import HTTPStatus
from importlib.util import resolve_name
from pathlib import Path

from tests.support.house import (
    INITS,
    MAX_LINES,
    NOT_STATUSES,
    ROOMS,
    SHARED_BACKEND,
    SQL_ROOMS,
    STATUS_ROOMS,
    Room,
)

# Not the whole range: 0o700, the mode of a private folder, is 448.
_STATUSES = {status.value for status in HTTPStatus if status.value >= 400}
_SQL = re.compile(
    r"\b(SELECT|INSERT (INTO|OR)|UPDATE \S+ SET|DELETE FROM|PRAGMA|BEGIN (IMMEDIATE|DEFERRED|EXCLUSIVE)"
    r"|(CREATE|DROP|ALTER) (TABLE|INDEX|TRIGGER|VIEW|UNIQUE))\b"
)
_URL = re.compile(r"(sqlite|postgresql|postgres):")
_FILE_CALLS = {
    "os": {"makedirs", "mkdir", "replace", "rename"},
    "tempfile": {"mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory"},
}


class Module:
    """A module: its name below the package ("" is the package itself), source and syntax tree."""

    def __init__(self, root: Path, path: Path) -> None:
        parts = path.relative_to(root).with_suffix("").parts
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.is_package else parts)
        self.room = parts[0]
        self.source = path.read_text()
        self.tree = ast.parse(self.source)
        self.imports: set[str] = set()  # modules below the package, by name

    def is_in(self, *rooms: str) -> bool:
        return any(f"{self.name}.".startswith(f"{room}.") for room in rooms)

    def imported(self, package: str) -> Iterator[tuple[str, str]]:
        """Each import, wherever it is: the module, and the name that is taken from it if any."""
        own = ".".join(filter(None, (package, self.name)))
        parent = own if self.is_package else own.rpartition(".")[0]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, ""
            elif isinstance(node, ast.ImportFrom):
                module = resolve_name("." * node.level + (node.module or ""), parent)
                for alias in node.names:
                    yield module, alias.name

    def strings(self) -> Iterator[str]:
        """The string literals, and the literal parts of f-strings, but no docstrings."""
        docs = {
            id(node.value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                yield node.value


class House:
    """The modules of a package, and which of them each imports."""

    def __init__(self, root: Path) -> None:
        self.package = root.name
        modules = (Module(root, path) for path in sorted(root.rglob("*.py")))
        self.modules = {module.name: module for module in modules}
        for module in self.modules.values():
            names = module.imported(self.package)
            module.imports = {name for each in names if (name := self._resolved(*each)) is not None}

    def _resolved(self, module: str, name: str) -> str | None:
        """The module of ours that an import names: `from segcli import session` is `session`."""
        top, _, below = module.partition(".")
        if top != self.package:
            return None
        full = ".".join(filter(None, (below, name)))
        return full if full in self.modules else below


Rule = Callable[[House], list[str]]


def room_of(name: str) -> str:
    return name.split(".")[0] or "__init__"


def check_rooms(house: House, rooms: tuple[Room, ...] = ROOMS) -> list[str]:
    """Every room is in the table, and imports the rooms that the table says, all of them above it."""
    actual: dict[str, set[str]] = {}
    for module in house.modules.values():
        below = actual.setdefault(module.room, set())
        below |= {room_of(name) for name in module.imports} - {module.room}
    wrong = [f"{name} is not in the table" for name in sorted(actual.keys() - {each.name for each in rooms})]
    above: set[str] = set()
    for room in rooms:
        allowed = set(room.imports.split())
        if room.name not in actual:
            wrong.append(f"there is no {room.name}")
            continue
        wrong += [f"{room.name} may not import {name}" for name in sorted(actual[room.name] - allowed)]
        wrong += [f"{room.name} does not import {name}" for name in sorted(allowed - actual[room.name])]
        wrong += [f"{name} is not above {room.name}" for name in sorted(allowed - above)]
        above.add(room.name)
    return wrong


def check_cycles(house: House) -> list[str]:
    """No file imports itself by way of others, not even inside a function or for its types."""
    graph = {name: module.imports - {name} for name, module in house.modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" <- ".join(error.args[1])]
    return []


def check_commands(house: House) -> list[str]:
    """No command imports another; `commands` itself, its options and the text of help are there for all.

    A package of commands imports its own modules, which share its `options`.
    """
    shared = {"commands", "commands.options", "commands.help_text"}
    return [
        f"{module.name} imports {name}"
        for module in house.modules.values()
        if module.is_in("commands") and not module.is_package
        for name in sorted(
            module.imports - shared - {module.name, f"{module.name.rpartition('.')[0]}.options"}
        )
        if room_of(name) == "commands"
    ]


def _options_beside(name: str) -> str:
    return f"{name.rpartition('.')[0]}.options"


def check_backends(house: House) -> list[str]:
    """No backend imports another; what they share imports none."""
    packages = [name for name, each in house.modules.items() if each.is_package and name.count(".") == 1]
    backends = [name for name in packages if room_of(name) == "backends"]
    return [
        f"{module.name} imports {name}"
        for module in house.modules.values()
        for own in backends
        if module.is_in(own)
        for name in sorted(module.imports)
        if any(house.modules[name].is_in(other) for other in backends if other not in (own, SHARED_BACKEND))
    ]


def check_typer(house: House) -> list[str]:
    """Only the parser knows Typer."""
    return [
        f"{module.name} imports {name}"
        for module in house.modules.values()
        if not module.is_in("parser")
        for name, _ in module.imported(house.package)
        if name.split(".")[0] in ("typer", "click")
    ]


def check_sql(house: House) -> list[str]:
    """Only the SQL backends contain SQL."""
    return [
        f"{module.name} has SQL: {text!r}"
        for module in house.modules.values()
        if not module.is_in(*SQL_ROOMS)
        for text in module.strings()
        if _SQL.search(text)
    ]


def check_statuses(house: House, known: Mapping[tuple[str, int], str] = NOT_STATUSES) -> list[str]:
    """Only what speaks HTTP, and the errors, know a status by its number."""
    found = {
        (module.name, node.value)
        for module in house.modules.values()
        if not module.is_in(*STATUS_ROOMS)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in _STATUSES
    }
    wrong = [f"{name} has the status {number}" for name, number in sorted(found - known.keys())]
    return wrong + [f"{name} has no number {number}" for name, number in sorted(known.keys() - found)]


def check_urls(house: House) -> list[str]:
    """Only backends look at the scheme of a backend's URL, or build one."""
    return [
        f"{module.name} has {text!r}"
        for module in house.modules.values()
        if not module.is_in("backends")
        for text in module.strings()
        if _URL.match(text)
    ]


def check_private_files(house: House) -> list[str]:
    """Only `paths` makes folders, and replaces files."""
    wrong = []
    for module in house.modules.values():
        if module.is_in("paths"):
            continue
        uses = list(module.imported(house.package))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                uses.append((node.value.id, node.attr))
        wrong += [
            f"{module.name} uses {name}.{call}" for name, call in uses if call in _FILE_CALLS.get(name, ())
        ]
    return wrong


def check_inits(house: House, known: Mapping[str, str] = INITS) -> list[str]:
    """A package's `__init__` is a docstring, unless it is listed with a reason or is a backend's."""
    found = {
        module.name
        for module in house.modules.values()
        if module.is_package
        and not module.name.startswith("backends.")
        and (len(module.tree.body) != 1 or ast.get_docstring(module.tree) is None)
    }
    wrong = [f"the __init__ of {name} is more than a docstring" for name in sorted(found - known.keys())]
    return wrong + [f"the __init__ of {name} is only a docstring" for name in sorted(known.keys() - found)]


def check_lengths(house: House) -> list[str]:
    """A module has at most MAX_LINES lines."""
    lengths = {name: len(module.source.splitlines()) for name, module in house.modules.items()}
    return [f"{name} has {length} lines" for name, length in lengths.items() if length > MAX_LINES]


def check_tests(tests: House) -> list[str]:
    """A folder of tests imports its own helpers and `support`, and `support` imports no tests."""
    return [
        f"{module.name} imports {name}"
        for module in tests.modules.values()
        for name in sorted(module.imports)
        if room_of(name) not in (module.room, "support")
    ]


RULES: tuple[Rule, ...] = (
    check_rooms,
    check_cycles,
    check_commands,
    check_backends,
    check_typer,
    check_sql,
    check_statuses,
    check_urls,
    check_private_files,
    check_inits,
    check_lengths,
)
