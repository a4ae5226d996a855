"""What was done with a set of accounts, counted while they are sent."""

from collections.abc import Callable
from typing import NamedTuple

from segcli.account_set import MAX_NAMED, NO_ACCOUNTS, AccountSet
from segcli.errors import SegcliError


class Sent(NamedTuple):
    """What one request or transaction did: accounts changed, and accounts that needed no change.

    `unchanged` is None if the backend cannot know; then `changed` counts all that it acknowledged.
    `not_members` are accounts that could not be removed because they were not members.
    """

    changed: int
    unchanged: int | None
    not_members: AccountSet = NO_ACCOUNTS


Send = Callable[[AccountSet], Sent]


class Failure(NamedTuple):
    """An account that was rejected, and why."""

    account_id: int
    error: SegcliError


class Outcome:
    """The counts of a run on `total` accounts, of which an earlier run had done `resumed`.

    `stopped_by` is the error that ended the run early; then `resumable` says whether a journal knows
    what was done.
    """

    def __init__(self, total: int, resumed: int = 0) -> None:
        self.total = total
        self.resumed = resumed
        self.resumable = False
        self.changed = 0
        self.unchanged: int | None = 0
        self.not_members: list[int] = []
        self.failures: list[Failure] = []
        self.chunks = 0
        self.stopped_by: SegcliError | None = None

    @property
    def processed(self) -> int:
        """The accounts that this run has finished."""
        return self.changed + (self.unchanged or 0)

    def followed_by(self, other: "Outcome") -> "Outcome":
        """The counts of two runs, one after the other, as one outcome."""
        both = Outcome(self.total + other.total, self.resumed + other.resumed)
        both.changed = self.changed + other.changed
        both.unchanged = _sum(self.unchanged, other.unchanged)
        both.not_members = [*self.not_members, *other.not_members]
        both.failures = [*self.failures, *other.failures]
        both.chunks = self.chunks + other.chunks
        both.stopped_by = self.stopped_by or other.stopped_by
        return both

    def count(self, sent: Sent) -> None:
        """Adds one more request or transaction."""
        self.chunks += 1
        self.changed += sent.changed
        self.unchanged = _sum(self.unchanged, sent.unchanged)
        if len(self.not_members) < MAX_NAMED:
            self.not_members += sent.not_members[: MAX_NAMED - len(self.not_members)]


def _sum(one: int | None, other: int | None) -> int | None:
    """None if either is not known."""
    return None if one is None or other is None else one + other
