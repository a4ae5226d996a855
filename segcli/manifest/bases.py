"""Whether the segments that a plan changes are still as they were when it was made."""

from collections.abc import Sequence

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import ConflictError
from segcli.manifest.compare import codes_after, draft_of, read_segments
from segcli.manifest.plan import Change, Plan, digest_of
from segcli.manifest.planned_checks import PlannedState
from segcli.manifest.saved_plan import SavedPlan
from segcli.model import Segment, SegmentDraft
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_MAX_NAMED = 5


def verified(backend: Backend, terminal: Terminal, saved: SavedPlan) -> Plan:
    """The saved plan with its assertions evaluated, if every base that it touches is unchanged.

    Raises UsageError if the plan is for another backend, ConflictError that names what changed.
    """
    saved.require_place(backend)
    with backend.snapshot():
        segments, latency = read_segments(backend)
        by_id = {segment.id: segment for segment in segments}
        planned = PlannedState(saved.assertions, segments, codes_after(saved.changes))
        bases = [change.base for change in saved.changes if change.base]
        read = {base.segment_id for base in bases if base.accounts is not None}
        wanted = [each for each in dict.fromkeys([*sorted(read), *planned.segment_ids]) if each in by_id]
        with Progress(terminal, "reading members", retries=lambda: backend.retries) as progress:
            memberships = backend.get_memberships(wanted, progress.update, known=planned.needs_all)
    differences = _taken(saved.changes, segments)
    for change in saved.changes:
        if change.base is not None:
            segment_id = change.base.segment_id
            accounts = memberships.of.get(segment_id) if segment_id in read else None
            differences += filter(None, [difference(change, by_id.get(segment_id), accounts)])
    if differences:
        raise ConflictError(
            f"the backend is not as it was when {saved.path} was made: {_listed(differences)};"
            " nothing was changed",
            hint="make the plan again, and review it",
        )
    checks = planned.evaluate(saved.changes, memberships)
    return Plan(
        backend.place,
        saved.changes,
        checks,
        saved.warnings,
        atomic=backend.atomic,
        unchanged=saved.unchanged,
        latency=latency,
    )


def difference(change: Change, segment: Segment | None, accounts: AccountSet | None) -> str | None:
    """How the segment differs from the base of the change, as a clause; None if it does not.

    `accounts` are those of the segment, None if the base does not cover them.
    """
    if change.base is None or change.old is None:
        return None
    if segment is None:
        return f"{change.old.code} no longer exists"
    draft = draft_of(segment)
    if digest_of(draft, accounts) == change.base.digest:
        return None
    names = [
        name for name, old, new in zip(SegmentDraft._fields, change.old, draft, strict=True) if old != new
    ]
    if names:
        return f"{change.old.code} has another {' and '.join(names)}"
    if accounts is not None and len(accounts) != change.base.accounts:
        return f"{change.old.code} has {len(accounts):,} accounts instead of {change.base.accounts:,}"
    return f"{change.old.code} has other accounts"


def _taken(changes: Sequence[Change], segments: Sequence[Segment]) -> list[str]:
    """A clause for each code that the plan gives to a segment and that another one has meanwhile."""
    own = {change.base.segment_id for change in changes if change.base and change.renamed_from}
    given = {change.code for change in changes if change.action == "add" or change.renamed_from}
    return [
        f"{segment.code} was added" for segment in segments if segment.code in given and segment.id not in own
    ]


def _listed(clauses: Sequence[str]) -> str:
    more = len(clauses) - _MAX_NAMED
    return ", ".join([*clauses[:_MAX_NAMED], *([f"{more:,} more"] if more > 0 else [])])
