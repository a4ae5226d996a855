"""The accounts of a store, and adding, removing and reading millions of memberships."""

import sqlite3
from collections.abc import Iterator
from functools import cache

from segcli.account_set import AccountSet
from segcli.backends.sqlite.rows import require_id, segment_of
from segcli.backends.sqlite.statements import SEGMENT_COLUMNS, Parameter, where
from segcli.model import Account, Collection, Segment
from segcli.query.tree import Clause, Filter, SegmentQuery
from segcli.text import fold

_CHUNK = 20_000  # accounts per statement that reads or removes: some hundred kilobytes of text
_ROWS = 2_000  # accounts per statement that adds; longer ones do not fit the processor's cache
_ADD_REST = "INSERT INTO segment_account SELECT ?, value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING"
_NOT_MEMBERS = (
    "SELECT value FROM json_each(?2) WHERE NOT EXISTS"
    " (SELECT 1 FROM segment_account WHERE segment_id = ?1 AND account_id = value)"
)
_REMOVE = (
    "DELETE FROM segment_account WHERE segment_id = ?1 AND account_id IN (SELECT value FROM json_each(?2))"
)
# The sum is an integer only if every value is one.
_BLOCK = (
    "SELECT group_concat(account_id, '\n'), min(account_id), max(account_id), sum(account_id)"
    " FROM (SELECT account_id FROM segment_account"
    f" WHERE segment_id = ? AND account_id > ? ORDER BY account_id LIMIT {_CHUNK})"
)
_ACCOUNT = "(SELECT DISTINCT account_id AS id FROM segment_account)"
_MEMBERSHIPS = (
    f"SELECT account_id, {SEGMENT_COLUMNS} FROM segment_account JOIN segment ON id = segment_id"
    " WHERE account_id IN (SELECT value FROM json_each(?)) ORDER BY account_id, segment_id"
)


def read_accounts(connection: sqlite3.Connection, query: SegmentQuery) -> Collection[Account]:
    """A page of accounts by ascending id."""
    condition, values = _condition(query.filter)
    total = connection.execute(f"SELECT count(*) FROM {_ACCOUNT} WHERE {condition}", values).fetchone()[0]
    page = connection.execute(
        f"SELECT id FROM {_ACCOUNT} WHERE {condition} ORDER BY id LIMIT ? OFFSET ?",
        [*values, query.page_size, query.start_index],
    ).fetchall()
    segments: dict[int, list[Segment]] = {require_id(account_id): [] for (account_id,) in page}
    for account_id, *row in connection.execute(_MEMBERSHIPS, [f"[{','.join(map(str, segments))}]"]):
        segments[account_id].append(segment_of(tuple(row)))
    items = tuple(Account(account_id, tuple(its_segments)) for account_id, its_segments in segments.items())
    return Collection(query.start_index, query.page_size, total, items)


def _condition(filter: Filter) -> tuple[str, list[Parameter]]:
    """The condition on an account's id, and its parameters."""
    own = [clause for clause in filter if not clause.field.many]
    of_segments = [clause for clause in filter if clause.field.many]
    condition, values = where(tuple(own))
    parts = [condition, *map(_is_in, of_segments)]
    return " AND ".join(parts), [*values, *map(_operand, of_segments)]


def _is_in(clause: Clause) -> str:
    segment = "= ?" if clause.field.kind == "integer" else "IN (SELECT id FROM segment WHERE fold(code) = ?)"
    members = f"SELECT account_id FROM segment_account WHERE segment_id {segment}"
    return f"id {'NOT ' if clause.operator == 'ne' else ''}IN ({members})"


def _operand(clause: Clause) -> Parameter:
    return fold(clause.value) if isinstance(clause.value, str) else clause.value


def add_accounts(connection: sqlite3.Connection, segment_id: int, accounts: AccountSet) -> int:
    """Adds accounts to a segment that exists; returns how many were not members.

    The order is ascending, so that the primary key grows at its end.
    """
    added = 0
    for chunk in map(list, accounts.chunks(_ROWS)):
        if len(chunk) == _ROWS:
            cursor = connection.execute(_add_rows(), [segment_id, *chunk])
        else:
            cursor = connection.execute(_ADD_REST, [segment_id, str(chunk)])
        added += cursor.rowcount
    return added


@cache
def _add_rows() -> str:
    """One parameter per account: passing them as JSON takes 1.5 times as long."""
    values = ",".join(f"(?1,?{row})" for row in range(2, _ROWS + 2))
    return f"INSERT INTO segment_account VALUES {values} ON CONFLICT DO NOTHING"


def remove_accounts(connection: sqlite3.Connection, segment_id: int, accounts: AccountSet) -> list[int]:
    """Removes accounts from a segment; returns those that were not members."""
    not_members: list[int] = []
    for chunk in map(list, accounts.chunks(_CHUNK)):
        values = [segment_id, str(chunk)]
        not_members += [row[0] for row in connection.execute(_NOT_MEMBERS, values)]
        connection.execute(_REMOVE, values)
    return not_members


def read_id_blocks(connection: sqlite3.Connection, segment_id: int) -> Iterator[str]:
    """The accounts of a segment in ascending order, as text with many lines and one id each.

    Raises ValueError if the rows are damaged.
    """
    last = 0
    while True:
        text, low, high, total = connection.execute(_BLOCK, [segment_id, last]).fetchone()
        if text is None:
            return
        if type(total) is not int or not last < require_id(low):
            raise ValueError(f"accounts {low!r} to {high!r} are not ids in ascending order")
        last = require_id(high)
        yield f"{text}\n"
