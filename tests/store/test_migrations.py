"""Stores of older versions: brought up to date whole, or left as they were."""

import sqlite3
from pathlib import Path

import pytest

from segcli.backends.sqlite import SqliteBackend, schema
from segcli.errors import StoreError
from segcli.model import SegmentDraft
from segcli.query import SegmentQuery


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of the first version, with a segment in it."""
    path = tmp_path / "store.db"
    backend = SqliteBackend(str(path), timeout=10)
    backend.add_segment(SegmentDraft("VIP"))
    backend.close()
    return path


def columns(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    names = [row[1] for row in connection.execute("PRAGMA table_info(segment)")]
    connection.close()
    return names


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    number = int(connection.execute("PRAGMA user_version").fetchone()[0])
    connection.close()
    return number


def test_what_is_missing_is_run_by_the_first_to_open(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = ("ALTER TABLE segment ADD COLUMN tier TEXT", "UPDATE segment SET tier = 'gold'")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more))
    backend = SqliteBackend(str(old), timeout=10)
    assert backend.get_segments(SegmentQuery()).items[0].code == "VIP"
    backend.close()
    assert version(old) == 2
    assert "tier" in columns(old)


def test_a_migration_that_fails_leaves_the_old_store(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ("ALTER TABLE segment ADD COLUMN tier TEXT", "UPDATE nowhere SET x = 1")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
    backend = SqliteBackend(str(old), timeout=10)
    with pytest.raises(StoreError, match="no such table: nowhere"):
        backend.get_segments(SegmentQuery())
    assert version(old) == 1
    assert "tier" not in columns(old)
