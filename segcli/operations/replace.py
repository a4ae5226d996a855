"""A file becomes the membership of a segment: what is missing is added, what is extra is removed."""

from collections.abc import Iterator
from typing import NamedTuple

from segcli.backends.base import Backend
from segcli.bulk.outcome import Outcome
from segcli.bulk.plan import Plan, compare
from segcli.bulk.progress import Progress
from segcli.errors import ConflictError, UsageError
from segcli.inputs.rejects import Rejects
from segcli.model import AccountSet, Segment, SegmentRef
from segcli.operations.change import Manner, adding, carry_out, keep_failures, removing
from segcli.operations.report import Report
from segcli.operations.source import Source, read
from segcli.result import Result
from segcli.terminal import Terminal


class Allowance(NamedTuple):
    """How many members may go: a number of them, or a share in percent."""

    most: float
    percent: bool

    @classmethod
    def parse(cls, text: str) -> "Allowance":
        """`N` or `P%`. Raises UsageError."""
        digits = text.removesuffix("%")
        percent = digits != text
        whole, _, fraction = digits.partition(".")
        parts = [whole, fraction] if percent and "." in digits else [digits]
        if len(digits) > 12 or not all(part.isascii() and part.isdigit() for part in parts):
            raise UsageError(f"--max-remove {text} is no number of accounts, such as 100 or 5%")
        return cls(float(digits), percent)

    def allows(self, removed: int, members: int) -> bool:
        """Whether `removed` of `members` may go."""
        return removed <= (members * self.most / 100 if self.percent else self.most)


def set_accounts(
    backend: Backend,
    terminal: Terminal,
    segment: str,
    source: Source,
    manner: Manner,
    *,
    yes: bool,
    allow_empty: bool,
    max_remove: str | None,
) -> Result:
    """Makes the accounts of `source` all that the segment has, after asking; in one transaction locally.

    Raises UsageError for a source without accounts, unless `allow_empty`, and where more members would
    go than `max_remove` says; ConflictError where the membership changed while the question stood.
    """
    ref = SegmentRef.parse(segment)
    allowance = None if max_remove is None else Allowance.parse(max_remove)
    if not manner.dry_run:
        terminal.require_yes(yes)
    with Rejects(source.rejects, source.file) as rejects:
        given = read(source, rejects, terminal, allow_empty=True)
        if not given.accounts.ids and not allow_empty:
            raise UsageError(
                f"{source.file} holds no account ids: every account of {segment} would go",
                hint="say --allow-empty where that is meant",
            )
        found = backend.find_segment(ref)
        agreed = None
        if manner.dry_run or not yes:
            agreed = _plan(backend, terminal, found, given.accounts, allowance)
        if manner.dry_run and agreed:
            return Report(found, given).planned(**_counts(agreed))
        if agreed and (agreed.missing.ids or agreed.extra.ids):
            terminal.confirm(_question(found, source, agreed), yes=yes)
        with manner.unit(backend):
            report = Report(found, given)
            plan = agreed
            if plan is None or backend.atomic:
                plan = _plan(backend, terminal, found, given.accounts, allowance)
            if agreed and _counts(agreed) != _counts(plan):
                raise ConflictError(
                    f"the accounts of {found.code} changed while the question stood; nothing was done",
                    hint="run the command again",
                )
            added, removed = _carry_out(backend, terminal, found, plan, manner)
        outcome = added.followed_by(removed)
        keep_failures(outcome, rejects)
    counts = {"added": added.changed, "removed": removed.changed, "unchanged": plan.kept}
    return report.done(outcome, backend.retries, **counts)


def compare_members(backend: Backend, terminal: Terminal, segment: Segment, wanted: AccountSet) -> Plan:
    """The difference between the wanted accounts and those that the segment has now."""
    total, members = backend.get_segment_accounts(segment.id)
    with Progress(terminal, "reading members") as progress:
        return compare(wanted, _watched(members, total, progress))


def _watched(members: Iterator[int], total: int | None, progress: Progress) -> Iterator[int]:
    for count, account_id in enumerate(members):
        if not count % 1_000:
            progress.update(count, total)
        yield account_id


def _plan(
    backend: Backend, terminal: Terminal, segment: Segment, wanted: AccountSet, allowance: Allowance | None
) -> Plan:
    plan = compare_members(backend, terminal, segment, wanted)
    removed = len(plan.extra.ids)
    if allowance and not allowance.allows(removed, plan.members):
        raise UsageError(
            f"{removed:,} of the {plan.members:,} accounts of {segment.code} would go,"
            " more than --max-remove allows; nothing was changed",
            hint="look at the file, or allow more",
        )
    return plan


def _carry_out(
    backend: Backend, terminal: Terminal, segment: Segment, plan: Plan, manner: Manner
) -> tuple[Outcome, Outcome]:
    """First what is missing comes, then what is extra goes: at no time is a wanted account without."""
    change = adding(backend, segment, manner)
    added = carry_out(backend, terminal, change, plan.missing, manner)
    if added.stopped_by is not None:
        return added, Outcome(total=len(plan.extra.ids))
    change = removing(backend, segment, manner)
    return added, carry_out(backend, terminal, change, plan.extra, manner)


def _counts(plan: Plan) -> dict[str, int | None]:
    return {"added": len(plan.missing.ids), "removed": len(plan.extra.ids), "unchanged": plan.kept}


def _question(segment: Segment, source: Source, plan: Plan) -> str:
    return (
        f"Set {segment.code} (id {segment.id}) to the accounts of {source.file}:"
        f" add {len(plan.missing.ids):,}, remove {len(plan.extra.ids):,} of its {plan.members:,}?"
    )
