"""Reading what a backend knows about customers: all of them, some of them, or those of a set of accounts."""

from collections.abc import Iterator, Sequence

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.customer import MEMBERS, Customer, member_of
from segcli.errors import NotFoundError, SegcliError, UsageError
from segcli.model import STDIN
from segcli.operations.account_words import accounts_named
from segcli.operations.segments import listed
from segcli.query.parse import filter_notes, parse_query
from segcli.query.tree import MAX_PAGE_SIZE
from segcli.result import Column, Json, Result, columns_of
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal


def list_customers(
    backend: Backend,
    terminal: Terminal,
    *,
    filter: str | None,
    fields: str | None,
    limit: int | None,
    wide: bool,
) -> Result:
    """GetAccounts without the segments: all customers that match, by ascending id, streamed."""
    shown = _Fields.parse(fields)
    query = parse_query(
        filter=filter or "", page_size=min(limit or MAX_PAGE_SIZE, MAX_PAGE_SIZE), accounts=True
    )
    total, customers = backend.customers.list(query, limit)
    size = total if limit is None else min(total, limit)
    if terminal.stderr_is_tty and not terminal.stdout_is_tty:  # else the rows show how far it is
        progress = Progress(terminal, "reading", unit="customers", retries=lambda: backend.retries)
        customers = progress.watch(customers, size)
    items = map(shown.apply, customers)
    note = "; ".join(filter_notes(filter, accounts=True)) or None
    return Result(items, shown.columns, "collection", {"totalCount": total}, note=note, short=not wide)


def get(
    backend: Backend,
    terminal: Terminal,
    accounts: Sequence[str],
    *,
    fields: str | None,
    wide: bool,
    customer_set: str | None = None,
) -> Result:
    """GetAccount without the segments: one ACCOUNT as an object, several as a collection of the known ones.

    The first that is not known is the error of the result. Raises NotFoundError if none is.
    """
    shown = _Fields.parse(fields)
    alone = len(accounts) == 1 and accounts[0] != STDIN
    ids = accounts_named(backend, terminal, accounts, customer_set)
    if alone:
        return Result([shown.apply(backend.customers.get(ids[0]))], shown.columns, "object")
    items: list[Json] = []
    missing: list[SegcliError] = []
    for account_id in ids:
        try:
            items.append(shown.apply(backend.customers.get(account_id)))
        except NotFoundError as error:
            missing.append(error)
    if missing and not items:
        named = listed([str(account_id) for account_id in ids])
        raise NotFoundError(f"none of these accounts is a known customer: {named}", hint=missing[0].hint)
    first = missing[0] if missing else None
    return Result(items, shown.columns, error=first, failures=missing[1:], short=not wide)


def identifiers_named(names: str) -> tuple[str, ...]:
    """The members of a customer that `names` lists, such as `email,External ID`. Raises UsageError."""
    members = []
    for name in names.split(","):
        member = member_of(name)
        if member is None or member == "id":
            raise UsageError(
                f"--with: unknown field '{name.strip()}'", hint=f"the fields are {', '.join(MEMBERS[1:])}"
            )
        members.append(member)
    return tuple(dict.fromkeys(members))


def with_identifiers(
    backend: Backend, terminal: Terminal, accounts: AccountSet, members: Sequence[str]
) -> Result:
    """Each account with those members; they are None if the backend does not know the customer."""
    items = _identified(accounts, backend.customers.of(accounts), members)
    if terminal.stderr_is_tty and not terminal.stdout_is_tty:
        progress = Progress(terminal, "reading", retries=lambda: backend.retries)
        items = progress.watch(items, len(accounts))
    return Result(items, columns_of(("accountId", *members)))


def _identified(
    accounts: AccountSet, customers: Iterator[Customer], members: Sequence[str]
) -> Iterator[Json]:
    places = [(member, MEMBERS.index(member)) for member in members]
    unknown = dict.fromkeys(members)
    customer = next(customers, None)
    for account_id in accounts:
        if customer is not None and customer.id == account_id:
            yield {"accountId": account_id, **{member: customer[place] for member, place in places}}
            customer = next(customers, None)
        else:
            yield {"accountId": account_id, **unknown}


class _Fields:
    """The fields of customers that are shown, in their order."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    @classmethod
    def parse(cls, text: str | None) -> "_Fields":
        """Those that --fields names. Raises UsageError if one is unknown, or it names none."""
        if not text or not text.strip():
            return cls(MEMBERS)
        from segcli.query.response_fields import parse_response_fields

        mask = parse_response_fields(text)
        if mask is None:
            return cls(MEMBERS)
        kept = [_member(name) for name in mask.keep]
        dropped = [_member(name) for name in mask.drop]
        if any(mask.keep.values()):
            raise UsageError("--fields: a customer's fields have no members", hint=_FIELDS)
        names = [name for name in (MEMBERS if mask.others else kept) if name not in dropped]
        if not names:
            raise UsageError("--fields selects no field of a customer", hint=_FIELDS)
        return cls(list(dict.fromkeys(names)))

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self._names)

    def apply(self, customer: Customer) -> Json:
        document = customer.to_json()
        return document if self._names is MEMBERS else {name: document[name] for name in self._names}


_FIELDS = f"the fields are {', '.join(MEMBERS)}"


def _member(name: str) -> str:
    member = member_of(name)
    if member is None:
        raise UsageError(f"--fields: unknown field '{name}'", hint=_FIELDS)
    return member
