"""The customers of a tenant, read with GetAccounts and GetAccount."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from segcli.backends.base import ReportProgress, ignore_progress
from segcli.backends.customers import CustomerList, Forecast, Found, Wanted
from segcli.backends.tenant.client import Client
from segcli.backends.tenant.customer_pages import (
    PAGE_COST,
    fetch,
    fetch_if_known,
    fetch_one,
    in_parallel,
    is_cheaper_singly,
    scan,
)
from segcli.backends.tenant.lookups import find
from segcli.backends.tenant.pages import read_pages
from segcli.backends.tenant.parameters import filter_text
from segcli.customer import Customer, Kind
from segcli.errors import UnavailableError, UsageError
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery

if TYPE_CHECKING:
    from segcli.account_set import AccountSet


class TenantCustomers:
    """Implements `Customers`. Every read is a request."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def is_empty(self) -> bool:
        return False

    def get(self, account_id: int) -> Customer:
        return fetch_one(self._client, account_id)

    def list(self, query: SegmentQuery, limit: int | None = None) -> CustomerList:
        """The tenant applies the filter: it may name fields that are not part of a customer."""
        page_size = min(limit or MAX_PAGE_SIZE, MAX_PAGE_SIZE)
        read = partial(fetch, self._client, page_size=page_size, filter=filter_text(query))
        first = read(query.start_index)
        customers = read_pages(first, query.start_index, read, limit, page_size=page_size)
        return CustomerList(first.total, customers)

    def find(
        self,
        wanted: Wanted,
        report: ReportProgress = ignore_progress,
        forecast: Forecast | None = None,
    ) -> Found:
        """With single requests, or a scan of all accounts if it is cheaper or the filter does not work."""
        return find(self._client, wanted, report, forecast)

    def unique(self, kind: Kind, texts: Collection[str]) -> Mapping[str, int]:
        """Nothing: every answer of a tenant is compared in full."""
        return {}

    def of(self, accounts: "AccountSet", report: ReportProgress = ignore_progress) -> Iterator[Customer]:
        if len(accounts) > PAGE_COST:
            total = fetch(self._client, page_size=1).total
            if not is_cheaper_singly(len(accounts), total):
                yield from self._scanned(accounts, report)
                return
        read = partial(fetch_if_known, self._client)
        with closing(in_parallel(read, accounts)) as answers:
            for done, customer in enumerate(answers, 1):
                report(done, len(accounts))
                if customer is not None:
                    yield customer

    def count_unknown(self, accounts: "AccountSet") -> int | None:
        return None

    def bulk(self) -> NoReturn:
        raise _not_changed()

    def save(self, customers: Sequence[Customer], *, dry_run: bool = False) -> NoReturn:
        raise _not_changed()

    def _scanned(self, accounts: "AccountSet", report: ReportProgress) -> Iterator[Customer]:
        last, left = 0, len(accounts)
        with closing(scan(self._client, fetch(self._client), report)) as customers:
            for customer in customers:
                if customer.id < last:
                    raise UnavailableError("the tenant does not sort accounts by id, as it was asked to")
                last = customer.id
                if last in accounts:
                    yield customer
                    left -= 1
                    if not left:
                        return


def _not_changed() -> UsageError:
    return UsageError("a tenant's customers are not changed by segcli")
