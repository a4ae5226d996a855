"""A format before the present one, which never existed: it lacks a column that the conversion adds."""

import pytest

from segcli.backends.postgresql import schema
from segcli.backends.store.database import Connection

VERSION = schema.FORMAT - 1
MISSING = "digest"  # a column of `change`


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it a format that can be converted."""
    monkeypatch.setitem(schema._UPGRADES, VERSION, __name__)


def convert(connection: Connection) -> None:
    connection.execute(f"ALTER TABLE change ADD COLUMN {MISSING} text")
    connection.execute("UPDATE change SET digest = NULL WHERE digest IS NOT NULL")
