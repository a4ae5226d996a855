"""The store's tables as numbered migrations, and how a store is recognized."""

import sqlite3

from segcli.errors import StoreCorruptError, StoreNewerError

# "segc" in ASCII: distinguishes a store from other SQLite databases.
APPLICATION_ID = 0x73656763

# A migration never changes once it is released. Dates are microseconds since 1970 UTC. AUTOINCREMENT
# prevents the id of a deleted segment from being used again (contract, "Model").
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
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
    ),
)


# One statement, and so one state: another process may be creating the store at this moment.
_STATE = """
    SELECT
        (SELECT user_version FROM pragma_user_version),
        (SELECT application_id FROM pragma_application_id),
        (SELECT count(*) FROM sqlite_schema)
"""


def is_current(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the store has every migration; an empty database has none.

    Raises StoreNewerError, or StoreCorruptError if the database is not a store.
    """
    version, application, tables = connection.execute(_STATE).fetchone()
    if application != APPLICATION_ID and tables:
        raise StoreCorruptError(
            f"{path} is an SQLite database, but not a store of segments",
            hint="use another file with --backend sqlite:PATH",
        )
    if version > len(MIGRATIONS):
        raise StoreNewerError(
            f"{path} was written by a newer segcli (store version {version}, supported: {len(MIGRATIONS)})",
            hint="upgrade segcli: pipx upgrade segcli",
        )
    return bool(version == len(MIGRATIONS))


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the database has no tables, as a new or empty file."""
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Runs the missing migrations in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Check again now that nobody else can write: another process may have been faster.
        if not is_current(connection, path):
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            for migration in MIGRATIONS[version:]:
                for statement in migration:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
