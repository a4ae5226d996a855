"""GetAccounts: customers and members of segments, filtered as sets (contract, "GetAccounts")."""

from collections.abc import Sequence
from typing import TypeVar

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.base import ignore_progress
from segcli.backends.store import blocks, customer_rows, memberships
from segcli.backends.store.database import Connection
from segcli.backends.store.dialect import Dialect
from segcli.backends.store.rows import segment_of
from segcli.backends.store.statements import SEGMENT_COLUMNS
from segcli.errors import NotFoundError
from segcli.model import INT32_MAX, Account, Collection, Segment
from segcli.query.tree import Clause, SegmentQuery
from segcli.text import fold

_STATE = "SELECT count(*), sum(version) FROM membership_size"  # other values in every state
Key = TypeVar("Key")
Kept = TypeVar("Kept")
_KEPT = 4  # segments, and clauses


class KnownAccounts:
    """What the next page needs again: all accounts, those of the segments and the clauses last read.

    Each is kept until it changes: a membership, or the customers.
    """

    def __init__(self) -> None:
        self._state: object = None
        self._accounts = NO_ACCOUNTS
        self._members: dict[int, tuple[int, AccountSet]] = {}  # by segment, the last one used at the end
        self._customers: dict[Clause | None, tuple[int, AccountSet]] = {}  # by clause, as above; None for all
        self._all: tuple[AccountSet, AccountSet, AccountSet] | None = None

    def read(self, connection: Connection, dialect: Dialect) -> AccountSet:
        """The accounts in the snapshot of `connection`: members and customers."""
        state = connection.execute(_STATE).fetchone()
        if state != self._state:
            self._accounts = memberships.read_everything(connection)
            self._state = state
        customers = self.read_customers(connection, dialect, None)
        if not customers:
            return self._accounts
        if self._all is None or self._all[0] is not self._accounts or self._all[1] is not customers:
            self._all = self._accounts, customers, self._accounts | customers
        return self._all[2]

    def read_customers(self, connection: Connection, dialect: Dialect, clause: Clause | None) -> AccountSet:
        """The customers that a clause describes, all for None, in the snapshot of `connection`."""
        version = customer_rows.version(connection)
        kept, found = self._customers.pop(clause, (None, NO_ACCOUNTS))
        if kept != version:
            condition, values = customer_rows.condition(() if clause is None else (clause,), dialect)
            found = customer_rows.read_ids(connection, condition, values)
        _keep(self._customers, clause, (version, found))
        return found

    def read_segment(self, connection: Connection, segment_id: int) -> AccountSet:
        """The accounts of a segment in the snapshot of `connection`; none if it does not exist."""
        version, members = self._members.pop(segment_id, (None, NO_ACCOUNTS))
        size = memberships.size(connection, segment_id)
        if size is None:
            return NO_ACCOUNTS
        if size.version != version:
            members = memberships.read(connection, segment_id, ignore_progress)
        _keep(self._members, segment_id, (size.version, members))
        return members


def read_page(
    connection: Connection, dialect: Dialect, known: KnownAccounts, query: SegmentQuery
) -> Collection[Account]:
    """A page of accounts by ascending id."""
    found = _filtered(connection, dialect, known, query)
    page = found[query.start_index : query.start_index + query.page_size]
    items = tuple(_with_segments(connection, dialect, page)) if page else ()
    return Collection(query.start_index, query.page_size, len(found), items)


def read_account(connection: Connection, dialect: Dialect, account_id: int) -> Account:
    """A member or a customer. Raises NotFoundError."""
    for account in _with_segments(connection, dialect, AccountSet.between(account_id, account_id)):
        if account.segments or account.identifiers:
            return account
    raise no_account(account_id)


def no_account(account_id: int) -> NotFoundError:
    """The error for an account that the store does not know."""
    return NotFoundError(f"there is no account with id {account_id}")


def filter_by_members(
    connection: Connection, known: KnownAccounts, clauses: Sequence[Clause], accounts: AccountSet
) -> AccountSet:
    """Those of the accounts that match every one of the clauses, which are on segments."""
    for clause in clauses:
        members = _members(connection, known, clause)
        accounts = accounts - members if clause.operator == "ne" else accounts & members
    return accounts


