"""What became of a set of accounts, as it is counted while they are sent."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from segcli.errors import SegcliError
from segcli.model import AccountSet

NAMED = 10  # accounts that a message names; the others are counted


class Sent(NamedTuple):
    """What one request or statement did: accounts changed, and accounts found so already.

    `already` is None where the backend cannot know; then `changed` are those that it acknowledged.
    `strangers` are those of `already` that a message may name.
    """

    changed: int
    already: int | None
    strangers: Sequence[int] = ()


Send = Callable[[AccountSet], Sent]


class Failure(NamedTuple):
    """An account that was refused for itself, and why."""

    account_id: int
    error: SegcliError


class Outcome:
    """The counts of a run on `total` accounts, of which an earlier run had done `resumed`.

    `stopped_by` ended it before its end; then `resumable` says whether a journal knows how far it came.
    """

    def __init__(self, total: int, resumed: int = 0) -> None:
        self.total = total
        self.resumed = resumed
        self.resumable = False
        self.changed = 0
        self.already: int | None = 0
        self.strangers: list[int] = []
        self.failures: list[Failure] = []
        self.chunks = 0
        self.stopped_by: SegcliError | None = None

    @property
    def through(self) -> int:
        """The accounts that this run has done."""
        return self.changed + (self.already or 0)

    def followed_by(self, other: "Outcome") -> "Outcome":
        """The counts of two runs, one after the other, as those of one."""
        both = Outcome(self.total + other.total, self.resumed + other.resumed)
        both.changed = self.changed + other.changed
        both.already = _sum(self.already, other.already)
        both.strangers = [*self.strangers, *other.strangers]
        both.failures = [*self.failures, *other.failures]
        both.chunks = self.chunks + other.chunks
        both.stopped_by = self.stopped_by or other.stopped_by
        return both

    def count(self, sent: Sent) -> None:
        """One more request or statement that was carried out."""
        self.chunks += 1
        self.changed += sent.changed
        self.already = _sum(self.already, sent.already)
        if len(self.strangers) < NAMED:
            self.strangers += sent.strangers[: NAMED - len(self.strangers)]


def _sum(one: int | None, other: int | None) -> int | None:
    """None where one of them is not known."""
    return None if one is None or other is None else one + other
