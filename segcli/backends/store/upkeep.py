"""Removing for good what a store remembers: the older part of its history, and accounts."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from segcli.account_set import AccountSet
from segcli.backends.base import ignore_progress
from segcli.backends.history import Forgotten, Pruned
from segcli.backends.origin import ChangedAccounts, Origin
from segcli.backends.store import blocks, customer_rows, memberships, parts
from segcli.backends.store.baselines import Baselines, Contents
from segcli.backends.store.past import PastReader
from segcli.backends.store.recorder import INSERT_ACCOUNTS

if TYPE_CHECKING:
    from segcli.backends.store.database import Connection, Database
    from segcli.backends.store.dialect import Row

_COUNT = "SELECT count(*) FROM change WHERE changed_at <= ? AND kind <> 'baseline'"
_OLD_SEGMENTS = "SELECT DISTINCT segment_id FROM change WHERE changed_at <= ? ORDER BY segment_id"
_LAST_ID = "SELECT max(id) FROM change"
_DELETE_OLD_ACCOUNTS = (
    "DELETE FROM change_accounts WHERE EXISTS (SELECT 1 FROM change WHERE change.id = change_id"
    " AND change.segment_id = change_accounts.segment_id AND changed_at <= ? AND change.id <= ?)"
)
_DELETE_OLD = "DELETE FROM change WHERE changed_at <= ? AND id <= ?"
_PARTS = f"SELECT {parts.COLUMNS} FROM change_accounts WHERE part = ?"
_WHERE = "WHERE change_id = ? AND segment_id = ? AND part = ?"
_PART = f"SELECT {parts.COLUMNS} FROM change_accounts {_WHERE}"
_DELETE_PART = f"DELETE FROM change_accounts {_WHERE}"
_LESS = "UPDATE change SET joined = joined - ?, departed = departed - ? WHERE id = ? AND segment_id = ?"
_DELETE_EMPTY = (
    "DELETE FROM change WHERE id = ? AND segment_id = ? AND joined = 0 AND departed = 0"
    " AND segment_before = segment_after"
)
_BASELINES = (
    "SELECT id, segment_id, changed_at, joined, digest FROM change WHERE kind = 'baseline'"
    " ORDER BY segment_id, id"
)
_SET_BASELINE = "UPDATE change SET joined = ?, digest = ? WHERE id = ? AND segment_id = ?"
_TEXTS = "SELECT id, segment_id, command, reason FROM change WHERE command IS NOT NULL OR reason IS NOT NULL"
_SET_TEXTS = "UPDATE change SET command = ?, reason = ? WHERE id = ? AND segment_id = ?"
_HIDDEN = "***"
# Part of a longer word, such as a code or a file name, only a long one is certainly meant as an id.
_NUMBER = re.compile(r"(?<![\w.-])0*[0-9]{1,10}(?![\w-])|(?<![0-9])0*[0-9]{5,10}(?![0-9])")


class StoreUpkeep:
    """Errors of the database are raised as StoreErrors.

    Without `baselines`, pruning writes none: the database has the changes of segments that are elsewhere.
    """

    def __init__(self, database: "Database", *, baselines: bool = True) -> None:
        self._database = database
        self._baselines = baselines

    def prune(self, moment: int, origin: Origin, *, dry_run: bool) -> Pruned:
        context = self._database.snapshot() if dry_run else self._database.write()
        with context as connection:
            ((changes,),) = connection.execute(_COUNT, [moment]).fetchall()
            if not changes:
                return Pruned(0, 0)
            old = []
            if self._baselines:
                old = [row[0] for row in connection.execute(_OLD_SEGMENTS, [moment]).fetchall()]
            if dry_run:
                past = PastReader(self._database, moment)
                return Pruned(changes, sum(past.exists(segment_id) for segment_id in old))
            ((last,),) = connection.execute(_LAST_ID).fetchall()
            baselines = Baselines(connection, moment, origin)
            self._write_baselines(connection, old, moment, baselines)
            connection.execute(_DELETE_OLD_ACCOUNTS, [moment, last])
            connection.execute(_DELETE_OLD, [moment, last])
            return Pruned(changes, baselines.count)

    def _write_baselines(
        self, connection: "Connection", segment_ids: Sequence[int], moment: int, baselines: Baselines
    ) -> None:
        past = PastReader(self._database, moment)
        for segment_id in segment_ids:
            memberships.size(connection, segment_id, lock=self._database.dialect.for_update)
            if past.exists(segment_id):
                accounts = past.get_segment_accounts(segment_id)
                baselines.add(past.get_segment(segment_id), Contents(len(accounts), accounts.digest()))

    def forget(self, accounts: AccountSet, *, dry_run: bool) -> Forgotten:
        if dry_run:
            with self._database.snapshot() as connection:
                return self._found(connection, accounts)
        with self._database.overwriting():
            with self._database.snapshot() as connection:
                found = self._found(connection, accounts)
            if any(found):
                with self._database.write() as connection:
                    found = self._forget(connection, accounts)
        return found

    def older_format(self) -> int | None:
        return self._database.older_format()

    def upgrade(self) -> None:
        self._database.upgrade()

    def last_ids(self) -> tuple[int, int]:
        with self._database.snapshot() as connection:
            last = self._database.last_id
            return last(connection, "segment_record"), last(connection, "change")

    def _found(self, connection: "Connection", accounts: AccountSet) -> Forgotten:
        changes = {row[0] for row in _rows_with(connection, accounts)}
        changes |= {row[2] for row in _texts_without(connection, accounts)}
        customers = customer_rows.count(connection, self._database.dialect, accounts)
        return Forgotten(len(self._segments_with(connection, accounts)), len(changes), customers)

    def _forget(self, connection: "Connection", accounts: AccountSet) -> Forgotten:
        customers = self._delete_customers(connection, accounts)
        self._correct_baselines(connection, accounts)
        segment_ids = self._segments_with(connection, accounts)
        dialect = self._database.dialect
        for segment_id in segment_ids:
            size = memberships.size(connection, segment_id, lock=dialect.for_update)
            if size is not None:
                memberships.remove(connection, dialect, size, accounts)
        texts = list(_texts_without(connection, accounts))
        connection.executemany(_SET_TEXTS, texts)
        changes = {row[2] for row in texts}
        for key in [row[:3] for row in _rows_with(connection, accounts)]:
            _remove_from_change(connection, key, accounts)
            changes.add(key[0])
        return Forgotten(len(segment_ids), len(changes), customers)

    def _delete_customers(self, connection: "Connection", accounts: AccountSet) -> int:
        dialect = self._database.dialect
        if not customer_rows.count(connection, dialect, accounts):
            return 0
        customer_rows.lock(connection, dialect)
        return customer_rows.delete(connection, dialect, accounts)

    def _segments_with(self, connection: "Connection", accounts: AccountSet) -> list[int]:
        """The segments that have some of the accounts."""
        found = set()
        for _, some in accounts.split(blocks.BATCH_BITS):
            read = memberships.read_blocks(connection, self._database.dialect, blocks.keys(some))
            found |= {segment_id for segment_id, members in read if members.count_common(some)}
        return sorted(found)

    def _correct_baselines(self, connection: "Connection", accounts: AccountSet) -> None:
        """Makes the baselines those of the accounts that are left. Raises ValueError if one is damaged."""
        for change_id, segment_id, at, joined, digest in connection.execute(_BASELINES).fetchall():
            memberships.size(connection, segment_id, lock=self._database.dialect.for_update)
            members = PastReader(self._database, at).get_segment_accounts(segment_id, ignore_progress)
            if members.count_common(accounts):
                if (len(members), members.digest()) != (joined, digest):
                    raise ValueError(f"change {change_id} is a baseline of other accounts")
                rest = members - accounts
                connection.execute(_SET_BASELINE, [len(rest), rest.digest(), change_id, segment_id])


def _rows_with(connection: "Connection", accounts: AccountSet) -> "Iterator[Row]":
    """The rows of `change_accounts` that have some of the accounts."""
    for part, some in accounts.split(parts.BITS):
        for row in connection.execute(_PARTS, [part]):
            changed = parts.decode(row)
            if changed.joined.count_common(some) or changed.left.count_common(some):
                yield row


def _remove_from_change(connection: "Connection", key: "Row", accounts: AccountSet) -> None:
    """Removes accounts from a part of a change, and the change if nothing is left of it."""
    change_id, segment_id, _ = key
    (row,) = connection.execute(_PART, key).fetchall()
    joined, left = parts.decode(row)
    rest = ChangedAccounts(joined - accounts, left - accounts)
    connection.execute(_DELETE_PART, key)
    connection.executemany(INSERT_ACCOUNTS, parts.encode(change_id, segment_id, rest))
    fewer = [len(joined) - len(rest.joined), len(left) - len(rest.left)]
    connection.execute(_LESS, [*fewer, change_id, segment_id])
    connection.execute(_DELETE_EMPTY, [change_id, segment_id])


def _texts_without(connection: "Connection", accounts: AccountSet) -> "Iterator[Row]":
    """The command, reason, id and segment of each change whose texts name an account, which is hidden."""

    def hide(match: re.Match[str]) -> str:
        return _HIDDEN if int(match[0]) in accounts else match[0]

    for change_id, segment_id, *texts in connection.execute(_TEXTS):
        new = [text and _NUMBER.sub(hide, text) for text in texts]
        if new != texts:
            yield *new, change_id, segment_id
