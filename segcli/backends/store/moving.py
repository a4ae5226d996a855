"""Fills an empty store with everything that another store has, its history included."""

import os
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from segcli.account_set import NO_ACCOUNTS
from segcli.backends.history import Change, ChangeQuery, Moved
from segcli.backends.store import customer_rows, memberships, parts
from segcli.backends.store.kept_segments import insert_again, to_text
from segcli.backends.store.recorder import INSERT_ACCOUNTS, INSERTED
from segcli.backends.store.tables import CUSTOMER_INDEXES
from segcli.errors import ConflictError
from segcli.query.tree import SegmentQuery

if TYPE_CHECKING:
    from segcli.backends.base import Backend
    from segcli.backends.store.database import Connection, Database
    from segcli.backends.store.dialect import Row

_INSERT = f"INSERT INTO change (id, {INSERTED}) VALUES (?, ?{', ?' * INSERTED.count(',')})"
_BATCH = 1_000  # changes whose rows are held in memory
_CUSTOMERS = 10_000  # that are held in memory
_IS_USED = (
    "SELECT EXISTS (SELECT 1 FROM segment_record), EXISTS (SELECT 1 FROM change),"
    " EXISTS (SELECT 1 FROM membership_size), EXISTS (SELECT 1 FROM customer)"
)


def receive(database: "Database", source: "Backend") -> Moved:
    """Copies segments, accounts, changes and customers in one transaction; memory does not grow with them.

    All ids stay the same, and none that `source` ever used is used again. Raises ConflictError if the store
    is not empty.
    """
    with source.snapshot(), database.write() as connection:
        _require_empty(database, connection)
        segments, accounts = _copy_segments(database, connection, source)
        changes = _copy_changes(connection, source)
        customers = _copy_customers(database, connection, source)
        for table, last in zip(("segment_record", "change"), source.upkeep.last_ids(), strict=True):
            database.reserve_ids(connection, table, last)
        return Moved(segments, accounts, changes, customers)


def _require_empty(database: "Database", connection: "Connection") -> None:
    (found,) = connection.execute(_IS_USED).fetchall()
    if any(found):
        raise ConflictError(
            f"{database.place} is not empty: a history can only be copied into an empty store",
            hint="use a new store, or leave out --history",
        )


def _copy_segments(database: "Database", connection: "Connection", source: "Backend") -> tuple[int, int]:
    segments = accounts = 0
    for segment in source.iter_segments(SegmentQuery()).items:
        insert_again(connection, segment)
        size = memberships.create(connection, segment.id)
        members = source.get_segment_accounts(segment.id)
        if members:
            memberships.add(connection, database.dialect, size, members)
        segments += 1
        accounts += len(members)
    return segments, accounts


def _copy_customers(database: "Database", connection: "Connection", source: "Backend") -> int:
    count = 0
    customer_rows.lock(connection, database.dialect)
    customers = source.customers.list(SegmentQuery()).items
    with database.without_indexes(connection, CUSTOMER_INDEXES):
        while batch := list(islice(customers, _CUSTOMERS)):
            customer_rows.save(connection, database.dialect, batch, NO_ACCOUNTS, dry_run=False)
            count += len(batch)
    return count


def _copy_changes(connection: "Connection", source: "Backend") -> int:
    token = os.urandom(16).hex()
    history = source.history
    count = 0
    batch: list[Change] = []

    def write() -> None:
        connection.executemany(_INSERT, [_row(change, token) for change in batch])
        connection.executemany(INSERT_ACCOUNTS, _parts(batch, source))
        batch.clear()

    for change in history.changes(ChangeQuery()):
        batch.append(change)
        count += 1
        if len(batch) == _BATCH:
            write()
    write()
    return count


def _parts(changes: list[Change], source: "Backend") -> "Iterator[Row]":
    for change in changes:
        if change.kind != "baseline" and (change.joined or change.left):
            yield from parts.encode(change.id, change.segment_id, source.history.accounts(change))


def _row(change: Change, token: str) -> "Row":
    """The values of _INSERT. The first change of a run has no number of the run, as `tables` says."""
    return (
        change.id,
        token,
        None if change.run == change.id else change.run,
        change.undoes,
        change.at,
        change.by,
        change.command,
        change.reason,
        change.segment_id,
        change.code,
        change.kind,
        change.before and to_text(change.before),
        change.after and to_text(change.after),
        change.joined,
        change.left,
        change.digest,
        int(change.exact),
        int(change.complete),
    )
