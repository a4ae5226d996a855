"""A path that was mistyped: reading says that there is no store, writing says what it creates."""

from pathlib import Path

import pytest

from tests.support.command import Segments

READS = [("list",), ("list", "--all"), ("accounts", "of", "1"), ("add", "VIP", "--dry-run")]


@pytest.mark.parametrize("command", READS, ids=" ".join)
def test_reading_a_missing_store_says_so(
    segments: Segments, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "typo.db"
    done = segments.ok(*command, "--backend", f"sqlite:{path}", "-o", "json")
    notes = [line for line in done.stderr.splitlines() if "typo.db" in line]
    assert notes == [f"there is no store at {path} yet; the first write creates it"]
    assert not path.exists()
    assert segments.ok(*command, "--backend", f"sqlite:{path}", "-o", "json", "-q").stderr == ""


def test_the_note_names_a_missing_folder(segments: Segments, tmp_path: Path) -> None:
    path = tmp_path / "no" / "x.db"
    done = segments.ok("list", "--backend", f"sqlite:{path}")
    assert (done.stdout, done.stderr) == ("", f"there is no store at {path}: its folder does not exist\n")


def test_the_default_store_needs_no_note(segments: Segments) -> None:
    assert segments.ok("list").stderr == ""


def test_an_existing_store_needs_no_note(segments: Segments, tmp_path: Path) -> None:
    backend = f"sqlite:{tmp_path}/x.db"
    assert segments.ok("--backend", backend, "add", "VIP").stderr == f"created the store {tmp_path}/x.db\n"
    assert segments.ok("--backend", backend, "add", "STAFF").stderr == ""
    assert segments.ok("--backend", backend, "list").stderr == ""


def test_a_folder_is_created_only_in_the_default_location(segments: Segments, tmp_path: Path) -> None:
    folder = tmp_path / "my shop"
    done = segments("add", "VIP", "--backend", f"sqlite:{folder}/x.db")
    assert (done.code, done.stderr.splitlines()) == (
        7,
        [
            f"error: the store {folder}/x.db cannot be created: the folder {folder} does not exist;"
            " nothing was changed",
            f"hint: check the path, or create the folder with: mkdir -p '{folder}'",
        ],
    )
    assert not folder.exists()
    segments.ok("add", "VIP")
    assert segments.store.parent.stat().st_mode & 0o777 == 0o700


def test_doctor_says_it_in_its_table(segments: Segments, tmp_path: Path) -> None:
    done = segments.ok("doctor", "--backend", f"sqlite:{tmp_path}/x.db")
    assert ("x.db has no data yet" in done.stdout, done.stderr) == (True, "")


@pytest.mark.parametrize(
    "command",
    [
        ("update", "X", "--name", "x"),
        ("accounts", "add", "X", "1"),
        ("accounts", "add", "X", "1", "--chunk-size", "1"),
        ("accounts", "remove", "X", "1"),
        ("accounts", "set", "X", "--file", "/dev/null", "--allow-empty", "--yes"),
        ("delete", "X", "--yes"),
    ],
    ids=" ".join,
)
def test_changing_a_segment_creates_no_store(
    segments: Segments, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "typo.db"
    done = segments(*command, "--backend", f"sqlite:{path}")
    assert done.code == 3
    assert done.stderr.startswith(f"there is no store at {path} yet; the first write creates it\n")
    assert not path.exists()
