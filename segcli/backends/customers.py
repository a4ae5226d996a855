"""What a backend knows about accounts: read one by one, by identifier, or all of them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from segcli.customer import Customer, Kind
from segcli.query.tree import SegmentQuery

if TYPE_CHECKING:
    from segcli.account_set import AccountSet

Report: TypeAlias = Callable[[int, int | None], None]  # the number done, and in all if it is known
# Identifiers by kind, as they were written.
Wanted: TypeAlias = Mapping[Kind, Collection[str]]
# Customers by kind of identifier and by its folded form (`customer.folded_identifier`; the digits of an id).
Found: TypeAlias = Mapping[Kind, Mapping[str, Sequence[Customer]]]
# Receives a sentence about how many requests a look-up will take, before they are sent.
Forecast: TypeAlias = Callable[[str], None]


class CustomerList(NamedTuple):
    """All customers that match a query: their number, and a stream of them by ascending id."""

    total_count: int
    items: Iterator[Customer]


class Saved(NamedTuple):
    """How many customers were new, changed, and already there as they are."""

    added: int
    updated: int
    unchanged: int


class Customers(Protocol):
    """The customers of a backend."""

    def is_empty(self) -> bool:
        """Whether the backend certainly knows no customer. A tenant is not asked: it has customers."""

    def get(self, account_id: int) -> Customer:
        """The customer with that account id. Raises NotFoundError."""

    def list(self, query: SegmentQuery, limit: int | None = None) -> CustomerList:
        """The customers that match `query`, which was parsed for accounts, from its start index on."""

    def find(
        self,
        wanted: Wanted,
        report: Report = ...,
        forecast: Forecast | None = None,
    ) -> Found:
        """Every customer that has one of the identifiers, compared in their folded form.

        An identifier that no customer has is not in the result. The answer is complete: whatever a server
        filtered or sorted, each customer is compared here. A tenant is asked with single requests or with one
        scan of all accounts, whichever takes less; `forecast` is called before.
        """

    def unique(self, kind: Kind, texts: Collection[str]) -> Mapping[str, int]:
        """The accounts of identifiers that exactly one customer has, who is active, by their folded form.

        A fast answer to most of many identifiers, which are printable and no account ids: the others need
        `find`. It is empty if the backend has none.
        """

    def of(self, accounts: "AccountSet", report: Report = ...) -> Iterator[Customer]:
        """The customers with these account ids, ascending; unknown ids are left out."""

    def count_unknown(self, accounts: "AccountSet") -> int | None:
        """How many of the accounts are no customers; None if the backend knows none, or is a tenant."""

    def bulk(self) -> AbstractContextManager[None]:
        """Many calls of `save` follow in the block, which is in a transaction of the caller.

        A dry run needs it, too, to count customers of earlier calls. An error must end the transaction.
        """

    def save(self, customers: Sequence[Customer], *, dry_run: bool = False) -> Saved:
        """Adds customers, or replaces those with the same id; of several with one id, the last counts.

        Part of the caller's transaction. Raises UsageError if the backend is a tenant.
        """
