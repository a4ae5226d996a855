"""A format after the present one, which does not exist yet: the conversion to it adds a column, or fails."""

import sqlite3

import pytest

from segcli.backends.sqlite import schema

NEXT = schema.FORMAT + 1
fails = False


def use(monkeypatch: pytest.MonkeyPatch, *, failing: bool = False) -> None:
    """Makes it the present format."""
    monkeypatch.setattr(schema, "FORMAT", NEXT)
    monkeypatch.setitem(schema._UPGRADES, NEXT - 1, __name__)
    monkeypatch.setattr(f"{__name__}.fails", failing)


def convert(connection: sqlite3.Connection, path: str, notify: schema.Notify) -> None:
    connection.execute("ALTER TABLE segment_record ADD COLUMN tier TEXT NOT NULL DEFAULT ''")
    connection.execute("UPDATE segment_record SET tier = tier || 'gold'")
    if fails:
        connection.execute("DELETE FROM segment_record")
        connection.execute("UPDATE nowhere SET x = 1")


def verify(connection: sqlite3.Connection) -> None:
    """Accepts every store."""
