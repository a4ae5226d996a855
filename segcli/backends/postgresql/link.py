"""One client's link to the server: it is opened when it is needed, and again after it was lost."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress

import psycopg2

from segcli.backends.postgresql import schema
from segcli.backends.postgresql.connection import Connection
from segcli.backends.postgresql.dialect import quoted_name
from segcli.backends.postgresql.errors import rights, store_errors
from segcli.backends.postgresql.server import Server
from segcli.backends.postgresql.wire import Wire, is_lost
from segcli.backends.store.database import Rows
from segcli.backends.store.dialect import Parameter
from segcli.errors import SegcliError, StoreError

_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_RACES = 20  # creations of the tables by others at the same time


class Link:
    """`is_checked` says whether the tables exist and have the present format."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.wire: Wire | None = None
        self.is_checked = False

    def run_alone(self, sql: str, parameters: Sequence[Parameter]) -> Rows:
        """One query outside a transaction, in one request that also checks the format.

        It is sent again if the connection was lost since the last one.
        """
        before = f"{self._settings()}{schema.REQUIRE_FORMAT}; "
        for is_last in (False, True):
            wire = self.open()
            try:
                try:
                    return wire.run(sql, parameters, before=before)
                except psycopg2.Error as error:
                    if error.pgcode not in schema.NOT_PRESENT or self.has_tables(wire):
                        raise
                return wire.run(schema.empty_tables() + sql, parameters, before=self._settings())
            except psycopg2.Error as error:
                if not is_lost(error, wire):
                    raise
                self.drop(wire)
                if is_last:
                    raise
        raise AssertionError

    def begin(self, *, write: bool) -> Connection:
        """Begins a transaction, on a new connection if the present one was lost."""
        begin = f"{_WRITE if write else _READ}; {self._settings()}"
        for _ in range(_RACES):
            is_new = self.wire is None
            wire = self.open()
            try:
                row = wire.run(begin + schema.READ_FORMAT).fetchone()
            except psycopg2.Error as error:
                if is_lost(error, wire):
                    self.drop(wire)
                    if is_new:
                        raise
                    continue
                self.roll_back(wire)
                if error.pgcode not in schema.NO_TABLE:
                    raise
                schema.require_readable(wire, self.server.schema, self.server.place)
                self.is_checked = False
                if not write:
                    self._note_empty(wire)
                    wire.run(begin + "SELECT 1")
                    return Connection(wire, schema.empty_tables())
                if schema.create(wire, self.server.schema, self.server.place):
                    self.server.on_note(f"created the store {self.server.place}")
                continue
            except BaseException:
                self.drop(wire)
                raise
            try:
                schema.check_format(row, self.server.place)
            except SegcliError:
                self.roll_back(wire)
                raise
            self.is_checked = True
            return Connection(wire)
        raise StoreError(f"the store {self.server.place} was created and deleted again and again")

    def has_tables(self, wire: Wire) -> bool:
        """Whether the tables exist. Raises StoreError for another format."""
        self.is_checked = False
        try:
            row = wire.run(schema.READ_FORMAT, before=self._settings()).fetchone()
        except psycopg2.Error as error:
            if error.pgcode not in schema.NO_TABLE:
                raise
            self._note_empty(wire)
            return False
        schema.check_format(row, self.server.place)
        self.is_checked = True
        return True

    def older_format(self) -> int | None:
        """The format of the store, if it is older than the present one. Raises StoreNewerError."""
        wire = self.open()
        try:
            row = wire.run(f"{_READ}; {self._settings()}{schema.READ_FORMAT}").fetchone()
        except psycopg2.Error as error:
            if error.pgcode not in schema.NO_TABLE:
                raise
            return None
        finally:
            self.roll_back(wire)
        return schema.older_format(row, self.server.place)

    def upgrade(self) -> None:
        """Converts an older store in one transaction; other clients wait for it, then find the new format."""
        wire = self.open()
        try:
            row = wire.run(f"{_WRITE}; {self._settings()}{schema.READ_FORMAT} FOR UPDATE").fetchone()
            schema.convert(Connection(wire), row, self.server.place)
            wire.run("COMMIT")
        finally:
            self.roll_back(wire)

    def open(self) -> Wire:
        if self.wire is None or self.wire.closed:
            self.is_checked = False
            self.wire = self.server.connect()
        return self.wire

    def drop(self, wire: Wire) -> None:
        wire.close()
        if self.wire is wire:
            self.wire = None

    def roll_back(self, wire: Wire) -> None:
        if not wire.closed:
            with suppress(psycopg2.Error):
                if wire.info.transaction_status != 0:
                    wire.run("ROLLBACK")
                return
        self.drop(wire)

    def _note_empty(self, wire: Wire) -> None:
        schema.require_readable(wire, self.server.schema, self.server.place)
        self.server.on_note(f"there is no store at {self.server.place} yet; the first write creates it")

    def _settings(self) -> str:
        """Statements that apply to one transaction: nothing is left behind for a pool's next client."""
        milliseconds = max(1, int(self.server.timeout * 1000))
        return (
            f"SET LOCAL search_path TO {quoted_name(self.server.schema)};"
            f" SET LOCAL lock_timeout TO {milliseconds}; "
        )

    def errors(self) -> AbstractContextManager[None]:
        grants = rights(self.server.schema, self.server.role)
        return store_errors(self.server.place, self.server.timeout, grants)
