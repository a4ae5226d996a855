"""GetAccounts: the accounts that are in any segment, filtered as sets (contract, "GetAccounts")."""

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.base import ignore_progress
from segcli.backends.store import blocks, memberships
from segcli.backends.store.database import Connection
from segcli.backends.store.dialect import Dialect
from segcli.backends.store.rows import segment_of
from segcli.backends.store.statements import SEGMENT_COLUMNS
from segcli.model import INT32_MAX, Account, Collection, Segment
from segcli.query.tree import Clause, SegmentQuery
from segcli.text import fold

_STATE = "SELECT count(*), sum(version) FROM membership_size"  # other values in every state

_KEPT = 4  # segments


class KnownAccounts:
    """What the next page needs again: the accounts in any segment, and those of the segments last read.

    Each is kept until a membership of it changes.
    """

    def __init__(self) -> None:
        self._state: object = None
        self._accounts = NO_ACCOUNTS
        self._members: dict[int, tuple[int, AccountSet]] = {}  # by segment, the last one used at the end

    def read(self, connection: Connection) -> AccountSet:
        """The accounts in the snapshot of `connection`."""
        state = connection.execute(_STATE).fetchone()
        if state != self._state:
            self._accounts = memberships.read_everything(connection)
            self._state = state
        return self._accounts

    def read_segment(self, connection: Connection, segment_id: int) -> AccountSet:
        """The accounts of a segment in the snapshot of `connection`; none if it does not exist."""
        version, members = self._members.pop(segment_id, (None, NO_ACCOUNTS))
        size = memberships.size(connection, segment_id)
        if size is None:
            return NO_ACCOUNTS
        if size.version != version:
            members = memberships.read(connection, segment_id, ignore_progress)
        self._members[segment_id] = size.version, members
        if len(self._members) > _KEPT:
            del self._members[next(iter(self._members))]
        return members


def read_page(
    connection: Connection, dialect: Dialect, known: KnownAccounts, query: SegmentQuery
) -> Collection[Account]:
    """A page of accounts by ascending id."""
    found = _filtered(connection, known, query)
    page = found[query.start_index : query.start_index + query.page_size]
    items = tuple(_with_segments(connection, dialect, page)) if page else ()
    return Collection(query.start_index, query.page_size, len(found), items)


def _filtered(connection: Connection, known: KnownAccounts, query: SegmentQuery) -> AccountSet:
    """The accounts that match every clause; all known ones are only read if no clause asks for members."""
    wanted: list[AccountSet] = []
    unwanted: list[AccountSet] = []
    for clause in query.filter:
        excludes = clause.operator == "ne"
        (unwanted if excludes else wanted).append(_matching(connection, known, clause))
    if not any(clause.operator == "eq" and clause.field.name != "id" for clause in query.filter):
        wanted.append(known.read(connection))
    found = wanted[0]
    for each in wanted[1:]:
        found &= each
    for each in unwanted:
        found -= each
    return found


def _matching(connection: Connection, known: KnownAccounts, clause: Clause) -> AccountSet:
    """The accounts that a clause describes, or excludes if its operator is `ne`."""
    value = clause.value
    if clause.field.name == "segments.id":
        ids = [row[0] for row in connection.execute("SELECT id FROM segment_record WHERE id = ?", [value])]
    elif clause.field.name == "segments.code":
        folded = fold(value) if isinstance(value, str) else value
        sql = "SELECT id FROM segment_record WHERE code_folded = ?"
        ids = [row[0] for row in connection.execute(sql, [folded])]
    else:
        return _range(clause)
    return AccountSet.union(known.read_segment(connection, each) for each in ids)


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
    """Each account with its segments. Raises ValueError if one of them does not exist."""
    memberships_of: dict[int, list[int]] = {account_id: [] for account_id in page}
    for segment_id, members in memberships.read_blocks(connection, dialect, blocks.keys(page)):
        for account_id in members & page:
            memberships_of[account_id].append(segment_id)
    ids = {segment_id for its_ids in memberships_of.values() for segment_id in its_ids}
    rows = connection.execute(
        f"SELECT {SEGMENT_COLUMNS} FROM segment_record WHERE id {dialect.in_list}", [dialect.to_list(ids)]
    )
    segments: dict[int, Segment] = {segment.id: segment for segment in map(segment_of, rows)}
    return [
        Account(account_id, tuple(_existing(segments, segment_id) for segment_id in its_ids))
        for account_id, its_ids in memberships_of.items()
    ]


def _existing(segments: dict[int, Segment], segment_id: int) -> Segment:
    if segment_id not in segments:
        raise ValueError(f"there are accounts of segment {segment_id}, which does not exist")
    return segments[segment_id]
