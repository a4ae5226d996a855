"""What a backend remembers of its changes: their values, and the interface to read and revert them.

A *change* is what one transaction did to one segment; the changes of one transaction are a *run*.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol

from segcli.model import Segment, SegmentRef
from segcli.query.values import MICROSECONDS

if TYPE_CHECKING:
    from segcli.account_set import AccountSet
    from segcli.backends.origin import ChangedAccounts, Origin

Kind = Literal["add", "update", "delete", "accounts", "undo", "baseline"]


class Change(NamedTuple):
    """One change. `at` is in microseconds since 1970 UTC; `joined` and `left` are numbers of accounts.

    `before` is None if the segment did not exist, `after` if it was deleted. `undoes` is the change that it
    reverted. `exact` says whether exactly these accounts joined and left, rather than what was requested;
    `complete` whether the run that made it ended, so that nothing is missing. A baseline is where the history
    of a segment starts; `digest` is that of its accounts then, and `joined` their number.
    """

    id: int
    run: int
    undoes: int | None
    at: int
    by: str | None
    command: str | None
    reason: str | None
    segment_id: int
    code: str
    kind: Kind
    before: Segment | None
    after: Segment | None
    joined: int
    left: int
    digest: str | None = None
    exact: bool = True
    complete: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "run": self.run,
            "at": format_moment(self.at),
            "by": self.by,
            "command": self.command,
            "reason": self.reason,
            "segmentId": self.segment_id,
            "code": self.code,
            "kind": self.kind,
            "joined": self.joined,
            "left": self.left,
            "undoes": self.undoes,
            "exact": self.exact,
            "complete": self.complete,
            "before": self.before.to_json() if self.before else None,
            "after": self.after.to_json() if self.after else None,
        }


class ChangeQuery:
    """Which changes to read; every condition that is given must hold. Moments are inclusive.

    `code` is one that the segment had at the time of a change, or has now: all changes of such segments.
    """

    __slots__ = ("account_id", "by", "limit", "segment", "since", "until")

    def __init__(
        self,
        *,
        segment: SegmentRef | None = None,
        account_id: int | None = None,
        by: str | None = None,
        since: int | None = None,
        until: int | None = None,
        limit: int | None = None,
    ) -> None:
        self.segment: Final = segment
        self.account_id: Final = account_id
        self.by: Final = by
        self.since: Final = since
        self.until: Final = until
        self.limit: Final = limit


class History(Protocol):
    """The changes of a backend."""

    def changes(self, query: ChangeQuery) -> Iterator[Change]:
        """The changes, newest first, streamed from one snapshot. Raises NotFoundError for the segment."""

    def change(self, change_id: int) -> Change:
        """Raises NotFoundError."""

    def run(self, run: int) -> Sequence[Change]:
        """The changes of a run, newest first. Raises NotFoundError."""

    def accounts(self, change: Change) -> "ChangedAccounts":
        """The accounts of a change. Raises NotFoundError, ConflictError if it is not as it was read."""


class Pruned(NamedTuple):
    """What pruning removes, or would: changes, and the baselines that take their place."""

    changes: int
    baselines: int


class Forgotten(NamedTuple):
    """Where accounts are removed from, or would be: segments, changes of the history, and customers."""

    segments: int
    changes: int
    customers: int = 0


class Moved(NamedTuple):
    """How much a store received from another one."""

    segments: int
    accounts: int
    changes: int
    customers: int = 0


class Upkeep(Protocol):
    """Removing for good what a backend remembers; each is one transaction, and records no change."""

    def prune(self, moment: int, origin: "Origin", *, dry_run: bool) -> Pruned:
        """Removes the changes up to `moment`; a baseline of that moment takes the place of a segment's.

        `origin` is who made the baselines. They are only written if there are other changes to remove.
        """

    def forget(self, accounts: "AccountSet", *, dry_run: bool) -> Forgotten:
        """Removes accounts from all memberships, changes and customers, also from what is left in files."""

    def older_format(self) -> int | None:
        """The format of the store, if it is older than the present one."""

    def upgrade(self) -> None:
        """Converts an older store to the present format. Raises StoreError."""

    def last_ids(self) -> tuple[int, int]:
        """The highest ids that a segment and a change ever had; 0 if there was none."""


def format_moment(at: int) -> str:
    """Microseconds since 1970 UTC as RFC 3339, with milliseconds."""
    from datetime import UTC, datetime

    seconds, rest = divmod(at, MICROSECONDS)
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=rest)
    return moment.isoformat(timespec="milliseconds") + "Z"
