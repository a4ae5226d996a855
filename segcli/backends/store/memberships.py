"""Reading and changing which accounts a segment has: only the blocks that an operation concerns."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from zlib import crc32

from segcli.account_set import AccountSet
from segcli.backends.base import ReportProgress
from segcli.backends.store import blocks
from segcli.backends.store.database import Connection
from segcli.backends.store.dialect import Dialect, Row

_COLUMNS = "segment_id, block, accounts, checksum"
_SIZE_COLUMNS = "segment_id, accounts, version, checksum"
_SIZE = f"SELECT {_SIZE_COLUMNS} FROM membership_size WHERE segment_id = ?"
_SET_SIZE = "UPDATE membership_size SET accounts = ?, version = ?, checksum = ? WHERE segment_id = ?"
EVERY_SIZE = f"SELECT {_SIZE_COLUMNS} FROM membership_size ORDER BY segment_id"
_ALL = f"SELECT {_COLUMNS} FROM membership WHERE segment_id = ? ORDER BY block"
_BY_BLOCK = f"SELECT {_COLUMNS} FROM membership ORDER BY block, segment_id"
EVERY_BLOCK = f"SELECT {_COLUMNS} FROM membership ORDER BY segment_id, block"
_STORE = (
    f"INSERT INTO membership ({_COLUMNS}) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (segment_id, block)"
    " DO UPDATE SET accounts = excluded.accounts, checksum = excluded.checksum"
)
_MERGED = 1_000  # blocks that are read at a time


class Size:
    """A row of `membership_size`: how many accounts a segment has, and how often that was changed."""

    __slots__ = ("accounts", "segment_id", "version")

    def __init__(self, segment_id: int, accounts: int, version: int) -> None:
        self.segment_id = segment_id
        self.accounts = accounts
        self.version = version

    @classmethod
    def of(cls, row: Row) -> "Size":
        """The size in a row. Raises TypeError or ValueError if the row is damaged."""
        segment_id, accounts, version, checksum = row
        size = cls(segment_id, accounts, version)
        if checksum != size.checksum():
            raise ValueError(f"the count of the accounts of segment {segment_id!r} fails its checksum")
        return size

    def checksum(self) -> int:
        return crc32(b"%d %d %d" % (self.segment_id, self.accounts, self.version))


def size(connection: Connection, segment_id: int, *, lock: str = "") -> Size | None:
    """The stored number of accounts; None if there is no such segment. `lock` is that of the dialect.

    Raises ValueError if the segment exists, but not its number.
    """
    row = connection.execute(_SIZE + lock, [segment_id]).fetchone()
    if row is not None:
        return Size.of(row)
    for found in connection.execute("SELECT id FROM segment_record WHERE id = ?", [segment_id]):
        raise _no_count(found)
    return None


def sizes(connection: Connection, dialect: Dialect, segment_ids: Sequence[int]) -> dict[int, int]:
    """The stored numbers of the segments that exist, in one snapshot. Raises ValueError if one is missing."""
    rows = connection.execute(
        f"SELECT {_SIZE_COLUMNS} FROM membership_size WHERE segment_id {dialect.in_list}",
        [dialect.to_list(segment_ids)],
    )
    found = {size.segment_id: size.accounts for size in map(Size.of, rows)}
    missing = [segment_id for segment_id in segment_ids if segment_id not in found]
    if missing:
        for row in connection.execute(
            f"SELECT id FROM segment_record WHERE id {dialect.in_list}", [dialect.to_list(missing)]
        ):
            raise _no_count(row)
    return found


def read(connection: Connection, segment_id: int, report: ReportProgress) -> AccountSet:
    """All accounts of a segment in one snapshot, none if it does not exist.

    Raises ValueError if they are damaged.
    """
    stored = size(connection, segment_id)
    expected = 0 if stored is None else stored.accounts
    accounts = _merged(connection.execute(_ALL, [segment_id]), lambda done: report(done, expected))
    if len(accounts) != expected:
        raise ValueError(f"segment {segment_id} has {len(accounts)} accounts, but its count is {expected}")
    return accounts


def read_everything(connection: Connection) -> AccountSet:
    """The accounts that are in any segment, in one snapshot. Raises ValueError if they are damaged."""
    found = 0

    def decoded(rows: Iterable[Row]) -> Iterator[AccountSet]:
        nonlocal found
        for row in rows:
            accounts = blocks.decode(row)
            found += len(accounts)
            yield accounts

    rows = connection.execute(_BY_BLOCK)
    union = AccountSet.union(AccountSet.union(decoded(same)) for _, same in groupby(rows, lambda row: row[1]))
    for (expected,) in connection.execute("SELECT coalesce(sum(accounts), 0) FROM membership_size"):
        if found != expected:
            raise ValueError(f"it has {found} memberships, but the counts of its segments are {expected}")
    return union


def read_blocks(
    connection: Connection, dialect: Dialect, keys: Sequence[int]
) -> Iterator[tuple[int, AccountSet]]:
    """Those blocks of every segment, ascending by segment: its id and the accounts."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM membership WHERE block {dialect.in_list} ORDER BY segment_id, block",
        [dialect.to_list(keys)],
    )
    return ((row[0], blocks.decode(row)) for row in rows)


