"""Records what a transaction changes: one change for each segment, in the same transaction.

A change has the segment before and after, and exactly the accounts that joined and left. Whatever happens to
a segment in one transaction is one change; if nothing is different at its end, there is none.
"""

import os
from typing import TYPE_CHECKING

from segcli.backends.origin import ChangedAccounts, Origin
from segcli.backends.store import parts
from segcli.backends.store.kept_segments import to_text
from segcli.backends.store.rows import actor, find
from segcli.errors import StoreError
from segcli.model import Segment, SegmentRef

if TYPE_CHECKING:
    from segcli.account_set import AccountSet
    from segcli.backends.history import Kind
    from segcli.backends.store.customer_rows import Versions
    from segcli.backends.store.database import Connection, Database
    from segcli.backends.store.dialect import Parameter

_TICK = 1_000  # microseconds between two changes of a segment, at least
INSERTED = (
    "token, run, undoes, changed_at, changed_by, command, reason, segment_id, code, kind,"
    " segment_before, segment_after, joined, departed, digest, is_exact, is_complete"
)
INSERT = f"INSERT INTO change ({INSERTED}) VALUES (?{', ?' * INSERTED.count(',')}) RETURNING id"
INSERT_ACCOUNTS = (
    f"INSERT INTO change_accounts ({parts.COLUMNS}) VALUES (?{', ?' * parts.COLUMNS.count(',')})"
)
_WAIT = "SELECT version FROM membership_size WHERE segment_id = ?"
_WAIT_FOR_NEW = (
    "INSERT INTO membership_size (segment_id, accounts, version, checksum) VALUES (?, 0, 0, 0)"
    " ON CONFLICT (segment_id) DO NOTHING"
)
_SAVED = "SELECT id FROM change WHERE segment_id = ? AND token = ?"
_LAST = "SELECT max(changed_at) FROM change WHERE segment_id = ?"
_LAST_WITH_CODE = "SELECT max(changed_at) FROM change WHERE code = ?"


def next_moment(connection: "Connection", now: int, segment_id: int, code: str | None = None) -> int:
    """`now`, or later: at least a tick after the last change of the segment, even if the clock was set back.

    With `code`, also after the one by which another segment gave up the code.
    """
    last = [_moment(connection, _LAST, segment_id)]
    if code is not None:
        last.append(_moment(connection, _LAST_WITH_CODE, code))
    return max([now, *(each + _TICK for each in last if each is not None)])


class _Entry:
    """What happened to one segment so far; `before` and `after` are only known if its row was changed."""

    __slots__ = ("after", "before", "is_known", "joined", "left")

    def __init__(self) -> None:
        self.is_known = False
        self.before: Segment | None = None
        self.after: Segment | None = None
        self.joined: AccountSet | None = None
        self.left: AccountSet | None = None

    @property
    def kind(self) -> "Kind":
        if self.before is None:
            return "add"
        if self.after is None:
            return "delete"
        return "accounts" if self.before == self.after else "update"


class Recorder:
    """Collects the changes of one transaction; `save` writes them before its end."""

    def __init__(self, database: "Database") -> None:
        # Tells after a lost connection whether the transaction was committed.
        self.token = os.urandom(16).hex()
        self._database = database
        self._run: int | None = None
        self._at: int | None = None  # of the changes so far
        self._entries: dict[int, _Entry] = {}
        self._customers: Versions | None = None
        self._last: tuple[int, bool] | None = None  # of what was saved: a segment, and whether it is new

    def segment(self, before: Segment | None, after: Segment | None) -> None:
        """A segment was created (`before` is None), changed, or deleted (`after` is None)."""
        for segment in (before, after):
            if segment is not None:
                entry = self._entry(segment.id)
                if not entry.is_known:
                    entry.is_known = True
                    entry.before = before
                entry.after = after

    def accounts(self, segment_id: int, joined: "AccountSet", left: "AccountSet") -> None:
        """Accounts became members, or are no longer members."""
        if not joined and not left:
            return
        entry = self._entry(segment_id)
        if entry.joined is None or entry.left is None:
            entry.joined, entry.left = joined, left
        else:
            entry.joined, entry.left = (
                (entry.joined - left) | (joined - entry.left),
                (entry.left - joined) | (left - entry.joined),
            )

    def customers(self, versions: "Versions") -> None:
        """Customers are changed in this transaction; the history does not record that."""
        first = versions if self._customers is None else self._customers
        self._customers = versions._replace(before=first.before)

    def save(self, connection: "Connection", origin: Origin | None) -> None:
        """Writes what was collected since the last call, as changes by `origin`, all at the same moment.

        The moment is later than every change that they follow, even if the clock was set back: the last one
        of the same segment, and the one by which another segment gave up the code.
        """
        origin = origin or Origin()
        entries, self._entries = self._entries, {}
        changed: dict[int, _Entry] = {}
        at = self._database.now() if self._at is None else self._at
        for segment_id, entry in sorted(entries.items()):
            if not entry.is_known:
                entry.before = entry.after = find(connection, SegmentRef(id=segment_id))
            if entry.before != entry.after or entry.joined or entry.left:
                changed[segment_id] = entry
                old, code = (each and each.code for each in (entry.before, entry.after))
                at = next_moment(connection, at, segment_id, None if code == old else code)
        for segment_id, entry in changed.items():
            self._at = at
            self._save(connection, segment_id, entry, origin, at)

    def was_saved(self, connection: "Connection") -> bool:
        """Whether the transaction whose changes were saved was committed.

        It may still be ending: this waits for its lock on a segment, or for the row that it inserted.
        """
        if self._last is None:
            return self._customers is None or self._were_customers_saved(connection, self._customers)
        segment_id, is_new = self._last
        if is_new:
            connection.execute(_WAIT_FOR_NEW, [segment_id])
        else:
            connection.execute(_WAIT + self._database.dialect.for_update, [segment_id])
        return connection.execute(_SAVED, [segment_id, self.token]).fetchone() is not None

    def _save(
        self, connection: "Connection", segment_id: int, entry: _Entry, origin: Origin, at: int
    ) -> None:
        segment = entry.before or entry.after
        change_id = connection.execute(
            INSERT,
            [
                self.token,
                self._run,
                origin.undoes,
                at,
                origin.by or actor(),
                origin.command,
                origin.reason,
                segment_id,
                segment.code if segment else "",
                entry.kind if origin.undoes is None else "undo",
                entry.before and to_text(entry.before),
                entry.after and to_text(entry.after),
                len(entry.joined or ()),
                len(entry.left or ()),
                None,
                1,
                1,
            ],
        ).fetchall()[0][0]
        if self._run is None:
            self._run = change_id
        self._last = segment_id, entry.before is None
        if entry.joined is not None and entry.left is not None:
            rows = parts.encode(change_id, segment_id, ChangedAccounts(entry.joined, entry.left))
            connection.executemany(INSERT_ACCOUNTS, rows)

    def _were_customers_saved(self, connection: "Connection", versions: "Versions") -> bool:
        """Raises StoreError if others changed them since, so that it is not known."""
        from segcli.backends.store import customer_rows

        found = customer_rows.locked_version(connection, self._database.dialect)
        if found not in versions:
            raise StoreError("others changed the customers meanwhile")
        return found == versions.after

    def _entry(self, segment_id: int) -> _Entry:
        return self._entries.setdefault(segment_id, _Entry())


def _moment(connection: "Connection", sql: str, value: "Parameter") -> int | None:
    found: int | None = connection.execute(sql, [value]).fetchall()[0][0]
    return found
