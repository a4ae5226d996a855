"""What would change: each segment's fields and accounts, and the state that this was computed from."""

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.expressions.assertions import Assertion
from segcli.model import SegmentDraft

Action = Literal["add", "update", "delete", "none"]
_NOTHING = SegmentDraft(None)


class Base(NamedTuple):
    """A segment as it was when a plan was made: its id, a digest of what it contained, how many accounts.

    `accounts` is None if the membership was not read; then the digest does not cover it.
    """

    segment_id: int
    digest: str
    accounts: int | None


class Change:
    """What changes in one segment: from `old` to `new`, None if it does not exist before or after.

    `base` is what it was computed from, None for a new segment. `joined` and `left` are None if the
    membership is not managed; a segment that is deleted has all of its accounts in `left`.
    """

    __slots__ = ("base", "joined", "left", "new", "old")

    def __init__(
        self,
        old: SegmentDraft | None,
        new: SegmentDraft | None,
        *,
        base: Base | None = None,
        joined: AccountSet | None = None,
        left: AccountSet | None = None,
    ) -> None:
        self.old: Final = old
        self.new: Final = new
        self.base: Final = base
        self.joined: Final = joined
        self.left: Final = left

    @property
    def action(self) -> Action:
        if self.new is None:
            return "delete"
        if self.old is None:
            return "add"
        return "update" if self.new != self.old or self.joined or self.left else "none"

    @property
    def code(self) -> str:
        """The code after the change; of a segment that is deleted, the one it has."""
        return (self.new or self.old or _NOTHING).code or ""

    @property
    def renamed_from(self) -> str | None:
        if self.old is None or self.new is None or self.old.code == self.new.code:
            return None
        return self.old.code

    @property
    def fields(self) -> dict[str, tuple[str | None, str | None]]:
        """The fields that change, each with its old and its new value."""
        pairs = zip(SegmentDraft._fields, self.old or _NOTHING, self.new or _NOTHING, strict=True)
        return {name: (old, new) for name, old, new in pairs if old != new}

    def to_json(self) -> dict[str, Any]:
        """The item that `diff` and `apply` print."""
        accounts = None
        if self.joined is not None and self.left is not None:
            accounts = {"joined": len(self.joined), "left": len(self.left)}
        return {
            "code": self.code,
            "action": self.action,
            "renamedFrom": self.renamed_from,
            "fields": {name: list(values) for name, values in self.fields.items()},
            "accounts": accounts,
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and all(
            getattr(self, name) == getattr(other, name) for name in Change.__slots__
        )

    __hash__ = None  # type: ignore[assignment]  # sets of accounts have no hash


class Checked(NamedTuple):
    """An assertion of a SOURCE on the planned state: the numbers that it compared, and whether it holds."""

    assertion: Assertion
    accounts: int
    whole: int | None

    @property
    def holds(self) -> bool:
        return self.assertion.holds(self.accounts, self.whole or 0)


class Plan:
    """The changes that make the backend at `place` match a SOURCE, and the SOURCE's assertions.

    `atomic` says that the backend carries it out as one transaction, without requests. `unchanged` is how
    many segments of the SOURCE need no change and are not among the changes. `latency` is how many seconds a
    request takes.
    """

    __slots__ = ("atomic", "changes", "checks", "latency", "place", "unchanged", "warnings")

    def __init__(
        self,
        place: str,
        changes: Sequence[Change],
        checks: Sequence[Checked] = (),
        warnings: Sequence[str] = (),
        *,
        atomic: bool,
        unchanged: int = 0,
        latency: float = 0.0,
    ) -> None:
        self.atomic: Final = atomic
        self.place: Final = place
        self.changes: Final = changes
        self.checks: Final = checks
        self.warnings: Final = warnings
        self.unchanged: Final = unchanged
        self.latency: Final = latency

    def having(self, action: Action) -> list[Change]:
        return [change for change in self.changes if change.action == action]

    @property
    def effective(self) -> list[Change]:
        """The changes that change something, in the order of the SOURCE."""
        return [change for change in self.changes if change.action != "none"]

    @property
    def failed_checks(self) -> list[Checked]:
        return [each for each in self.checks if not each.holds]

    def summary(self) -> dict[str, int]:
        """How many segments have each action, and how many memberships begin and end."""
        counts = {"add": 0, "update": 0, "delete": 0, "none": self.unchanged, "joined": 0, "left": 0}
        for change in self.changes:
            counts[change.action] += 1
            counts["joined"] += len(change.joined or NO_ACCOUNTS)
            counts["left"] += len(change.left or NO_ACCOUNTS)
        return counts


def digest_of(draft: SegmentDraft, accounts: AccountSet | None) -> str:
    """The SHA-256 of a segment's fields and, if it was read, its membership; dates are not part of it."""
    import json
    from hashlib import sha256

    fields = [*draft, None if accounts is None else accounts.digest()]
    return sha256(json.dumps(fields).encode()).hexdigest()
