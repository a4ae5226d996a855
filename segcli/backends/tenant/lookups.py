"""Finds the customers of a tenant that have given identifiers.

A tenant may reject, ignore or misapply a filter: each customer of an answer is compared with what was wanted.
If one does not match, all accounts are read instead.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import NamedTuple
from unicodedata import category, normalize
from urllib.parse import urlencode

from segcli.backends.base import ReportProgress
from segcli.backends.customers import Forecast, Found, Wanted
from segcli.backends.tenant.client import Client
from segcli.backends.tenant.customer_pages import (
    PAGE_COST,
    fetch,
    fetch_if_known,
    in_parallel,
    is_cheaper_singly,
    page_parameters,
    pages_of,
    scan,
)
from segcli.backends.tenant.pages import Page, read_pages
from segcli.backends.tenant.parameters import account_text
from segcli.customer import NAMES, Customer, Kind, folded_identifier, id_key
from segcli.errors import UsageError
from segcli.model import INT32_MAX
from segcli.query.tree import MAX_PAGE_SIZE

_MAX_QUERY = 2_000  # bytes of a query string
_MEMBERS: Mapping[Kind, str] = {
    "external-id": "externalId",
    "user-name": "userName",
    "email": "emailAddress",
}


class _Lookup(NamedTuple):
    """One identifier: the key under which it is found, and the filter that asks for it, except for an id."""

    kind: Kind
    key: str
    filter: str | None


class _NoFilterError(Exception):
    """The tenant does not apply a filter on that kind of identifier."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind


def find(client: Client, wanted: Wanted, report: ReportProgress, forecast: Forecast | None) -> Found:
    """The customers that have one of the identifiers, as `Customers.find` describes it.

    The first request of many identifiers asks how many accounts there are. The number that is forecast
    includes it; it does not include further pages of an answer, if an identifier has more than one page of
    customers. Raises UnavailableError.
    """
    lookups = list(_lookups(wanted))
    return _Finder(client, lookups, report, forecast or _ignore).find() if lookups else {}


def _lookups(wanted: Wanted) -> Iterator[_Lookup]:
    """A look-up for each distinct identifier that an account can have."""
    for kind, texts in wanted.items():
        seen: set[str] = set()
        for text in texts:
            key = id_key(text) if kind == "id" else folded_identifier(text)
            if key and key not in seen:
                seen.add(key)
                if kind == "id":
                    yield _Lookup(kind, key, None)
                elif text.isprintable() or not _has_control(text.strip()):
                    written = normalize("NFC", text.strip())
                    yield _Lookup(kind, key, f"{_MEMBERS[kind]} eq {account_text(written)}")


def _has_control(text: str) -> bool:
    """Whether a text has control characters or lone surrogates, which no filter can have."""
    return any(category(character) in ("Cc", "Cs") for character in text)


class _Finder:
    def __init__(
        self, client: Client, lookups: list[_Lookup], report: ReportProgress, forecast: Forecast
    ) -> None:
        self._client = client
        self._lookups = lookups
        self._report = report
        self._forecast = forecast
        self._keys: dict[Kind, set[str]] = {}
        for lookup in lookups:
            self._keys.setdefault(lookup.kind, set()).add(lookup.key)

    def find(self) -> Found:
        count = len(self._lookups)
        if not all(map(_fits, self._lookups)):
            return self._scanned(None)
        total: int | None = None
        if count > PAGE_COST:
            total = fetch(self._client, page_size=1).total
            if not is_cheaper_singly(count, total):
                return self._scanned(total, sent=1)
        self._forecast(f"looking up {self._what}: {_requests(count + (total is not None))}")
        try:
            return self._found_singly()
        except _NoFilterError as error:
            why = f"the tenant does not filter accounts by {NAMES[error.kind]}; "
            return self._scanned(total, why=why)

    @property
    def _what(self) -> str:
        parts = [_counted(len(keys), NAMES[kind]) for kind, keys in self._keys.items()]
        return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))

    def _found_singly(self) -> Found:
        found: dict[Kind, dict[str, list[Customer]]] = {}
        with closing(in_parallel(self._answer, self._lookups)) as answers:
            for done, (lookup, customers) in enumerate(zip(self._lookups, answers, strict=True), 1):
                self._report(done, len(self._lookups))
                if customers:
                    found.setdefault(lookup.kind, {})[lookup.key] = customers
        return _sorted(found)

    def _scanned(self, total: int | None, *, sent: int = 0, why: str = "") -> Found:
        """Reads all accounts; `sent` requests were sent that no forecast has announced."""
        first: Page | None = None
        if total is None:
            first = fetch(self._client)
            total = first.total
        requests = _requests(sent + pages_of(total))
        self._forecast(f"{why}looking up {self._what} in all {_counted(total, 'account')}: {requests}")
        found: dict[Kind, dict[str, list[Customer]]] = {}
        with closing(scan(self._client, first or fetch(self._client), self._report)) as customers:
            for customer in customers:
                for kind, keys in self._keys.items():
                    key = _key(kind, customer)
                    if key in keys:
                        found.setdefault(kind, {}).setdefault(key, []).append(customer)
        return _sorted(found)

    def _answer(self, lookup: _Lookup) -> list[Customer]:
        """The customers with that identifier; called from several threads. Raises _NoFilterError."""
        if lookup.filter is None:
            customer = fetch_if_known(self._client, int(lookup.key))
            return [] if customer is None else [customer]
        read = partial(self._filtered, lookup)
        try:
            return list(read_pages(read(0), 0, read, page_size=MAX_PAGE_SIZE))
        except UsageError:  # the tenant rejects the filter
            raise _NoFilterError(lookup.kind) from None

    def _filtered(self, lookup: _Lookup, start: int) -> Page:
        page = fetch(self._client, start, filter=lookup.filter)
        if any(_key(lookup.kind, customer) != lookup.key for _, customer in page.items):
            raise _NoFilterError(lookup.kind)
        return page


def _key(kind: Kind, customer: Customer) -> str:
    """The key under which the customer's identifier is found; empty if it has none of that kind."""
    text = customer.identifier(kind)
    return text if kind == "id" and text else folded_identifier(text or "")


def _fits(lookup: _Lookup) -> bool:
    """Whether the filter can be sent: with everything else, in the query string of any page."""
    if lookup.filter is None:
        return True
    params = page_parameters(INT32_MAX, MAX_PAGE_SIZE, lookup.filter)
    return len(urlencode(params)) <= _MAX_QUERY


def _sorted(found: dict[Kind, dict[str, list[Customer]]]) -> Found:
    for customers_by_key in found.values():
        for customers in customers_by_key.values():
            customers.sort()
    return found


def _counted(count: int, noun: str) -> str:
    plural = "es" if noun.endswith("s") else "s"
    return f"{count:,} {noun}{'' if count == 1 else plural}"


def _requests(count: int) -> str:
    return _counted(count, "request")


def _ignore(sentence: str) -> None:
    """Shows nothing."""
