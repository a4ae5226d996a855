"""Reading and changing which accounts a segment has: only the blocks that an operation concerns."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from segcli.account_set import AccountSet
from segcli.backends.base import ReportProgress
from segcli.backends.store import blocks
from segcli.backends.store.database import Connection
from segcli.backends.store.dialect import Dialect, Row

_COLUMNS = "segment_id, block, accounts, checksum"
_SIZE = "SELECT accounts FROM membership_size WHERE segment_id = ?"
_ALL = f"SELECT {_COLUMNS} FROM membership WHERE segment_id = ? ORDER BY block"
_BY_BLOCK = f"SELECT {_COLUMNS} FROM membership ORDER BY block, segment_id"
EVERY_BLOCK = f"SELECT {_COLUMNS} FROM membership ORDER BY segment_id, block"
_STORE = (
    f"INSERT INTO membership ({_COLUMNS}) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (segment_id, block)"
    " DO UPDATE SET accounts = excluded.accounts, checksum = excluded.checksum"
)
_MERGED = 1_000  # blocks that are merged at a time


def size(connection: Connection, segment_id: int, *, lock: str = "") -> int | None:
    """The stored number of accounts; None if there is no such segment. `lock` is that of the dialect."""
    row = connection.execute(_SIZE + lock, [segment_id]).fetchone()
    return None if row is None else _count(row[0])


def sizes(connection: Connection, dialect: Dialect, segment_ids: Sequence[int]) -> dict[int, int]:
    """The stored numbers of the segments that exist."""
    rows = connection.execute(
        f"SELECT segment_id, accounts FROM membership_size WHERE segment_id {dialect.in_list}",
        [dialect.to_list(segment_ids)],
    )
    return {segment_id: _count(count) for segment_id, count in rows}


def read(connection: Connection, segment_id: int, report: ReportProgress) -> AccountSet:
    """All accounts of a segment that exists. Raises ValueError if they are damaged."""
    expected = size(connection, segment_id)
    accounts = _merged(connection.execute(_ALL, [segment_id]), lambda done: report(done, expected))
    if len(accounts) != expected:
        raise ValueError(f"segment {segment_id} has {len(accounts)} accounts, but its count is {expected}")
    return accounts


def read_everything(connection: Connection) -> AccountSet:
    """The accounts that are in any segment. Raises ValueError if they are damaged."""
    rows = connection.execute(_BY_BLOCK)
    return AccountSet.union(_merged(same, _ignore) for _, same in groupby(rows, lambda row: row[1]))


def read_blocks(
    connection: Connection, dialect: Dialect, keys: Sequence[int]
) -> Iterator[tuple[int, AccountSet]]:
    """Those blocks of every segment, ascending by segment: its id and the accounts."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM membership WHERE block {dialect.in_list} ORDER BY segment_id, block",
        [dialect.to_list(keys)],
    )
    return ((row[0], blocks.decode(row)) for row in rows)


def add(connection: Connection, dialect: Dialect, segment_id: int, accounts: AccountSet) -> AccountSet:
    """Adds accounts to a segment that is locked; returns those that were not members."""
    return _change(connection, dialect, segment_id, accounts, AccountSet.__or__)


def remove(connection: Connection, dialect: Dialect, segment_id: int, accounts: AccountSet) -> AccountSet:
    """Removes accounts from a segment that is locked; returns those that were members."""
    return _change(connection, dialect, segment_id, accounts, AccountSet.__sub__)


def create(connection: Connection, segment_id: int) -> None:
    """Makes room for the accounts of a new segment.

    The first version is random, so that no two states of the table add up to the same version.
    """
    version = int.from_bytes(os.urandom(4), "big")
    connection.execute(
        "INSERT INTO membership_size (segment_id, accounts, version) VALUES (?, 0, ?)", [segment_id, version]
    )


def delete(connection: Connection, segment_id: int) -> None:
    """Deletes all memberships of a segment, and its count."""
    connection.execute("DELETE FROM membership WHERE segment_id = ?", [segment_id])
    connection.execute("DELETE FROM membership_size WHERE segment_id = ?", [segment_id])


def _change(
    connection: Connection,
    dialect: Dialect,
    segment_id: int,
    accounts: AccountSet,
    combine: Callable[[AccountSet, AccountSet], AccountSet],
) -> AccountSet:
    """Replaces the members in the blocks of `accounts`; returns the accounts whose membership changed."""
    changes = []
    growth = 0
    for _, part in accounts.split(blocks.BATCH_BITS):
        members = _read_some(connection, dialect, segment_id, blocks.keys(part))
        wanted = combine(members, part)
        change = members ^ wanted
        if change:
            _write(connection, segment_id, wanted, blocks.keys(change))
            growth += len(wanted) - len(members)
            changes.append(change)
    if changes:
        connection.execute(
            "UPDATE membership_size SET accounts = accounts + ?, version = version + 1 WHERE segment_id = ?",
            [growth, segment_id],
        )
    return AccountSet.union(changes)


def _read_some(connection: Connection, dialect: Dialect, segment_id: int, keys: Sequence[int]) -> AccountSet:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM membership WHERE segment_id = ? AND block {dialect.in_list}",
        [segment_id, dialect.to_list(keys)],
    )
    return _merged(rows, _ignore)


def _write(connection: Connection, segment_id: int, accounts: AccountSet, keys: Sequence[int]) -> None:
    """Stores those blocks of `accounts`; an empty block is deleted."""
    missing = set(keys)
    rows = []
    for row in blocks.encode(segment_id, accounts):
        if row[1] in missing:
            missing.remove(row[1])
            rows.append(row)
    connection.executemany(_STORE, rows)
    if missing:
        sql = "DELETE FROM membership WHERE segment_id = ? AND block = ?"
        connection.executemany(sql, [(segment_id, key) for key in missing])


def _merged(rows: Iterable[Row], report: Callable[[int], None]) -> AccountSet:
    """The accounts of all rows of `membership`, of which a limited number is held at a time."""

    def decoded() -> Iterator[AccountSet]:
        done = 0
        for count, row in enumerate(rows, 1):
            accounts = blocks.decode(row)
            done += len(accounts)
            if not count % _MERGED:
                report(done)
            yield accounts

    return AccountSet.union(decoded())


def _ignore(done: int) -> None:
    """Reports no progress."""


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not a number of accounts")
    return value
