"""The rows of `customer`: read, written and checked."""

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from segcli.account_set import AccountSet
from segcli.backends.customers import Saved
from segcli.backends.store.rows import require_id
from segcli.backends.store.statements import where
from segcli.backends.store.tables import compared
from segcli.customer import Customer, customers_of, folded_identifier
from segcli.errors import UsageError
from segcli.text import find_surrogate

if TYPE_CHECKING:
    from segcli.backends.store.database import Connection
    from segcli.backends.store.dialect import Dialect, Parameter, Row
    from segcli.query.tree import Filter

FIELDS = {
    "id": "id",
    "emailAddress": "email",
    "userName": "user_name",
    "externalId": "external_id",
    "customerSet": "customer_set",
    "isAnonymous": "is_anonymous",
    "isActive": "is_active",
}
_TEXTS = ("email", "user_name", "external_id", "customer_set")
COLUMNS = ", ".join(FIELDS.values())
_FOLDED = ", ".join(f"{column}_folded" for column in _TEXTS)
_ALL_COLUMNS = f"{COLUMNS}, {_FOLDED}"
_CHANGED = ", ".join(f"{each} = excluded.{each}" for each in _ALL_COLUMNS.split(", ")[1:])
_OR_UPDATE = f" ON CONFLICT (id) DO UPDATE SET {_CHANGED}"
_EVERYTHING = f"SELECT {_ALL_COLUMNS} FROM customer ORDER BY id"
_VERSION = "SELECT version FROM customer_version WHERE id = 1"
_SET_VERSION = "UPDATE customer_version SET version = ? WHERE id = 1"
IS_EMPTY = "SELECT NOT EXISTS (SELECT 1 FROM customer)"
_INTEGER, _TEXT = frozenset((int,)), frozenset((str, type(None)))
_TYPES = (_INTEGER, _TEXT, _TEXT, _TEXT, _TEXT, _INTEGER, _INTEGER)
_BATCH = 5_000  # ids in one statement


class Versions(NamedTuple):
    """The version of the customers before a transaction changed them, and after that."""

    before: int
    after: int


def read_rows(rows: "Iterable[Row]") -> Iterator[Customer]:
    """Customers from rows of COLUMNS, a limited number at a time. Raises TypeError, ValueError for damage."""
    remaining = iter(rows)
    while some := list(islice(remaining, _BATCH)):
        yield from read_columns(list(zip(*some, strict=True)))


def read_columns(columns: "Sequence[Row]") -> Iterator[Customer]:
    """The same from the columns of rows: each check is one pass in C over all of them."""
    for number, (column, types) in enumerate(zip(columns, _TYPES, strict=True)):
        if not types.issuperset(map(type, column)):
            found = ", ".join(sorted({type(value).__name__ for value in column}))
            raise TypeError(f"the column {list(FIELDS.values())[number]} of customers has {found}")
    ids, *texts, is_anonymous, is_active = columns
    require_id(min(ids))
    require_id(max(ids))
    if not {0, 1}.issuperset(is_anonymous) or not {0, 1}.issuperset(is_active):
        raise ValueError("a customer has a value that is neither true nor false")
    email, user_name, external_id, customer_set = texts
    flags = map(bool, is_anonymous), map(bool, is_active)
    return customers_of(zip(ids, email, user_name, external_id, customer_set, *flags, strict=True))


def condition(filter: "Filter", dialect: "Dialect") -> "tuple[str, list[Parameter]]":
    """The condition of clauses that are not on segments, for a WHERE clause, and its parameters."""
    return where(filter, dialect, FIELDS, folded_identifier, compared)


def version(connection: "Connection") -> int:
    """Another number in every state of the customers; 0 if the store does not exist."""
    rows = connection.execute(_VERSION).fetchall()
    return _only(rows) if rows else 0


def locked_version(connection: "Connection", dialect: "Dialect") -> int:
    """The same, and other writers wait. Raises ValueError if it is missing."""
    return _only(connection.execute(_VERSION + dialect.for_update).fetchall())


def lock(connection: "Connection", dialect: "Dialect") -> Versions:
    """Before customers are changed: other writers wait, and the version becomes a random one."""
    before = locked_version(connection, dialect)
    after = before
    while after == before:
        after = int.from_bytes(os.urandom(6), "big")
    connection.execute(_SET_VERSION, [after])
    return Versions(before, after)


def read_ids(
    connection: "Connection", condition: str = "TRUE", values: "Sequence[Parameter]" = ()
) -> AccountSet:
    """The ids of the customers for whom a condition holds. Raises ValueError if one is damaged."""
    rows = connection.execute(f"SELECT id FROM customer WHERE {condition}", values)
    ids = AccountSet(array("I", chain.from_iterable(rows)))
    for end in (ids[:1], ids[-1:]):
        for account_id in end:
            require_id(account_id)
    return ids


def read_some(connection: "Connection", dialect: "Dialect", ids: Iterable[int]) -> Iterator[Customer]:
    """The customers with these ids, ascending if the ids are; a limited number is held at a time."""
    remaining = iter(ids)
    while some := list(islice(remaining, _BATCH)):
        yield from read_rows(_select(connection, dialect, some))


