"""A store in format 1, as segcli 0.1.0 wrote it: a row for each membership, and two indexes."""

import hashlib
import json
import random
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

# The statements of 0.1.0, in its order; never changed.
_CREATE = (
    "PRAGMA journal_mode = WAL",
    "BEGIN IMMEDIATE",
    "PRAGMA application_id = 1936025443",
    """
        CREATE TABLE segment (
            id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
            code TEXT NOT NULL UNIQUE,
            name TEXT,
            description TEXT,
            create_date INTEGER NOT NULL,
            update_date INTEGER NOT NULL,
            create_by TEXT,
            update_by TEXT
        ) STRICT
        """,
    """
        CREATE TABLE segment_account (
            segment_id INTEGER NOT NULL REFERENCES segment (id) ON DELETE CASCADE,
            account_id INTEGER NOT NULL CHECK (account_id BETWEEN 1 AND 2147483647),
            PRIMARY KEY (segment_id, account_id)
        ) STRICT, WITHOUT ROWID
        """,
    "CREATE INDEX segment_account_by_account ON segment_account (account_id, segment_id)",
    "PRAGMA user_version = 1",
    "COMMIT",
)
_COLUMNS = "code, name, description, create_date, update_date, create_by, update_by"

DATE = 1_700_000_000_123_000  # microseconds since 1970
SHOWN_DATE = "2023-11-14T22:13:20.123Z"
LATER = DATE + 61_000_000
SHOWN_LATER = "2023-11-14T22:14:21.123Z"


def write_old_store(
    path: Path, members: Iterable[Sequence[int]] = ((1001, 1002),), statements: Iterable[str] = ()
) -> None:
    """A store whose segments, S1 and so on, have these accounts; then the statements are executed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in _CREATE:
            connection.execute(statement)
        connection.execute("BEGIN IMMEDIATE")
        for number, accounts in enumerate(members, 1):
            row = (f"S{number}", f"Näme {number}", None, DATE, LATER, "Ann", "bob")
            connection.execute(f"INSERT INTO segment ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            connection.executemany(
                "INSERT INTO segment_account VALUES (?, ?)", ((number, account) for account in accounts)
            )
        connection.execute("COMMIT")
        for statement in statements:
            connection.execute(statement)
    path.chmod(0o600)


def scattered(count: int, seed: int) -> list[int]:
    """Random ids, ascending."""
    return sorted(random.Random(seed).sample(range(1, 2**31), count))


def format_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def schema_of(path: Path) -> list[tuple[str, str, str, str]]:
    """What the file contains, without the pages where."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
        ).fetchall()


def old_content(path: Path) -> str:
    """A digest of everything in a store in format 1."""
    with closing(sqlite3.connect(path)) as connection:
        rows = [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("segment", "segment_account", "sqlite_sequence")
        ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
