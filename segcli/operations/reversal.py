"""What reverting changes takes, and whether it is possible: that depends on the state, not on the log.

A change can be reverted if the fields that it altered are what it left, every account that joined is a member
and every account that left is not. Dates do not count: every later change of a segment changes them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from segcli.account_set import NO_ACCOUNTS, AccountSet, name_some
from segcli.backends.base import Backend, code_taken
from segcli.backends.history import Change
from segcli.backends.origin import ChangedAccounts
from segcli.errors import AlreadyExistsError, ConflictError, NotFoundError
from segcli.model import Segment, SegmentDraft, SegmentRef

Action = Literal["delete", "restore", "update", "accounts"]
Started = Mapping[int, Sequence[Change]]  # by change, what stopped before it had reverted all of it


class Step(NamedTuple):
    """How one change is reverted: `segment` is the one to restore or delete, or as it will be."""

    change: Change
    action: Action
    segment: Segment
    joined: int  # accounts
    left: int


def altered(change: Change) -> list[str]:
    """The fields that the change altered, without dates and users."""
    before, after = change.before, change.after
    if before is None or after is None:
        return []
    return [name for name in SegmentDraft._fields if getattr(before, name) != getattr(after, name)]


def reverted_fields(change: Change, segment: Segment) -> Segment:
    """The segment with the fields that the change altered as they were before it."""
    return segment._replace(**{name: getattr(change.before, name) for name in altered(change)})


def accounts_of(backend: Backend, change: Change, started: Started) -> ChangedAccounts:
    """The accounts of a change, without those that were already reverted."""
    joined, left = backend.history.accounts(change)
    for done in map(backend.history.accounts, started.get(change.id, ())):
        joined, left = joined - done.left, left - done.joined
    return ChangedAccounts(joined, left)


def restored_by(change: Change, started: Started) -> Segment | None:
    """The segment that was already created again for a change that deleted it."""
    if change.after is not None:
        return None
    return next((undo.after for undo in started.get(change.id, ()) if undo.after), None)


def plan(backend: Backend, changes: Sequence[Change], started: Started) -> list[Step]:
    """How to revert the changes, the newest first, one after the other. Nothing is written.

    A change of one segment waits for that of another one which frees its code. Raises ConflictError for the
    first that cannot be reverted.
    """
    state = _State(backend, started, Counter(change.segment_id for change in changes))
    pending = sorted(changes, key=lambda change: change.id, reverse=True)
    steps: list[Step] = []
    while pending:
        waiting: dict[int, ConflictError] = {}  # by segment, whose changes keep their order
        deferred = []
        for change in pending:
            if change.segment_id not in waiting:
                try:
                    steps.append(state.revert(change))
                    continue
                except AlreadyExistsError as error:
                    waiting[change.segment_id] = error
            deferred.append(change)
        if len(deferred) == len(pending):
            raise next(iter(waiting.values()))
        pending = deferred
    return steps


class _State:
    """The segments and their accounts as the steps so far would leave them."""

    def __init__(self, backend: Backend, started: Started, uses: "Counter[int]") -> None:
        self._backend = backend
        self._started = started
        self._uses = uses  # changes of each segment that are left: its accounts are kept for those only
        self._segments: dict[int, Segment | None] = {}
        self._members: dict[int, AccountSet] = {}

    def revert(self, change: Change) -> Step:
        if change.kind == "baseline":
            raise _conflict(change, "it is where the history of the segment starts")
        if not change.exact:
            unknown = "which of the accounts were already members"
            if change.after is None:
                unknown = "which accounts the segment had"
            raise _conflict(change, f"it is not known {unknown}")
        accounts = accounts_of(self._backend, change, self._started)
        if change.before is None:
            step, members = self._delete(change, accounts), NO_ACCOUNTS
        elif change.after is None:
            step, members = self._restore(change, change.before, accounts), accounts.left
        else:
            step, members = self._change(change, accounts)
        self._segments[change.segment_id] = None if step.action == "delete" else step.segment
        self._uses[change.segment_id] -= 1
        if self._uses[change.segment_id]:
            self._members[change.segment_id] = members
        else:
            self._members.pop(change.segment_id, None)
        return step

    def _delete(self, change: Change, accounts: ChangedAccounts) -> Step:
        segment = self._existing(change)
        _require_fields(change, segment, SegmentDraft._fields)
        members = self._members_of(change)
        _require_members(change, segment, accounts.joined - members)
        if added := members - accounts.joined:
            raise _conflict(change, f"{_are(added, 'now')} of {_named(segment)}")
        return Step(change, "delete", segment, 0, len(members))

    def _restore(self, change: Change, segment: Segment, accounts: ChangedAccounts) -> Step:
        restored = restored_by(change, self._started)
        if restored is None:
            self._require_free(change, segment)
            if self._find(change.segment_id) is not None:
                raise _conflict(change, f"{_named(segment)} exists again")
        return Step(change, "restore", restored or segment, len(accounts.left), 0)

    def _change(self, change: Change, accounts: ChangedAccounts) -> tuple[Step, AccountSet]:
        segment = self._existing(change)
        names = altered(change)
        new = reverted_fields(change, segment)
        if change.id not in self._started or new != segment:
            _require_fields(change, segment, names)
        if "code" in names:
            self._require_free(change, new)
        action: Action = "accounts" if change.before == change.after else "update"
        step = Step(change, action, new, len(accounts.left), len(accounts.joined))
        if not any(accounts) and change.segment_id not in self._members:
            return step, NO_ACCOUNTS if self._uses[change.segment_id] < 2 else self._members_of(change)
        members = self._members_of(change)
        _require_members(change, segment, accounts.joined - members)
        if again := accounts.left & members:
            raise _conflict(change, f"{_are(again, 'again')} of {_named(segment)}")
        return step, (members - accounts.joined) | accounts.left

    def _existing(self, change: Change) -> Segment:
        segment = self._find(change.segment_id)
        if segment is None:
            known = change.after or change.before
            raise _conflict(change, f"{_named(known) if known else change.code} was deleted")
        return segment

    def _find(self, segment_id: int) -> Segment | None:
        if segment_id not in self._segments:
            try:
                self._segments[segment_id] = self._backend.get_segment(segment_id)
            except NotFoundError:
                self._segments[segment_id] = None
        return self._segments[segment_id]

    def _require_free(self, change: Change, segment: Segment) -> None:
        """Raises AlreadyExistsError if another segment has the code."""
        others = [each for each in self._segments.values() if each and each.code == segment.code]
        try:
            found = self._backend.find_segment(SegmentRef(code=segment.code))
        except NotFoundError:
            pass
        else:
            if found.id not in self._segments:
                others.append(found)
        if any(other.id != segment.id for other in others):
            raise code_taken(segment.code).with_context(before=_failed(change))

    def _members_of(self, change: Change) -> AccountSet:
        if change.segment_id not in self._members:
            self._members[change.segment_id] = self._backend.get_segment_accounts(change.segment_id)
        return self._members[change.segment_id]


def _require_fields(change: Change, segment: Segment, names: Sequence[str]) -> None:
    for name in names:
        if (getattr(segment, name) or None) != (getattr(change.after, name) or None):
            raise _conflict(change, f"the {name} of {_named(segment)} was changed after it")


def _require_members(change: Change, segment: Segment, missing: AccountSet) -> None:
    if missing:
        raise _conflict(change, f"{_are(missing, 'no longer')} of {_named(segment)}")


def _are(accounts: AccountSet, when: str) -> str:
    """That accounts are members, or not."""
    named = name_some(accounts)
    return (
        f"account {named} is {when} a member"
        if len(accounts) == 1
        else f"accounts {named} are {when} members"
    )


def _named(segment: Segment) -> str:
    return f"{segment.code} (id {segment.id})"


def _failed(change: Change) -> str:
    return f"change {change.id} cannot be undone"


def _conflict(change: Change, reason: str) -> ConflictError:
    return ConflictError(f"{_failed(change)}: {reason}", hint=f"show it with: segments change {change.id}")
