"""Stores of older versions: migrated completely and once, or not changed."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.sqlite import schema
from segcli.errors import StoreError, StoreLockedError, StoreNewerError
from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.support.stores import open_store

# It fails if it runs twice.
ADD_TIER = (
    "ALTER TABLE segment ADD COLUMN tier TEXT NOT NULL DEFAULT ''",
    "UPDATE segment SET tier = tier || 'gold'",
)
BREAK_OFF = (*ADD_TIER, "DELETE FROM segment", "UPDATE nowhere SET x = 1")

OLD = len(schema.MIGRATIONS)
NEW = OLD + 1


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of this version with a segment; with one more migration it is an old one."""
    path = tmp_path / "store.db"
    with closing(open_store(str(path), timeout=10)) as backend:
        segment = backend.add_segment(SegmentDraft("VIP"))
        backend.add_segment_accounts(segment.id, AccountSet([1001, 1002]))
    return path


def add_migration(monkeypatch: pytest.MonkeyPatch, migration: tuple[str, ...]) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, migration))


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tiers(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [tier for (tier,) in connection.execute("SELECT tier FROM segment")]


@pytest.mark.parametrize("reads", [True, False], ids=["a reader", "a writer"])
def test_the_first_to_open_a_store_runs_the_missing_migrations(
    old: Path, monkeypatch: pytest.MonkeyPatch, reads: bool
) -> None:
    add_migration(monkeypatch, ADD_TIER)
    with closing(open_store(str(old), timeout=10)) as backend:
        if not reads:
            backend.add_segment_accounts(1, AccountSet([1003]))
        assert [segment.code for segment in backend.get_segments(SegmentQuery()).items] == ["VIP"]
        assert list(backend.get_segment_accounts(1)) == [1001, 1002, 1003][: 2 if reads else 3]
    assert version(old) == NEW
    assert tiers(old) == ["gold"]


def test_a_new_store_has_every_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_migration(monkeypatch, ADD_TIER)
    path = tmp_path / "store.db"
    with closing(open_store(str(path), timeout=10)) as backend:
        backend.add_segment(SegmentDraft("VIP"))
    assert version(path) == NEW
    assert tiers(path) == [""]


def test_a_migration_that_fails_leaves_the_old_store(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old.read_bytes()
    with monkeypatch.context() as newer:
        add_migration(newer, BREAK_OFF)
        with (
            closing(open_store(str(old), timeout=10)) as backend,
            pytest.raises(StoreError, match="no such table: nowhere"),
        ):
            backend.get_segments(SegmentQuery())
    assert old.read_bytes() == before
    with closing(open_store(str(old), timeout=10)) as backend:
        assert list(backend.get_segment_accounts(1)) == [1001, 1002]


def test_if_one_of_several_migrations_fails_none_is_kept(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old.read_bytes()
    add_migration(monkeypatch, ADD_TIER)
    add_migration(monkeypatch, ("UPDATE nowhere SET x = 1",))
    with closing(open_store(str(old), timeout=10)) as backend, pytest.raises(StoreError):
        backend.add_segment(SegmentDraft("NEW"))
    assert old.read_bytes() == before


def test_a_migration_waits_for_a_writer_until_the_timeout(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with monkeypatch.context() as newer:
            add_migration(newer, ADD_TIER)
            with (
                closing(open_store(str(old), timeout=0.1)) as backend,
                pytest.raises(StoreLockedError),
            ):
                backend.get_segments(SegmentQuery())
    assert version(old) == OLD


# Prints that it is ready, and opens the store when it reads a line on stdin.
MIGRATOR = f"""
import sys
from segcli.backends.sqlite import schema
from segcli.query.tree import SegmentQuery
schema.MIGRATIONS += ({ADD_TIER!r},)
print("ready", flush=True)
sys.stdin.readline()
backend = open_store(sys.argv[1], timeout=30)
print([segment.code for segment in backend.get_segments(SegmentQuery()).items])
backend.close()
"""


def test_processes_that_open_an_old_store_at_once_migrate_it_once(old: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATOR, str(old)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        stdout, stderr = process.communicate(timeout=60)
        assert (process.returncode, stdout, stderr) == (0, "['VIP']\n", "")
    assert version(old) == NEW
    assert tiers(old) == ["gold"]


def test_a_migration_done_by_another_process_meanwhile_is_not_repeated(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other migrates after this one has seen the old version, before it has the lock."""
    add_migration(monkeypatch, ADD_TIER)
    migrated: list[str] = []

    def migrate_meanwhile(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE" and not migrated:
            with closing(open_store(str(old), timeout=10)) as other:
                migrated.append(other.get_segment(1).code)

    with closing(open_store(str(old), timeout=10, trace=migrate_meanwhile)) as backend:
        assert backend.get_segment(1).code == "VIP"
    assert migrated == ["VIP"]
    assert tiers(old) == ["gold"]


def test_a_store_migrated_by_a_newer_segcli_meanwhile_is_not_changed(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newer one migrates between this one's first check and its lock."""
    add_migration(monkeypatch, ADD_TIER)

    def become_newer(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            with closing(sqlite3.connect(old)) as newer:
                newer.execute(f"PRAGMA user_version = {NEW + 1}")

    with (
        closing(open_store(str(old), timeout=10, trace=become_newer)) as backend,
        pytest.raises(StoreNewerError),
    ):
        backend.get_segment(1)
    assert version(old) == NEW + 1