def require_text(customers: Sequence[Customer]) -> None:
    """Raises UsageError if a text is not valid Unicode, which no database could store."""
    for column in list(zip(*customers, strict=True))[1:5]:
        if find_surrogate("".join(filter(None, column))) is not None:
            wrong = next(text for text in column if text and find_surrogate(text) is not None)
            raise UsageError(f"'{wrong}' is not valid Unicode text")


def save(
    connection: "Connection",
    dialect: "Dialect",
    customers: Sequence[Customer],
    existing: AccountSet,
    *,
    dry_run: bool,
) -> Saved:
    """Writes customers with distinct ids. `existing` has those of them that may be there already."""
    changed: Sequence[Customer] = customers
    stored = {}
    if existing:
        stored = {row[0]: row for row in _select(connection, dialect, existing)}
        changed = [each for each in customers if stored.get(each[0]) != each]
    added = len(customers) - len(stored)
    if changed and not dry_run:
        _write(connection, dialect, changed, _OR_UPDATE if existing else "")
    return Saved(added, len(changed) - added, len(customers) - len(changed))


def count(connection: "Connection", dialect: "Dialect", accounts: AccountSet) -> int:
    """How many of the accounts are customers."""
    return sum(len(rows) for rows in _ids_among(connection, dialect, accounts))


def delete(connection: "Connection", dialect: "Dialect", accounts: AccountSet) -> int:
    """Deletes customers, and returns how many there were."""
    deleted = 0
    for ids in list(_ids_among(connection, dialect, accounts)):
        deleted += len(ids)
        connection.execute(f"DELETE FROM customer WHERE id {dialect.in_list}", [dialect.to_list(ids)])
    return deleted


def verify(connection: "Connection") -> None:
    """Raises TypeError or ValueError for a damaged row."""
    _only(connection.execute(_VERSION).fetchall())
    rows = iter(connection.execute(_EVERYTHING))
    while some := list(islice(rows, _BATCH)):
        columns = list(zip(*some, strict=True))
        for customer, *folded in zip(read_columns(columns[:7]), *columns[7:], strict=True):
            if list(map(_folded, customer[1:5])) != folded:
                raise ValueError(f"a text of customer {customer.id} does not match its case-folded copy")


def _select(connection: "Connection", dialect: "Dialect", ids: Iterable[int]) -> "Iterable[Row]":
    return connection.execute(
        f"SELECT {COLUMNS} FROM customer WHERE id {dialect.in_list} ORDER BY id", [dialect.to_list(ids)]
    )


def _ids_among(connection: "Connection", dialect: "Dialect", accounts: AccountSet) -> Iterator[list[int]]:
    remaining = iter(accounts)
    while some := list(islice(remaining, _BATCH)):
        rows = connection.execute(
            f"SELECT id FROM customer WHERE id {dialect.in_list}", [dialect.to_list(some)]
        )
        if ids := [row[0] for row in rows]:
            yield ids


def fold_all(texts: Sequence[str]) -> "Iterable[str]":
    """What `folded_identifier` returns for each: in one pass in C, if all are ASCII."""
    if "".join(texts).isascii():
        return map(str.lower, map(str.strip, texts))
    return map(folded_identifier, texts)


def _write(connection: "Connection", dialect: "Dialect", customers: Sequence[Customer], tail: str) -> None:
    ids, *texts, is_anonymous, is_active = zip(*customers, strict=True)
    rows: Iterator[Row] = zip(ids, *texts, map(int, is_anonymous), map(int, is_active), strict=True)
    if not all(map(_are_plain, texts)):
        others = []
        plain = []
        for row in rows:
            folded = tuple(map(_folded, row[1:5]))
            if any(each is not None for each in folded):
                others.append(row + folded)
            else:
                plain.append(row)
        _insert(connection, dialect, _ALL_COLUMNS, others, tail)
        rows = iter(plain)
    _insert(connection, dialect, COLUMNS, rows, tail)


def _insert(
    connection: "Connection", dialect: "Dialect", columns: str, rows: "Iterable[Row]", tail: str
) -> None:
    values = f"(?{', ?' * columns.count(',')})"
    head = f"INSERT INTO customer ({columns}) VALUES "
    remaining = iter(rows)
    if dialect.rows > 1:
        sql = head + ", ".join([values] * dialect.rows) + tail
        while len(some := list(islice(remaining, dialect.rows))) == dialect.rows:
            connection.execute(sql, list(chain.from_iterable(some)))
        remaining = iter(some)
    connection.executemany(f"{head}{values}{tail}", remaining)


def _are_plain(column: "Sequence[str | None]") -> bool:
    """Whether `lower` makes all texts what they are compared as: in a few passes in C."""
    texts = list(filter(None, column))
    joined = "".join(texts)
    if not joined.isascii():
        return False
    has_space = joined.split(None, 1) != [joined]
    return not has_space or all(map(str.__eq__, texts, map(str.strip, texts)))


def _folded(text: str | None) -> str | None:
    """What is stored of a text in addition: its compared form, if that is not what `lower` returns."""
    if text is None or (text.isascii() and text == text.strip()):
        return None
    return folded_identifier(text)


def _only(rows: "list[Row]") -> int:
    if len(rows) != 1 or type(rows[0][0]) is not int:
        raise ValueError("the version of its customers is missing")
    number: int = rows[0][0]
    return number
