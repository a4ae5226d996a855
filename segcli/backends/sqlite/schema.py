"""The store's tables, as numbered migrations, and the marks by which a store is known."""

import sqlite3

from segcli.errors import StoreCorruptError, StoreNewerError

# "segc" in ASCII: tells a store of ours from any other SQLite database.
APPLICATION_ID = 0x73656763

# Each migration is run whole or not at all, and is never changed once released. Dates are
# microseconds since 1970 UTC. AUTOINCREMENT keeps an id from being given twice (contract, "Model").
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


# One statement, and so one state: another process may be making the store at this moment.
_LOOK = """
    SELECT
        (SELECT user_version FROM pragma_user_version),
        (SELECT application_id FROM pragma_application_id),
        (SELECT count(*) FROM sqlite_schema)
"""


def is_current(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the store has every migration; an empty database has none.

    Raises StoreNewerError, or StoreCorruptError for a database that is not ours.
    """
    version, application, tables = connection.execute(_LOOK).fetchone()
    if application != APPLICATION_ID and tables:
        raise StoreCorruptError(
            f"{path} is an SQLite database, but not a store of segments",
            hint="name another file with --backend sqlite:PATH",
        )
    if version > len(MIGRATIONS):
        raise StoreNewerError(
            f"{path} was written by a newer segcli (its version {version}, this one knows {len(MIGRATIONS)})",
            hint="upgrade segcli: pipx upgrade segcli",
        )
    return bool(version == len(MIGRATIONS))


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the database holds no table at all: a file just made, or of no bytes."""
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Runs the migrations that are missing, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Looked at again now that nobody else can write: another process may have been quicker.
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
