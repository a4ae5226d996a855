"""Which accounts of two backends are the same: those with one identifier in one customer set."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Literal

from segcli.account_set import AccountSet, name_some
from segcli.backends.base import Backend
from segcli.backends.customers import Wanted
from segcli.customer import NAMES, Customer, Kind, folded_identifier
from segcli.errors import UsageError
from segcli.expressions.percents import Percent
from segcli.identify.decide import Decision, decide
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_BATCH = 10_000  # customers that are looked up on a store at a time
Problem = Literal["not found", "ambiguous", "without one"]


class Matching:
    """How accounts are matched: by which identifier, and how many of them must be."""

    __slots__ = ("kind", "least")

    def __init__(self, kind: Kind, least: Percent) -> None:
        self.kind: Final = kind
        self.least: Final = least


class Matched:
    """The accounts of the target by those of the source, and what is wrong with the other ones."""

    __slots__ = ("_problems", "_targets")

    def __init__(self, targets: Mapping[int, int], problems: Mapping[int, Problem]) -> None:
        self._targets = targets
        self._problems = problems

    @property
    def is_complete(self) -> bool:
        return not self._problems

    def translated(self, accounts: AccountSet) -> AccountSet:
        """The accounts of the target; those without a match are left out."""
        targets = self._targets
        return AccountSet(targets[each] for each in accounts if each in targets)

    def missing(self, accounts: AccountSet) -> int:
        """How many of the accounts have no match."""
        return sum(1 for each in accounts if each not in self._targets)

    def summary(self, kind: Kind) -> str:
        """How many accounts are matched, and why the others are not."""
        matched, total = len(self._targets), len(self._targets) + len(self._problems)
        share = "" if self.is_complete else f" ({100 * matched / total:.2f} %)"
        text = f"{matched:,} of {total:,} accounts match by {NAMES[kind]}{share}"
        reasons = Counter(self._problems.values())
        return "; ".join([text, *(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))])

    def require(self, matching: Matching) -> None:
        """Raises UsageError if fewer accounts are matched than there must be."""
        matched, total = len(self._targets), len(self._targets) + len(self._problems)
        if matched * matching.least.denominator < total * matching.least.numerator:
            named = name_some(sorted(self._problems))
            raise UsageError(
                f"{self.summary(matching.kind)}; nothing was changed",
                hint=f"no match for {named}: correct them in the source,"
                f" or lower --min-match {matching.least}",
            )


def match_accounts(
    source: Backend, target: Backend, terminal: Terminal, accounts: AccountSet, kind: Kind
) -> Matched:
    """Looks up the accounts of `source` on `target`.

    A guest only matches a guest. Nothing is guessed: an account that several of the target match, or that
    matches the same one as another account, has no match. Raises UsageError if one of the backends knows no
    customers.
    """
    for backend in (source, target):
        if backend.customers.is_empty():
            raise UsageError(
                f"{backend.place} knows no customers, so accounts cannot be matched",
                hint="import them into that store with: segments customers import FILE",
            )
    targets: dict[int, int] = {}
    problems: dict[int, Problem] = dict.fromkeys(accounts, "without one")
    matched_by: dict[int, int] = {}  # accounts of the target, and of the source
    for customers in _batches(source, target, terminal, accounts):
        for customer, decision in _looked_up(target, terminal, customers, kind):
            found = decision.account_id
            if found is None:
                problems[customer.id] = "ambiguous" if decision.candidates else "not found"
                continue
            first = matched_by.setdefault(found, customer.id)
            if first == customer.id:
                targets[customer.id] = found
                del problems[customer.id]
            else:
                targets.pop(first, None)
                problems[first] = problems[customer.id] = "ambiguous"
    return Matched(targets, problems)


def _batches(
    source: Backend, target: Backend, terminal: Terminal, accounts: AccountSet
) -> Iterator[Sequence[Customer]]:
    """The customers of the source; for a tenant as the target all at once, so that it is asked once."""
    with Progress(terminal, "reading customers", retries=lambda: source.retries) as progress:
        customers = source.customers.of(accounts, progress.update)
        if target.reads_are_local:
            while batch := list(islice(customers, _BATCH)):
                yield batch
            return
        whole = list(customers)
    yield whole  # the look-up shows a progress of its own


def _looked_up(
    target: Backend, terminal: Terminal, customers: Iterable[Customer], kind: Kind
) -> Iterator[tuple[Customer, Decision]]:
    """Each customer that has an identifier of that kind, and which one of the target it is."""
    texts = {customer: text for customer in customers if (text := customer.identifier(kind))}
    wanted: Wanted = {kind: set(texts.values())}
    if target.reads_are_local:
        found = target.customers.find(wanted)
    else:
        with Progress(terminal, "looking up", retries=lambda: target.retries) as progress:
            found = target.customers.find(wanted, progress.update, terminal.info)
    for customer, text in texts.items():
        candidates = [
            each
            for each in found.get(kind, {}).get(folded_identifier(text), ())
            if _set_of(each) == _set_of(customer) and each.is_anonymous == customer.is_anonymous
        ]
        yield customer, decide([(kind, text.strip())], candidates, None)


def _set_of(customer: Customer) -> str:
    return folded_identifier(customer.customer_set or "")
