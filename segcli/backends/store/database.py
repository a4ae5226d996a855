"""What the store's backend needs from a database: types only, which nothing imports to run."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from segcli.backends.base import Check
from segcli.backends.store.dialect import Dialect, Parameter, Row

T = TypeVar("T")


class Rows(Protocol):
    """The result of a statement, which can be read once."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def __iter__(self) -> Iterator[Row]: ...

    def fetchone(self) -> Row | None: ...

    def fetchall(self) -> list[Row]: ...


class Connection(Protocol):
    """A connection in a transaction, or for one statement. `?` stands for a parameter."""

    def execute(self, sql: str, parameters: Sequence[Parameter] = ..., /) -> Rows: ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Parameter]], /) -> object: ...


class Database(Protocol):
    """A database with the store's tables, which its first transaction creates; empty if it does not exist.

    Within `read`, `snapshot`, `write` and what `stream` returns, errors of the database are raised as
    StoreErrors, and those of a block that found its rows damaged (TypeError, ValueError) too.
    """

    @property
    def place(self) -> str:
        """Identifies the database."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def in_transaction(self) -> bool:
        """Whether a `transaction` has begun."""

    def read(self) -> AbstractContextManager[Connection]:
        """A connection for one statement; within a transaction or a snapshot it is part of that."""

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A connection whose statements see the same state; within a transaction it is part of that."""

    def hold(self) -> AbstractContextManager[None]:
        """Makes all reads in the block part of one snapshot. Errors of the block are its own."""

    def write(self) -> AbstractContextManager[Connection]:
        """The connection of a transaction: of its own, or of the one that the caller began."""

    def transaction(self, was_saved: Callable[[Connection], bool] = ...) -> AbstractContextManager[None]:
        """A write transaction; inside another one it is part of it. Errors of the block are its own.

        If a server's answer to the commit is lost, `was_saved` tells in a new transaction whether the
        changes are there.
        """

    def overwriting(self) -> AbstractContextManager[None]:
        """After the block, removes all deleted data from the database's files, older deletions included.

        Does nothing if the database does not exist. Raises StoreError if the rows are deleted, but files may
        still have their content.
        """

    def stream(
        self, count: Callable[[Connection], int], read: Callable[[Connection], Iterator[T]]
    ) -> tuple[int, Iterator[T]]:
        """What `count` and `read` return, from one snapshot that begins now; own writes do not change it."""

    def now(self) -> int:
        """The time by the clock that orders changes, in microseconds since 1970 UTC: whole milliseconds."""

    def last_id(self, connection: Connection, table: str) -> int:
        """The highest id that a row of the table ever had, 0 if there was none."""

    def reserve_ids(self, connection: Connection, table: str, last: int) -> None:
        """Makes the ids of new rows of the table higher than `last`."""

    def without_indexes(
        self, connection: Connection, indexes: Mapping[str, str]
    ) -> AbstractContextManager[None]:
        """In a transaction, around many writes: makes the indexes at the end of the block, if that is faster.

        `indexes` has the statement that creates each of them, by name. After an error in the block, the
        transaction must be rolled back.
        """

    def is_duplicate(self, error: Exception) -> bool:
        """Whether `error` says that a value must be unique."""

    def older_format(self) -> int | None:
        """The format of the store, if it is older than the present one."""

    def upgrade(self) -> None:
        """Converts an older store to the present format, in one transaction."""

    def checks(self) -> Sequence[Check]:
        """What `doctor` checks."""

    def close(self) -> None:
        """Closes the connection."""
