"""The accounts of a store: those that are in a segment, and their memberships by the million."""

import sqlite3
from collections.abc import Iterator
from functools import cache

from segcli.account_set import AccountSet
from segcli.backends.sqlite.rows import segment_of
from segcli.backends.sqlite.statements import SEGMENT_COLUMNS, where
from segcli.model import Account, AccountCollection, Segment
from segcli.query.filter import require_id_only
from segcli.query.tree import SegmentQuery

_CHUNK = 20_000  # accounts a statement that reads or removes: text of some hundred kilobytes
_ROWS = 2_000  # a statement that adds; longer ones leave the processor's cache
_ADD_REST = "INSERT INTO segment_account SELECT ?, value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING"
_NOT_MEMBERS = (
    "SELECT value FROM json_each(?2) WHERE NOT EXISTS"
    " (SELECT 1 FROM segment_account WHERE segment_id = ?1 AND account_id = value)"
)
_REMOVE = (
    "DELETE FROM segment_account WHERE segment_id = ?1 AND account_id IN (SELECT value FROM json_each(?2))"
)
_LINES = (
    "SELECT group_concat(account_id, '\n') FROM (SELECT account_id FROM segment_account"
    f" WHERE segment_id = ? AND account_id > ? ORDER BY account_id LIMIT {_CHUNK})"
)
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


def add_accounts(connection: sqlite3.Connection, segment_id: int, accounts: AccountSet) -> int:
    """Makes accounts members, in ascending order so that both indexes grow at their ends.

    How many were none. The segment must be there.
    """
    added = 0
    for chunk in accounts.chunks(_ROWS):
        if len(chunk) == _ROWS:
            done = connection.execute(_add_rows(), [segment_id, *chunk])
        else:
            done = connection.execute(_ADD_REST, [segment_id, str(chunk)])
        added += done.rowcount
    return added


@cache
def _add_rows() -> str:
    """Each value has a parameter: to write them as JSON and read that takes half as long again."""
    values = ",".join(f"(?1,?{row})" for row in range(2, _ROWS + 2))
    return f"INSERT INTO segment_account VALUES {values} ON CONFLICT DO NOTHING"


def remove_accounts(connection: sqlite3.Connection, segment_id: int, accounts: AccountSet) -> list[int]:
    """Ends memberships; the accounts that were no members."""
    not_members: list[int] = []
    for chunk in accounts.chunks(_CHUNK):
        values = [segment_id, str(chunk)]
        not_members += [row[0] for row in connection.execute(_NOT_MEMBERS, values)]
        connection.execute(_REMOVE, values)
    return not_members


def read_lines(connection: sqlite3.Connection, segment_id: int) -> Iterator[str]:
    """The accounts of a segment in ascending order, many a text and one a line."""
    last = 0
    while text := connection.execute(_LINES, [segment_id, last]).fetchone()[0]:
        yield f"{text}\n"
        last = int(text[text.rfind("\n") + 1 :])