def _filtered(
    connection: Connection, dialect: Dialect, known: KnownAccounts, query: SegmentQuery
) -> AccountSet:
    """The accounts that match every clause; all known ones are only read if no clause asks for known ones."""
    wanted: list[AccountSet] = []
    unwanted: list[AccountSet] = []
    are_known = False
    for clause in query.filter:
        excludes, accounts = _matching(connection, dialect, known, clause)
        (unwanted if excludes else wanted).append(accounts)
        are_known = are_known or not (excludes or clause.field.name == "id")
    if not are_known:
        wanted.append(known.read(connection, dialect))
    found = wanted[0]
    for each in wanted[1:]:
        found &= each
    for each in unwanted:
        found -= each
    return found


def _matching(
    connection: Connection, dialect: Dialect, known: KnownAccounts, clause: Clause
) -> tuple[bool, AccountSet]:
    """The accounts that a clause describes, or excludes, and whether it does that."""
    if clause.field.name == "id":
        return clause.operator == "ne", _range(clause)
    if clause.field.many:
        return clause.operator == "ne", _members(connection, known, clause)
    # An account that is only a member has no identifiers, which is a missing value.
    excludes = (clause.operator == "ne") != (clause.value is None and clause.operator in ("eq", "ne"))
    if excludes:
        clause = clause._replace(operator="eq" if clause.operator == "ne" else "ne")
    return excludes, known.read_customers(connection, dialect, clause)


def _members(connection: Connection, known: KnownAccounts, clause: Clause) -> AccountSet:
    """The accounts of the segments that a clause names."""
    value = clause.value
    if clause.field.name == "segments.id":
        ids = [row[0] for row in connection.execute("SELECT id FROM segment_record WHERE id = ?", [value])]
    else:
        folded = fold(value) if isinstance(value, str) else value
        sql = "SELECT id FROM segment_record WHERE code_folded = ?"
        ids = [row[0] for row in connection.execute(sql, [folded])]
    return AccountSet.union(known.read_segment(connection, each) for each in ids)


def _keep(kept: dict[Key, Kept], key: Key, value: Kept) -> None:
    """Keeps the last ones that were used."""
    kept[key] = value
    if len(kept) > _KEPT:
        del kept[next(iter(kept))]


def _range(clause: Clause) -> AccountSet:
    """The ids that a clause on the id describes; no account has an id that is null."""
    value = clause.value
    if not isinstance(value, int):
        return NO_ACCOUNTS
    match clause.operator:
        case "gt" | "ge":
            return AccountSet.between(value + (clause.operator == "gt"), INT32_MAX)
        case "lt" | "le":
            return AccountSet.between(1, value - (clause.operator == "lt"))
        case _:
            return AccountSet.between(value, value)


def _with_segments(connection: Connection, dialect: Dialect, page: AccountSet) -> list[Account]:
    """Each account with its segments and identifiers. Raises ValueError if a segment does not exist."""
    memberships_of: dict[int, list[int]] = {account_id: [] for account_id in page}
    for segment_id, members in memberships.read_blocks(connection, dialect, blocks.keys(page)):
        for account_id in members & page:
            memberships_of[account_id].append(segment_id)
    ids = {segment_id for its_ids in memberships_of.values() for segment_id in its_ids}
    rows = connection.execute(
        f"SELECT {SEGMENT_COLUMNS} FROM segment_record WHERE id {dialect.in_list}", [dialect.to_list(ids)]
    )
    segments: dict[int, Segment] = {segment.id: segment for segment in map(segment_of, rows)}
    customers = {each.id: each.to_json() for each in customer_rows.read_some(connection, dialect, page)}
    return [
        Account(
            account_id,
            tuple(_existing(segments, segment_id) for segment_id in its_ids),
            customers.get(account_id),
        )
        for account_id, its_ids in memberships_of.items()
    ]


def _existing(segments: dict[int, Segment], segment_id: int) -> Segment:
    if segment_id not in segments:
        raise ValueError(f"there are accounts of segment {segment_id}, which does not exist")
    return segments[segment_id]
