"""Writes changes that happened elsewhere, such as on a tenant, into the tables of a store's history."""

import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from segcli.account_set import NO_ACCOUNTS
from segcli.backends.history import Kind
from segcli.backends.origin import ChangedAccounts, Origin
from segcli.backends.store import parts
from segcli.backends.store.kept_segments import to_text
from segcli.backends.store.recorder import INSERT, INSERT_ACCOUNTS, next_moment
from segcli.backends.store.rows import actor

if TYPE_CHECKING:
    from segcli.account_set import AccountSet
    from segcli.backends.store.database import Connection, Database
    from segcli.model import Segment

_UPDATE = (
    "UPDATE change SET segment_id = ?, code = ?, kind = ?, segment_before = ?, segment_after = ?, joined = ?,"
    " departed = ?, is_exact = ?, is_complete = ? WHERE id = ?"
)


class LoggedChange:
    """A change as far as it is known; `id` is None until it was saved.

    `segment_id` is 0 while the segment of an `add` has no id.
    """

    def __init__(
        self,
        origin: Origin,
        kind: Kind,
        segment_id: int,
        code: str,
        before: "Segment | None",
        after: "Segment | None",
    ) -> None:
        self.id: int | None = None
        self.origin = origin
        self.kind = kind
        self.segment_id = segment_id
        self.code = code
        self.before = before
        self.after = after
        self.joined: AccountSet = NO_ACCOUNTS
        self.left: AccountSet = NO_ACCOUNTS
        self.exact = True
        self.complete = False

    def values(self) -> list[str | int | None]:
        """The values of _UPDATE without the id."""
        return [
            self.segment_id,
            self.code,
            self.kind if self.origin.undoes is None else "undo",
            self.before and to_text(self.before),
            self.after and to_text(self.after),
            len(self.joined),
            len(self.left),
            int(self.exact),
            int(self.complete),
        ]


class ChangeLog:
    """The changes of one run, each saved as often as more is known about it. Raises StoreError."""

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._token = os.urandom(16).hex()
        self._run: int | None = None

    def transaction(self) -> AbstractContextManager[None]:
        """Makes what is saved in the block one transaction."""
        return self._database.transaction()

    def save(self, change: LoggedChange) -> None:
        """Writes the change, or what is known about it now."""
        with self._database.write() as connection:
            if change.id is None:
                change_id = self._insert(connection, change)
            elif self._update(connection, change):
                change_id = change.id
            else:
                return  # another process has pruned it
            rows = parts.encode(change_id, change.segment_id, ChangedAccounts(change.joined, change.left))
            connection.executemany(INSERT_ACCOUNTS, rows)
        change.id = change_id
        if self._run is None:
            self._run = change_id

    def remove(self, change: LoggedChange) -> None:
        """Deletes a change that did nothing."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM change_accounts WHERE change_id = ?", [change.id])
            connection.execute("DELETE FROM change WHERE id = ?", [change.id])

    def close(self) -> None:
        self._database.close()

    def _insert(self, connection: "Connection", change: LoggedChange) -> int:
        segment_id, code, kind, before, after, joined, left, exact, complete = change.values()
        origin = change.origin
        at = next_moment(connection, self._database.now(), change.segment_id)
        by = origin.by or actor()
        head = [self._token, self._run, origin.undoes, at, by, origin.command, origin.reason]
        values = [*head, segment_id, code, kind, before, after, joined, left, None, exact, complete]
        change_id: int = connection.execute(INSERT, values).fetchall()[0][0]
        return change_id

    def _update(self, connection: "Connection", change: LoggedChange) -> bool:
        """Whether the change is still there."""
        if not connection.execute(_UPDATE, [*change.values(), change.id]).rowcount:
            return False
        connection.execute("DELETE FROM change_accounts WHERE change_id = ?", [change.id])
        return True
