"""The tables of a store in their schema: created by the first write, checked by each transaction."""

from importlib import import_module
from typing import Protocol, cast

import psycopg2

from segcli.backends.postgresql import citus
from segcli.backends.postgresql.dialect import TYPES, quoted_name
from segcli.backends.postgresql.errors import damaged, forbidden, rights
from segcli.backends.postgresql.wire import Wire
from segcli.backends.store.database import Connection
from segcli.backends.store.tables import create_tables
from segcli.errors import StoreError, StoreNewerError

FORMAT = 2  # as in an SQLite file with the same tables
# The module of each older format; the first release with a shared store has the present one.
_UPGRADES: dict[int, str] = {}
FORMAT_TABLE = "segcli_format"
READ_FORMAT = f"SELECT number FROM {FORMAT_TABLE}"
REQUIRE_FORMAT = f"SELECT 1 / count(*) FROM {FORMAT_TABLE} WHERE number = {FORMAT}"  # fails for another one
NO_TABLE = ("42P01", "3F000")
NOT_PRESENT = (*NO_TABLE, "22012")  # how REQUIRE_FORMAT fails
_RACE = ("23505", "42P06", "42P07", "42710")  # another client created the same at the same time
_FORBIDDEN = "42501"
_TABLES = (
    "segment_record",
    "membership",
    "membership_size",
    "change",
    "change_accounts",
    "customer",
    "customer_version",
)


class OlderFormat(Protocol):
    """What the module of an older format must define."""

    def convert(self, connection: Connection) -> None:
        """Converts the tables to the next format, within a transaction."""


def check_format(row: tuple[object, ...] | None, place: str) -> None:
    """Raises StoreNewerError, StoreError for an older store, StoreCorruptError without a number."""
    number = row[0] if row else None
    if type(number) is not int or number < 1:
        raise damaged(place, f"its format is {number}")
    if number > FORMAT:
        raise StoreNewerError(
            f"{place} was written by a newer segcli (store version {number}, supported: {FORMAT})",
            hint="upgrade segcli: pipx upgrade segcli",
        )
    if number < FORMAT:
        raise StoreError(
            f"{place} has an older format (store version {number}, present: {FORMAT})",
            hint="upgrade it for all of its users with: segments doctor --upgrade",
        )


def older_format(row: tuple[object, ...] | None, place: str) -> int | None:
    """The format in `row`, if it is older than the present one. Raises what `check_format` raises else."""
    number = row[0] if row else None
    if type(number) is int and 0 < number < FORMAT:
        return number
    check_format(row, place)
    return None


def convert(connection: Connection, row: tuple[object, ...] | None, place: str) -> None:
    """Converts a store whose format `row` has to the present one, within a transaction. Raises StoreError."""
    number = older_format(row, place)
    if number is None:
        return  # another client was faster
    for version in range(number, FORMAT):
        if version not in _UPGRADES:
            raise StoreError(f"{place} cannot be upgraded from store version {version}")
        older = cast(OlderFormat, import_module(_UPGRADES[version]))
        older.convert(connection)
    connection.execute(f"UPDATE {FORMAT_TABLE} SET number = ?", [FORMAT])


def require_readable(wire: Wire, schema: str, place: str) -> None:
    """Raises ForbiddenError if there is a schema that the role may not use: it looks like a missing one."""
    sql = "SELECT has_schema_privilege(oid, 'USAGE'), current_user::text FROM pg_namespace WHERE nspname = ?"
    for may_use, role in wire.run(sql, [schema]).fetchall():
        if not may_use:
            raise forbidden(place, f"the role {role} may not use the schema {schema}", rights(schema, role))


def create(wire: Wire, schema: str, place: str) -> bool:
    """Creates the schema and the tables in one transaction; False if another client did it meanwhile.

    Raises ForbiddenError with the statements that an administrator must run.
    """
    exists = wire.run("SELECT 1 FROM pg_namespace WHERE nspname = ?", [schema]).fetchone() is not None
    try:
        more = citus.distribute_tables() if citus.is_installed(wire) else ()
        for statement in (*_statements(schema, exists), *more):
            wire.run(statement)
        wire.run("COMMIT")
    except psycopg2.Error as error:
        if wire.closed:
            raise
        code = error.pgcode
        wire.run("ROLLBACK")
        if code in _RACE:
            return False
        if code == _FORBIDDEN:
            role = wire.run("SELECT current_user::text").fetchall()[0][0]
            raise forbidden(
                place, f"the role {role} may not create the tables", _for_administrator(schema, role, exists)
            ) from error
        raise
    return True


def rewrite_tables(wire: Wire, schema: str, place: str) -> None:
    """Writes the tables without what was deleted, which only their owner may do.

    Raises StoreError if that fails; the deleted rows are gone even then, but not from the files.
    """
    names = [f"{quoted_name(schema)}.{table}" for table in _TABLES]
    problem = None
    wire.notices.clear()
    try:
        for name in names:
            wire.run(f"VACUUM (FULL) {name}")
    except psycopg2.Error as error:
        problem = str(error).strip()
    skipped = [notice.strip() for notice in wire.notices if notice.startswith("WARNING")]
    if problem or skipped:
        raise StoreError(
            f"the tables of the store {place} could not be written again: {problem or skipped[0]};"
            " the accounts are removed, but the files may still contain them",
            hint=f"the owner of the tables must run: VACUUM (FULL) {', '.join(names)}",
        )


def empty_tables() -> str:
    """A WITH clause that stands for the tables of an empty store."""
    tables = []
    for statement in create_tables(TYPES):
        head, _, body = statement.partition("(")
        words = head.split()
        if words[:2] == ["CREATE", "TABLE"]:
            columns = [line.split()[:2] for line in body.splitlines() if line.startswith(" " * 12)]
            nulls = ", ".join(
                f"NULL::{kind.strip(',')} AS {name}" for name, kind in columns if name.islower()
            )
            tables.append(f"{words[2]} AS (SELECT {nulls} WHERE FALSE)")
    return f"WITH {', '.join(tables)} "


def _statements(schema: str, exists: bool) -> list[str]:
    name = quoted_name(schema)
    return [
        f"BEGIN; SET LOCAL search_path TO {name}",
        *([] if exists else [f"CREATE SCHEMA {name}"]),
        *create_tables(TYPES),
        f"CREATE TABLE {FORMAT_TABLE} (number bigint NOT NULL)",
        f"INSERT INTO {FORMAT_TABLE} VALUES ({FORMAT})",
    ]


def _for_administrator(schema: str, role: str, exists: bool) -> tuple[str, ...]:
    name, role = quoted_name(schema), quoted_name(role)
    if exists:
        return (f"GRANT USAGE, CREATE ON SCHEMA {name} TO {role};",)
    return (f"CREATE SCHEMA {name} AUTHORIZATION {role};",)
