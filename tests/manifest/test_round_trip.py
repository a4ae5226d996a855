"""Manifests through every backend: export, apply, export again; checks, renames and expressions too."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget
from tests.support.command import Segments
from tests.support.postgresql import shared_store
from tests.support.states import Held, State, client_of, ids_of, put, state_of, store_at
from tests.support.tenant_server import serving

STATE = {
    "VIP": Held("Very important", "Spent a lot", (1, 2, 3)),
    "a/b ä:": Held(None, 'quotes " and\nlines', (2_147_483_647,)),
    "EMPTY": Held("Nobody"),
    "7": Held("true", "null"),
}
KINDS = ("store", "tenant", "postgresql", "citus")
Open = Callable[[str, State], Backend]


@pytest.fixture
def places(segments: Segments, tmp_path: Path) -> Iterator[Open]:
    """Opens a new store or tenant with a state, and makes it the command's backend."""
    with ExitStack() as stack:
        count = iter(range(9))

        def make(kind: str, state: State) -> Backend:
            path = tmp_path / f"place-{next(count)}.db"
            backend = store_at(path, state)
            for name in ("SEGMENTS_BACKEND", "KIBO_API_HOST"):
                segments.env.pop(name, None)
            if kind == "store":
                segments.env["SEGMENTS_BACKEND"] = f"sqlite:{path}"
                return backend
            if kind in ("postgresql", "citus"):
                backend.close()
                segments.env["SEGMENTS_BACKEND"] = url = shared_store(kind)
                backend = open_backend(BackendTarget(url, timeout=30))
                put(backend, state)
                return backend
            server = stack.enter_context(serving(path))
            segments.env |= server.environ
            backend.close()
            return client_of(server)

        yield make


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS)
@pytest.mark.parametrize("form", ["folder", "all.yaml", "all.json"])
def test_an_export_that_is_applied_is_exported_as_the_same_files(
    segments: Segments, places: Open, tmp_path: Path, first: str, second: str, form: str
) -> None:
    places(first, STATE).close()
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    segments.ok("export", "--accounts", "--to", str(one / form))
    backend = places(second, {})
    segments.ok("apply", str(one / form), "--yes")
    assert state_of(backend) == STATE
    segments.ok("export", "--accounts", "--to", str(two / form))
    assert files(one) == files(two)
    assert segments("diff", str(one / form), "--prune", "--exit-code").code == 0
    backend.close()


MANIFEST = """version: 1
segments:
  - code: NEW
    was: VIP
    name: Best
    accounts: {ids: [2, 3, 4]}
  - code: HALF
    accounts: {where: NEW minus KEPT, sample: 1, seed: x}
  - code: KEPT
  - code: GONE
    absent: true
checks:
  - NEW == 3
  - HALF == 1
  - HALF and KEPT == 0
"""
OLD = {"VIP": Held("Very", None, (1, 2)), "KEPT": Held("k", "d", (4,)), "GONE": Held(None, None, (9,))}


@pytest.mark.parametrize("kind", KINDS)
def test_a_manifest_with_everything(segments: Segments, places: Open, tmp_path: Path, kind: str) -> None:
    backend = places(kind, OLD)
    path = tmp_path / "segments.yaml"
    path.write_text(MANIFEST)
    done = segments.ok("apply", str(path), "--yes", "-o", "json").json
    assert [check["holds"] for check in done["checks"]] == [True, True, True]
    found = state_of(backend)
    assert found.keys() == {"NEW", "HALF", "KEPT"}
    assert found["NEW"] == Held("Best", None, (2, 3, 4))
    assert found["KEPT"] == Held(None, None, (4,))
    assert ids_of(backend)["NEW"] == 1
    again = segments.ok("apply", str(path), "--yes", "-o", "json").json
    assert again["summary"] == {"add": 0, "update": 0, "delete": 0, "none": 3, "joined": 0, "left": 0}
    backend.close()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_changed_if_a_check_fails(
    segments: Segments, places: Open, tmp_path: Path, kind: str
) -> None:
    backend = places(kind, OLD)
    path = tmp_path / "segments.yaml"
    path.write_text(MANIFEST.replace("NEW == 3", "NEW == 2"))
    done = segments("apply", str(path), "--yes", "-o", "json")
    assert done.code == 10
    assert "1 of 3 checks would fail: NEW == 2 (3 accounts); nothing was changed" in done.stderr
    assert [check["holds"] for check in done.json["checks"]] == [False, True, True]
    assert state_of(backend) == OLD
    assert segments("apply", str(path), "--dry-run").code == 10
    shown = segments("diff", str(path))
    assert shown.code == 0
    assert "1 of 3 checks would fail" in shown.stderr
    backend.close()


def test_the_checks_of_a_saved_plan_are_about_the_state_when_it_is_applied(
    segments: Segments, places: Open, tmp_path: Path
) -> None:
    backend = places("store", {"A": Held(), "B": Held(None, None, (1,))})
    path, plan = tmp_path / "segments.yaml", str(tmp_path / "plan.json")
    path.write_text("version: 1\nsegments: [{code: A, name: x}]\nchecks: [B == 1]\n")
    segments.ok("apply", str(path), "--dry-run", "--save-plan", plan)
    put(backend, {"C": Held()})
    backend.remove_segment_account(2, 1)
    done = segments("apply", plan, "--yes")
    assert done.code == 10
    assert state_of(backend)["A"] == Held()
    backend.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\nsegments: [{code: A, was: B}, {code: B, was: A}]\n", "was"),
        ("version: 1\nsegments: [{code: X, was: A}, {code: Z, was: A}]\n", "A"),
        ("version: 1\nsegments: [{code: B, was: A}]\n", "both codes exist"),
        ("version: 1\nsegments: [{code: A}, {code: A}]\n", "appears twice"),
        ("version: 1\nsegments: [{code: X}]\nchecks: [NOPE == 0]\n", "NOPE"),
    ],
)
def test_conflicts_are_found_before_anything_is_written(
    segments: Segments, places: Open, tmp_path: Path, text: str, message: str
) -> None:
    state = {"A": Held("a"), "B": Held("b")}
    backend = places("store", state)
    path = tmp_path / "segments.yaml"
    path.write_text(text)
    done = segments("apply", str(path), "--yes")
    assert done.code in (2, 3, 4)
    assert message in done.stderr
    assert state_of(backend) == state
    backend.close()


def test_accounts_is_for_backends(segments: Segments, tmp_path: Path) -> None:
    path = tmp_path / "segments.yaml"
    path.write_text("version: 1\nsegments: []\n")
    done = segments("diff", str(path), "--accounts")
    assert done.code == 2
    assert "--accounts is only for a source that is a backend" in done.stderr


def test_a_manifest_from_a_pipe_is_read_once(segments: Segments) -> None:
    text = "version: 1\nsegments: [{code: A}]\n"
    done = segments("diff", "/dev/stdin", "-o", "json", stdin=text)
    assert [item["code"] for item in done.json["items"]] == ["A"]


def test_what_list_prints_is_a_source(segments: Segments, places: Open, tmp_path: Path) -> None:
    places("store", STATE).close()
    text = segments.ok("list", "--all", "-o", "csv").stdout
    backend = places("store", {})
    done = segments("apply", "-", "--yes", stdin=text)
    assert done.code == 0, done.stderr
    assert state_of(backend) == {code: held._replace(accounts=()) for code, held in STATE.items()}
    backend.close()
