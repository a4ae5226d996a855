"""Dividing accounts into disjoint segments."""

from collections.abc import Sequence
from typing import NamedTuple

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.base import Backend, all_or_nothing, checked_draft
from segcli.bulk.change import MembershipChange
from segcli.bulk.options import BulkOptions
from segcli.bulk.plan import Plan, RemovalLimit, compare
from segcli.errors import ConflictError, NotFoundError, SegcliError, UsageError
from segcli.expressions.sampling import Share, parse_shares, split
from segcli.model import Segment, SegmentDraft
from segcli.operations.evaluation import Evaluation, parsed
from segcli.operations.report import reported, run_again, stopped
from segcli.result import Json, Result, columns_of
from segcli.terminal.streams import Terminal

_COLUMNS = columns_of(("id", "code", "share", "accounts", "added", "removed", "unchanged"))


class _Part(NamedTuple):
    """What one segment will contain; `segment` is None if it is to be created."""

    share: Share
    segment: Segment | None
    accounts: AccountSet
    plan: Plan

    @property
    def code(self) -> str:
        return self.segment.code if self.segment else self.share.segment.code or ""

    def item(self, added: int, removed: int) -> dict[str, Json]:
        return {
            "id": self.segment.id if self.segment else None,
            "code": self.code,
            "share": str(self.share.percent or "rest"),
            "accounts": len(self.accounts),
            "added": added,
            "removed": removed,
            "unchanged": self.plan.keep,
        }

    def __str__(self) -> str:
        where = f"id {self.segment.id}" if self.segment else "new"
        counts = f"add {len(self.plan.add):,}, remove {len(self.plan.remove):,} of its {self.plan.members:,}"
        return f"{self.code} ({where}): {counts}"


def split_accounts(
    backend: Backend,
    terminal: Terminal,
    expression: str,
    shares: Sequence[str],
    *,
    seed: str | None,
    create: bool,
    dry_run: bool,
    yes: bool,
    max_remove: str | None,
) -> Result:
    """Sets each segment to its share of the accounts of an expression, after one confirmation.

    On a local store in one transaction, which also reads the accounts. Raises UsageError for an expression
    without accounts, and if a segment would lose more members than `max_remove` allows; NotFoundError for
    an unknown segment, unless it is to be created; ConflictError if what is to be changed is different
    after the confirmation.
    """
    wanted = parse_shares(shares)
    limit = None if max_remove is None else RemovalLimit.parse(max_remove)
    if not dry_run:
        terminal.require_yes(yes, f"split the accounts of '{expression}'")
    evaluation = Evaluation(backend, terminal, [parsed(backend, expression)])

    def decide() -> list[_Part]:
        with backend.snapshot():
            segments = _find(backend, wanted, create=create)
            (accounts,) = evaluation.accounts()
            if not accounts:
                raise UsageError(f"'{expression}' contains no accounts: there is nothing to split")
            ids = [segment.id for segment in segments if segment]
            members = backend.get_memberships(ids).of
        parts = []
        for share, segment, part in zip(wanted, segments, split(accounts, wanted, seed), strict=True):
            plan = compare(part, members[segment.id] if segment else NO_ACCOUNTS)
            parts.append(_Part(share, segment, part, plan))
            if limit:
                limit.require(plan, parts[-1].code, "expression")
        return parts

    confirmed = None
    if dry_run or not yes:
        confirmed = decide()
        if dry_run:
            items = [part.item(len(part.plan.add), len(part.plan.remove)) for part in confirmed]
            return Result(items, _COLUMNS, note="dry run: nothing was changed")
        if any(part.segment is None or part.plan.add or part.plan.remove for part in confirmed):
            listed = "; ".join(map(str, confirmed))
            terminal.confirm(f"Split the accounts of '{expression}' into {listed}?", yes=yes)
    with all_or_nothing(backend):
        if backend.atomic:
            backend.lock_segments([each.id for each in _find(backend, wanted, create=create) if each])
        parts = confirmed
        if parts is None or backend.atomic:  # what the transaction sees
            parts = decide()
        if confirmed and list(map(str, confirmed)) != list(map(str, parts)):
            raise ConflictError(
                "the accounts changed during the confirmation; nothing was changed",
                hint="run the command again",
            )
        return _apply(backend, terminal, parts, evaluation.segments)


def _find(backend: Backend, shares: Sequence[Share], *, create: bool) -> list[Segment | None]:
    """The segment of each share; None for one that is to be created.

    Raises NotFoundError, UsageError for a segment that has two shares.
    """
    found: list[Segment | None] = []
    for share in shares:
        try:
            segment = backend.find_segment(share.segment)
        except NotFoundError as error:
            if share.segment.code is None:
                raise
            if not create:
                raise error.with_context(hint="pass --create to create missing segments") from None
            checked_draft(SegmentDraft(share.segment.code))
            found.append(None)
            continue
        if any(each and each.id == segment.id for each in found):
            raise UsageError(f"the segment {segment.code} (id {segment.id}) has more than one share")
        found.append(segment)
    return found


def _apply(backend: Backend, terminal: Terminal, parts: Sequence[_Part], sources: frozenset[int]) -> Result:
    """Creates what is missing, then sets one segment after the other, until an error stops it.

    The segments that the expression names, `sources`, are last: until then, no account is lost if it stops.
    """
    targets = [part.segment or backend.add_segment(SegmentDraft(part.code)) for part in parts]
    again = run_again([part.code for part in parts if part.segment and part.segment.id in sources])
    items: dict[int, Json] = {}  # by the place of the part
    failures: list[SegcliError] = []
    for place in sorted(range(len(parts)), key=lambda place: targets[place].id in sources):
        segment = targets[place]
        part = parts[place]._replace(segment=segment)
        added, removed = MembershipChange(backend, terminal, segment, BulkOptions()).apply(part.plan)
        outcome = added.followed_by(removed)
        items[place] = part.item(added.changed, removed.changed)
        failures += [error.with_context(before=part.code) for error in reported(outcome.failures)]
        error = stopped(outcome, again)
        if error is not None:
            done = [items[each] for each in sorted(items)]
            return Result(done, _COLUMNS, error=error.with_context(before=part.code), failures=failures)
    return Result([items[each] for each in sorted(items)], _COLUMNS, failures=failures)
