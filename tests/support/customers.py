"""Customers in memory, as a plain model of what a backend does with them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import cast

from segcli.account_set import AccountSet
from segcli.backends.base import Backend, ReportProgress, ignore_progress
from segcli.backends.customers import CustomerList, Customers, Forecast, Found, Saved, Wanted
from segcli.customer import Customer, Kind, folded_identifier
from segcli.errors import NotFoundError
from segcli.query.tree import SegmentQuery


class CustomersInMemory:
    """All customers by id. Nothing is filtered."""

    def __init__(self, *customers: Customer) -> None:
        self.known = {customer.id: customer for customer in customers}

    def is_empty(self) -> bool:
        return not self.known

    def get(self, account_id: int) -> Customer:
        if account_id not in self.known:
            raise NotFoundError(f"there is no customer with the account id {account_id}")
        return self.known[account_id]

    def list(self, query: SegmentQuery, limit: int | None = None) -> CustomerList:
        found = sorted(self.known.values())[query.start_index :]
        return CustomerList(len(self.known), iter(found[:limit]))

    def find(
        self,
        wanted: Wanted,
        report: ReportProgress = ignore_progress,
        forecast: Forecast | None = None,
    ) -> Found:
        return {
            kind: {
                folded: [each for each in self.known.values() if self._has(each.identifier(kind), folded)]
                for folded in map(folded_identifier, texts)
            }
            for kind, texts in wanted.items()
        }

    def _has(self, identifier: str | None, folded: str) -> bool:
        return identifier is not None and folded_identifier(identifier) == folded

    def unique(self, kind: Kind, texts: Collection[str]) -> Mapping[str, int]:
        found = self.find({kind: texts})[kind]
        return {key: some[0].id for key, some in found.items() if len(some) == 1 and some[0].is_active}

    def of(self, accounts: AccountSet, report: ReportProgress = ignore_progress) -> Iterator[Customer]:
        return (self.known[account_id] for account_id in accounts if account_id in self.known)

    def count_unknown(self, accounts: AccountSet) -> int | None:
        return len(accounts - AccountSet(self.known)) if self.known else None

    def bulk(self) -> AbstractContextManager[None]:
        return nullcontext()

    def save(self, customers: Sequence[Customer], *, dry_run: bool = False) -> Saved:
        new = {customer.id: customer for customer in customers}
        added = len(new.keys() - self.known.keys())
        unchanged = sum(self.known.get(customer.id) == customer for customer in new.values())
        if not dry_run:
            self.known |= new
        return Saved(added, len(new) - added - unchanged, unchanged)


class _Store:
    """A store that only has customers."""

    atomic = True
    retries = 0

    def __init__(self, customers: CustomersInMemory, place: str) -> None:
        self.customers: Customers = customers
        self.place = place
        self._known = customers

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = dict(self._known.known)
        try:
            yield
        except BaseException:
            self._known.known = before
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        pass


def store_of(customers: CustomersInMemory, place: str = "memory") -> Backend:
    """A backend that has these customers, and nothing else."""
    return cast(Backend, _Store(customers, place))


def csv_file(folder: Path, *lines: str, name: str = "customers.csv") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), errors="surrogateescape")
    return path
