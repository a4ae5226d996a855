"""GetAccounts on a store: the accounts that it knows are those that are in a segment."""

import sqlite3

from segcli.backends.sqlite.rows import segment_of
from segcli.backends.sqlite.statements import SEGMENT_COLUMNS, where
from segcli.model import Account, AccountCollection, Segment
from segcli.query import SegmentQuery
from segcli.query.filter import require_id_only

_ACCOUNT = "(SELECT DISTINCT account_id AS id FROM segment_account)"
_MEMBERSHIPS = (
    f"SELECT account_id, {SEGMENT_COLUMNS} FROM segment_account JOIN segment ON id = segment_id"
    " WHERE account_id IN (SELECT value FROM json_each(?)) ORDER BY account_id, segment_id"
)


def read_accounts(connection: sqlite3.Connection, query: SegmentQuery) -> AccountCollection:
    """A page of accounts by ascending id. Raises UsageError for a filter on more than the id."""
    require_id_only(query.filter)
    condition, values = where(query.filter)
    total = connection.execute(f"SELECT count(*) FROM {_ACCOUNT} WHERE {condition}", values).fetchone()[0]
    page = connection.execute(
        f"SELECT id FROM {_ACCOUNT} WHERE {condition} ORDER BY id LIMIT ? OFFSET ?",
        [*values, query.page_size, query.start_index],
    ).fetchall()
    segments: dict[int, list[Segment]] = {account_id: [] for (account_id,) in page}
    for account_id, *row in connection.execute(_MEMBERSHIPS, [f"[{','.join(map(str, segments))}]"]):
        segments[account_id].append(segment_of(tuple(row)))
    items = tuple(Account(account_id, tuple(of)) for account_id, of in segments.items())
    return AccountCollection(query.start_index, query.page_size, total, items)
