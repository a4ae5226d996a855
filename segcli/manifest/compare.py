"""Compares what a SOURCE asks for with what a backend has."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.base import Backend, checked_draft
from segcli.errors import ConflictError, UsageError
from segcli.manifest.desired import Desired, DesiredSegment
from segcli.manifest.plan import Base, Change, Plan, digest_of
from segcli.manifest.planned_checks import PlannedState
from segcli.manifest.renames import present_codes
from segcli.model import Segment, SegmentDraft
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_MAX_WARNINGS = 5


class Pruning(NamedTuple):
    """Whether segments that a SOURCE does not have are deleted, but those whose code `keeps` matches."""

    prune: bool = False
    keeps: Callable[[str], bool] = lambda _: False


NO_PRUNING = Pruning()


class _Pair(NamedTuple):
    """A segment as it is, and as it should be; None if it does not exist, or should not."""

    present: Segment | None
    wanted: SegmentDraft | None
    accounts: AccountSet | None = None
    keeps_others: bool = False  # members that are not among the accounts

    @property
    def reads_accounts(self) -> bool:
        return self.accounts is not None or self.wanted is None


def plan_for(backend: Backend, terminal: Terminal, desired: Desired, pruning: Pruning = NO_PRUNING) -> Plan:
    """What makes the backend match `desired`; reads from one state of it, and changes nothing.

    Raises UsageError for a segment that cannot exist, ConflictError, and NotFoundError if a check names a
    segment that will not exist.
    """
    with backend.snapshot():
        segments, latency = read_segments(backend)
        present = {segment.code: segment for segment in segments}
        pairs = _pair(desired.segments, present, pruning)
        ids = [pair.present.id for pair in pairs if pair.present and pair.reads_accounts]
        after = {each.present.id: each.wanted and each.wanted.code for each in pairs if each.present}
        planned = PlannedState(desired.checks, segments, after)
        wanted = list(dict.fromkeys([*ids, *planned.segment_ids]))
        with Progress(terminal, "reading members", retries=lambda: backend.retries) as progress:
            memberships = backend.get_memberships(wanted, progress.update, known=planned.needs_all)
    changes = [_change(pair, memberships.of) for pair in pairs]
    checks = planned.evaluate(changes, memberships)
    warnings = [*desired.warnings, *_warnings(changes)]
    return Plan(backend.place, changes, checks, warnings, atomic=backend.atomic, latency=latency)


def read_segments(backend: Backend) -> tuple[list[Segment], float]:
    """Every segment, and the seconds that the first request took."""
    start = time.monotonic()
    items = backend.iter_segments(SegmentQuery(page_size=MAX_PAGE_SIZE)).items
    latency = time.monotonic() - start
    return list(items), latency


def draft_of(segment: Segment) -> SegmentDraft:
    """The fields of a segment; an empty text is the same as none."""
    return SegmentDraft(segment.code, segment.name or None, segment.description or None)


def _pair(wanted: Sequence[DesiredSegment], present: Mapping[str, Segment], pruning: Pruning) -> list[_Pair]:
    """Pairs each segment of the SOURCE with the present one; the pruned segments follow, by code."""
    codes: set[str] = set()
    for each in wanted:
        if each.code in codes:
            raise UsageError(f"{each.code} appears twice in the source")
        codes.add(each.code)
    old_codes = present_codes(wanted, present.keys())
    pairs = []
    for each in wanted:
        found = present[old_codes[each.code]] if each.code in old_codes else None
        if not each.absent:
            draft = SegmentDraft(each.code, each.name or None, each.description or None)
            pairs.append(_Pair(found, _checked(draft, found), each.accounts, each.keeps_others))
        elif found is not None:
            pairs.append(_Pair(found, None))
    if pruning.prune:
        kept = codes.union(old_codes.values())
        pruned = (code for code in present if code not in kept and not pruning.keeps(code))
        pairs += [_Pair(present[code], None) for code in sorted(pruned)]
    return pairs


def _checked(draft: SegmentDraft, found: Segment | None) -> SegmentDraft:
    """The draft, which every backend accepts. Raises UsageError."""
    try:
        return checked_draft(draft, None if found is None else lambda: found.code)
    except ConflictError as error:
        raise UsageError(f"'{draft.code}' is not a valid code: {error.message}") from error


def codes_after(changes: Sequence[Change]) -> dict[int, str | None]:
    """The code that each segment will have, by its id; None for one that is deleted."""
    return {each.base.segment_id: each.new and each.new.code for each in changes if each.base}


def _change(pair: _Pair, memberships: Mapping[int, AccountSet]) -> Change:
    if pair.present is None:
        joined = pair.accounts
        left = None if joined is None else NO_ACCOUNTS
        return Change(None, pair.wanted, joined=joined, left=left)
    members = memberships[pair.present.id] if pair.reads_accounts else None
    old = draft_of(pair.present)
    count = None if members is None else len(members)
    base = Base(pair.present.id, digest_of(old, members), count)
    if members is None:
        return Change(old, pair.wanted, base=base)
    target = pair.accounts or NO_ACCOUNTS
    left = NO_ACCOUNTS if pair.keeps_others else members - target
    return Change(old, pair.wanted, base=base, joined=target - members, left=left)


def _warnings(changes: Sequence[Change]) -> list[str]:
    """One for each new segment that looks like one that is deleted: maybe a rename is meant."""
    added = [change for change in changes if change.action == "add"]
    deleted = [change for change in changes if change.action == "delete"]
    if not added or not deleted:
        return []
    by_name = {change.old.name: change for change in deleted if change.old and change.old.name}
    by_accounts = {change.left.digest(): change for change in deleted if change.left}
    found = []
    for change in added:
        twin = by_name.get(change.new.name) if change.new and change.new.name else None
        same = "name"
        if twin is None and change.joined:
            twin, same = by_accounts.get(change.joined.digest()), "accounts"
        if twin is not None:
            found.append(
                f"{twin.code} is deleted and {change.code}, with the same {same}, is added: discounts that"
                f" refer to the id of {twin.code} lose it; to rename it instead, give {change.code}"
                f" was: {twin.code} (price lists refer to the code)"
            )
    if len(found) > _MAX_WARNINGS:
        more = len(found) - _MAX_WARNINGS
        found[_MAX_WARNINGS:] = [f"{more:,} more segments are deleted and added in the same way"]
    return found
