"""Format 1, which had a row for each membership, and its conversion to format 2.

It had no history: that starts with a baseline for each segment.
"""

import os
import shutil
import sqlite3
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain

from segcli.account_set import AccountSet
from segcli.backends.sqlite.dialect import SQLITE
from segcli.backends.sqlite.schema import Notify, create
from segcli.backends.store import memberships
from segcli.backends.store.baselines import Baselines, Contents
from segcli.backends.store.rows import now, require_id, segment_of
from segcli.backends.store.statements import INSERTED_COLUMNS, SEGMENT_COLUMNS, folded
from segcli.errors import StoreFullError

_ROWS = 100_000  # memberships read at a time
_REPORT_EVERY = 1.0  # seconds
_BLOCKS = 1 << 15  # of a segment at most
# What the new tables take at most, with their indexes.
_BLOCK_BYTES, _ACCOUNT_BYTES, _SEGMENT_BYTES = 80, 2, 1_300
_COPIES = 10  # of a text: itself, folded, which can be longer, in an index, and twice as JSON in its baseline
_TEXTS = """
    SELECT count(*), coalesce(sum(
        length(CAST(code AS BLOB)) + coalesce(length(CAST(name AS BLOB)), 0)
        + coalesce(length(CAST(description AS BLOB)), 0)
        + coalesce(length(CAST(create_by AS BLOB)), 0) + coalesce(length(CAST(update_by AS BLOB)), 0)
    ), 0) FROM segment
"""
_ORPHANS = "it contains accounts of segments that do not exist"
_STORE_SEGMENT = (
    f"INSERT INTO segment_record (id, {INSERTED_COLUMNS})"
    f" VALUES (?{', ?' * (INSERTED_COLUMNS.count(',') + 1)})"
)
_KEEP_USED_IDS = (
    "DELETE FROM sqlite_sequence WHERE name = 'segment_record'",
    "INSERT INTO sqlite_sequence SELECT 'segment_record', seq FROM sqlite_sequence WHERE name = 'segment'",
)


class _Progress:
    """Counts converted memberships, and reports the number about once a second."""

    def __init__(self, path: str, total: int, notify: Notify) -> None:
        self.done = 0
        self._path = path
        self._total = total
        self._notify = notify
        self._next = time.monotonic() + _REPORT_EVERY

    def add(self, count: int) -> None:
        self.done += count
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _REPORT_EVERY
            share = f"{self.done:,} of {self._total:,} memberships"
            self._notify(f"upgrading the store {self._path}: {share}")


def convert(connection: sqlite3.Connection, path: str, notify: Notify) -> None:
    """Converts the store in the transaction of `connection`; memory does not grow with its size.

    Raises StoreFullError, and TypeError or ValueError if a row is damaged.
    """
    (total,) = connection.execute("SELECT count(*) FROM segment_account").fetchone()
    _require_space(connection, path, total)
    progress = _Progress(path, total, notify)
    create(connection)
    baselines = Baselines(connection, now())
    for row in connection.execute(f"SELECT {SEGMENT_COLUMNS} FROM segment ORDER BY id"):
        segment = segment_of(row)
        _, code, name, description, _, _, create_by, update_by = row
        connection.execute(_STORE_SEGMENT, [*row, *folded(code, name, description, create_by, update_by)])
        size = memberships.create(connection, segment.id)
        baselines.add(segment, _convert_accounts(connection, size, progress))
    if progress.done != total:
        raise ValueError(_ORPHANS)
    for statement in _KEEP_USED_IDS:
        connection.execute(statement)
    with _without_overwriting(connection):
        connection.execute("DROP TABLE segment_account")
        connection.execute("DROP TABLE segment")


@contextmanager
def _without_overwriting(connection: sqlite3.Connection) -> Iterator[None]:
    """Some builds of SQLite overwrite what is deleted, which would write the old tables to the log.

    The store contains the same in its new tables, so there is nothing to hide.
    """
    (overwrites,) = connection.execute("PRAGMA secure_delete").fetchone()
    connection.execute("PRAGMA secure_delete = OFF")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA secure_delete = {overwrites}")


def verify(connection: sqlite3.Connection) -> None:
    """Checks what SQLite does not: that every membership has a segment, and the values of segments.

    Raises TypeError or ValueError for the first problem.
    """
    for row in connection.execute(f"SELECT {SEGMENT_COLUMNS} FROM segment"):
        segment_of(row)
    for _ in connection.execute("PRAGMA foreign_key_check(segment_account)"):
        raise ValueError(_ORPHANS)


def _convert_accounts(
    connection: sqlite3.Connection, size: memberships.Size, progress: _Progress
) -> Contents:
    digest = sha256()
    rows = connection.execute(
        "SELECT account_id FROM segment_account WHERE segment_id = ? ORDER BY account_id", [size.segment_id]
    )
    while some := rows.fetchmany(_ROWS):
        for end in (some[0], some[-1]):  # an array takes only integers, and they are in ascending order
            require_id(end[0])
        ids = array("I", chain.from_iterable(some))
        digest.update(ids)  # as AccountSet.digest does, but without the accounts of all rows
        accounts = AccountSet(ids)
        if len(accounts) != len(memberships.add(connection, SQLITE, size, accounts)):
            raise ValueError(f"accounts of segment {size.segment_id} are stored twice")
        progress.add(len(some))
    return Contents(size.accounts, digest.hexdigest())


def _require_space(connection: sqlite3.Connection, path: str, total: int) -> None:
    """Raises StoreFullError if the new tables might not fit on the disk, in the file and in its log.

    Blocks of few accounts take more space than their rows in format 1.
    """
    segments, texts = connection.execute(_TEXTS).fetchone()
    rows = min(total, segments * _BLOCKS) * _BLOCK_BYTES + segments * _SEGMENT_BYTES
    needed = 2 * (rows + total * _ACCOUNT_BYTES + texts * _COPIES)
    free = shutil.disk_usage(os.path.dirname(os.path.realpath(path))).free
    if free < needed:
        raise StoreFullError(
            f"the store {path} cannot be upgraded: that can take {needed:,} bytes, and the disk has {free:,}",
            hint="free some space and run the command again",
        )
