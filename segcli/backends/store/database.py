"""What the store's backend needs from a database, and how the SQL of two databases differs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias, TypeVar

from segcli.backends.base import Check

T = TypeVar("T")
Parameter: TypeAlias = int | str | bytes | None
Row: TypeAlias = tuple[Any, ...]  # values as the database returns them: nothing is known of their types


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


class Dialect:
    """What is written differently: `in_list` follows a column, and its parameter is `to_list(ids)`.

    `for_update` ends a SELECT that locks its rows. `position` is the function that finds a text in another.
    """

    __slots__ = ("for_update", "in_list", "position", "to_list")

    def __init__(
        self, *, in_list: str, to_list: Callable[[Iterable[int]], Parameter], for_update: str, position: str
    ) -> None:
        self.in_list = in_list
        self.to_list = to_list
        self.for_update = for_update
        self.position = position


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

    def write(self) -> AbstractContextManager[Connection]:
        """The connection of a transaction: of its own, or of the one that the caller began."""

    def transaction(self) -> AbstractContextManager[None]:
        """A write transaction; inside another one it is part of it. Errors of the block are its own."""

    def stream(
        self, count: Callable[[Connection], int], read: Callable[[Connection], Iterator[T]]
    ) -> tuple[int, Iterator[T]]:
        """What `count` and `read` return, from one snapshot that begins now; own writes do not change it."""

    def is_duplicate(self, error: Exception) -> bool:
        """Whether `error` says that a value must be unique."""

    def checks(self) -> Sequence[Check]:
        """What `doctor` checks."""

    def close(self) -> None:
        """Closes the connection."""
