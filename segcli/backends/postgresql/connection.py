"""The statements of a transaction on a wire: few requests, and rows that are fetched some at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

import psycopg2
from psycopg2 import extensions

from segcli.backends.postgresql.dialect import encode_text, with_driver_parameters
from segcli.backends.postgresql.wire import Wire
from segcli.backends.store.database import Rows
from segcli.backends.store.dialect import Parameter, Row

_FETCHED = 1_000  # rows; one of memberships has 16 KiB at most
_BATCH = 1_000_000  # bytes of a request that writes many rows
_PART = "part"  # the savepoint before an operation


class Fetched:
    """The result of a query in a transaction: its first rows, and the others from a cursor on the server."""

    rowcount = -1

    def __init__(self, connection: "Connection", cursor: extensions.cursor, name: str) -> None:
        self._connection = connection
        self._rows: list[Row] = cursor.fetchall()
        self._name = name
        self._next = 0
        self._is_complete = len(self._rows) < _FETCHED
        if self._is_complete:
            connection.before_next(f"CLOSE {name}")

    def __iter__(self) -> Iterator[Row]:
        while (row := self.fetchone()) is not None:
            yield row

    def fetchone(self) -> Row | None:
        if self._next == len(self._rows):
            if self._is_complete:
                return None
            self._rows = self._connection.fetch(self._name, _FETCHED)
            self._next = 0
            if len(self._rows) < _FETCHED:
                self._is_complete = True
                self._connection.before_next(f"CLOSE {self._name}")
            if not self._rows:
                return None
        self._next += 1
        return self._rows[self._next - 1]

    def fetchall(self) -> list[Row]:
        return list(self)


class Connection:
    """A wire in a transaction. `prefix` is put before every query: it stands for tables that do not exist."""

    def __init__(self, wire: Wire, prefix: str = "") -> None:
        self.wire = wire
        self._prefix = prefix
        self._before: list[str] = []  # sent with the next statement
        self._cursors = 0
        self._part = 0  # 1: the savepoint will be set with the next statement; 2: it is set

    def execute(self, sql: str, parameters: Sequence[Parameter] = (), /) -> "extensions.cursor | Fetched":
        if not sql.lstrip().startswith("SELECT") or sql.endswith("FOR UPDATE"):
            return self.wire.run(sql, parameters, before=self._take_before())
        self._cursors += 1
        name = f"rows_{self._cursors}"
        sql = f"DECLARE {name} NO SCROLL CURSOR FOR {self._prefix}{sql}; FETCH {_FETCHED} FROM {name}"
        return Fetched(self, self.wire.run(sql, parameters, before=self._take_before()), name)

    def executemany(self, sql: str, rows: Iterable[Sequence[Parameter]], /) -> None:
        """Sends many rows in one request: those of an INSERT as one statement."""
        cursor = self.wire.cursor()
        head, values, tail = sql.partition(" VALUES (")
        if values:
            row_of, _, tail = tail.partition(")")
            head, template, separator = f"{head} VALUES ", f"({row_of})", b", "
        else:
            head, template, separator = "", sql, b"; "
        template = with_driver_parameters(template)
        batch: list[bytes] = []
        size = 0
        for row in rows:
            values_ = [encode_text(each) if type(each) is str else each for each in row]
            batch.append(cursor.mogrify(template, values_))
            size += len(batch[-1])
            if size > _BATCH:
                self._send(head, separator.join(batch), tail)
                batch, size = [], 0
        if batch:
            self._send(head, separator.join(batch), tail)

    def fetch(self, name: str, count: int) -> list[Row]:
        """The next rows of a cursor."""
        return self.wire.run(f"FETCH {count} FROM {name}", before=self._take_before()).fetchall()

    def before_next(self, statement: str) -> None:
        """Sends the statement with the next one; it has no effect on what the transaction does."""
        self._before.append(statement)

    def begin_part(self) -> None:
        """Begins an operation that can fail without the end of the transaction."""
        self.before_next(f"SAVEPOINT {_PART}")
        self._part = 1

    def end_part(self) -> None:
        """Keeps what the operation did."""
        if self._part == 2:
            self.before_next(f"RELEASE {_PART}")
        else:
            self._before.remove(f"SAVEPOINT {_PART}")
        self._part = 0

    def undo_part(self) -> None:
        """After an error in an operation: makes the transaction usable again, if the server refused it."""
        if self.wire.failed:
            self._before.clear()
            with suppress(psycopg2.Error):  # setting the savepoint was what failed: the caller has that error
                self.wire.run(f"ROLLBACK TO SAVEPOINT {_PART}; RELEASE {_PART}")
            self._part = 0
        elif not self.wire.closed:
            self.end_part()

    def _send(self, head: str, body: bytes, tail: str) -> None:
        request = b"".join(((self._take_before() + head).encode(), body, tail.encode()))
        if self.wire.trace is not None:
            self.wire.trace(f"{head}... ({len(body):,} bytes){tail}")
        self.wire.run_raw(request)

    def _take_before(self) -> str:
        if not self._before:
            return ""
        if self._part == 1:
            self._part = 2
        statements, self._before = self._before, []
        return "; ".join(statements) + "; "


class Alone:
    """Runs each query by itself, outside a transaction."""

    def __init__(self, run: Callable[[str, Sequence[Parameter]], Rows]) -> None:
        self._run = run

    def execute(self, sql: str, parameters: Sequence[Parameter] = (), /) -> Rows:
        return self._run(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Parameter]], /) -> None:
        raise RuntimeError("a write needs a transaction")
