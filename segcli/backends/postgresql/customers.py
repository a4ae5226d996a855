"""The customers of a shared store."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from segcli.backends.customers import Saved
from segcli.backends.store.customers import StoreCustomers
from segcli.customer import Customer

if TYPE_CHECKING:
    from segcli.backends.store.database import Connection, Database
    from segcli.backends.store.recorder import Recorder


class SharedCustomers(StoreCustomers):
    """`until_done` runs an operation again that lost a race."""

    def __init__(
        self,
        database: "Database",
        writing: "Callable[[], AbstractContextManager[tuple[Connection, Recorder]]]",
        until_done: Callable[[Callable[[], Saved]], Saved],
    ) -> None:
        super().__init__(database, writing)
        self._until_done = until_done

    def save(self, customers: Sequence[Customer], *, dry_run: bool = False) -> Saved:
        save = super().save
        return self._until_done(lambda: save(customers, dry_run=dry_run))
