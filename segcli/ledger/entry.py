"""What one run did to one segment of a tenant, computed from what the tenant acknowledged."""

from typing import TYPE_CHECKING

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.store.change_log import LoggedChange

if TYPE_CHECKING:
    from segcli.backends.history import Kind
    from segcli.backends.origin import Origin
    from segcli.model import Segment


class Members:
    """The accounts of a segment as this run knows them; `accounts` is None if it has not read them."""

    __slots__ = ("accounts",)

    def __init__(self, accounts: AccountSet | None = None) -> None:
        self.accounts = accounts


class Entry(LoggedChange):
    """A change that is being made. Not safe for threads.

    `settle` computes what joined and left from the acknowledgments so far: it is called rarely, because
    a set of millions is not copied for each of thousands of chunks.
    """

    def __init__(
        self,
        origin: "Origin",
        kind: "Kind",
        segment_id: int,
        code: str,
        before: "Segment | None",
        after: "Segment | None",
        members: Members,
    ) -> None:
        super().__init__(origin, kind, segment_id, code, before, after)
        self.members = members
        self.unsaved = True
        self.running = 0  # requests without a response
        self.uncertain = False  # whether a request may have been executed or not
        self._added: list[AccountSet] = []
        self._removed: list[AccountSet] = []

    @property
    def did_nothing(self) -> bool:
        """Whether the segment is certainly as it was."""
        if self.running or self.uncertain or self.joined or self.left:
            return False
        return self.before == self.after

    def acknowledge(self, *, added: AccountSet = NO_ACCOUNTS, removed: AccountSet = NO_ACCOUNTS) -> None:
        """The tenant has added or removed accounts; those that were not members are not in `removed`."""
        self.unsaved = True
        if added:
            if self._removed:
                self.settle()
            self._added.append(added)
        if removed:
            if self._added:
                self.settle()
            self._removed.append(removed)

    def settle(self) -> None:
        """Computes the accounts that joined and left."""
        added, self._added = AccountSet.union(self._added), []
        removed, self._removed = AccountSet.union(self._removed), []
        members = self.members.accounts
        joined = added
        if members is None:
            self.exact = self.exact and not added
        else:
            joined = added - members
            self.members.accounts = (members | added) - removed
        self.joined, self.left = (
            (self.joined - removed) | (joined - self.left),
            (self.left - joined) | (removed - self.joined),
        )