def add(connection: Connection, dialect: Dialect, size: Size, accounts: AccountSet) -> AccountSet:
    """Adds accounts to the segment whose size is locked; returns those that were not members."""
    return _change(connection, dialect, size, accounts, AccountSet.__or__)


def remove(connection: Connection, dialect: Dialect, size: Size, accounts: AccountSet) -> AccountSet:
    """Removes accounts from the segment whose size is locked; returns those that were members."""
    return _change(connection, dialect, size, accounts, AccountSet.__sub__)


def create(connection: Connection, segment_id: int) -> Size:
    """Makes room for the accounts of a new segment.

    The first version is random, so that no two states of the table add up to the same version.
    """
    size = Size(segment_id, 0, int.from_bytes(os.urandom(4), "big"))
    connection.execute(
        f"INSERT INTO membership_size ({_SIZE_COLUMNS}) VALUES (?, ?, ?, ?)",
        [segment_id, size.accounts, size.version, size.checksum()],
    )
    return size


def delete(connection: Connection, segment_id: int) -> None:
    """Deletes the count of a segment, which waits for other writers, and all memberships."""
    connection.execute("DELETE FROM membership_size WHERE segment_id = ?", [segment_id])
    connection.execute("DELETE FROM membership WHERE segment_id = ?", [segment_id])


def _change(
    connection: Connection,
    dialect: Dialect,
    size: Size,
    accounts: AccountSet,
    combine: Callable[[AccountSet, AccountSet], AccountSet],
) -> AccountSet:
    """Replaces the members in the blocks of `accounts`; returns the accounts whose membership changed."""
    segment_id = size.segment_id
    changes = []
    for part in _parts(accounts):
        members = _read_some(connection, dialect, segment_id, blocks.keys(part))
        wanted = combine(members, part)
        change = members ^ wanted
        if change:
            _write(connection, segment_id, wanted, blocks.keys(change))
            size.accounts += len(wanted) - len(members)
            changes.append(change)
    if changes:
        size.version += 1
        connection.execute(_SET_SIZE, [size.accounts, size.version, size.checksum(), segment_id])
    return AccountSet.union(changes)


def _parts(accounts: AccountSet) -> Iterable[AccountSet]:
    """Each is in a limited number of blocks; few accounts are one part, wherever they are."""
    if len(accounts) <= 1 << blocks.BATCH_BITS - blocks.BITS:
        return (accounts,)
    return (part for _, part in accounts.split(blocks.BATCH_BITS))


def _read_some(connection: Connection, dialect: Dialect, segment_id: int, keys: Sequence[int]) -> AccountSet:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM membership WHERE segment_id = ? AND block {dialect.in_list} ORDER BY block",
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
    """The accounts of rows of one segment, ascending by block; a limited number of rows is held at a time."""

    def decoded() -> Iterator[AccountSet]:
        done = 0
        remaining = iter(rows)
        while some := list(islice(remaining, _MERGED)):
            accounts = blocks.decode_all(some)
            done += len(accounts)
            report(done)
            yield accounts

    return AccountSet.union(decoded())


def _ignore(done: int) -> None:
    """Reports no progress."""


def _no_count(row: Row) -> ValueError:
    return ValueError(f"segment {row[0]} has no count of its accounts")
