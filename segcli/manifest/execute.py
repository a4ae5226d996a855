"""Carries out a plan: on a store within the caller's transaction, on a tenant request by request."""

from collections.abc import Sequence
from typing import NamedTuple

from segcli.account_set import MAX_NAMED, NO_ACCOUNTS, AccountSet
from segcli.backends.base import Backend
from segcli.bulk.change import MembershipChange
from segcli.bulk.options import BulkOptions
from segcli.bulk.outcome import Failure
from segcli.errors import (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    SegcliError,
    UsageError,
    interruption,
)
from segcli.manifest.bases import difference
from segcli.manifest.plan import Change, Plan
from segcli.manifest.steps import Step, steps
from segcli.model import Segment, SegmentDraft
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_AGAIN = "run the same command again: it continues with what is left"
_REJECTED = (UsageError, ConflictError)


class Rejected(NamedTuple):
    """A segment, or one of its accounts, that was rejected, and why."""

    code: str
    account_id: int | None
    error: SegcliError


class Applied:
    """What a run did: the counts of `Plan.summary`, what was rejected, and the error that ended it early."""

    def __init__(self, unchanged: int = 0) -> None:
        self.counts = {"add": 0, "update": 0, "delete": 0, "none": unchanged, "joined": 0, "left": 0}
        self.rejected: list[Rejected] = []
        self.error: SegcliError | None = None

    @property
    def failures(self) -> list[SegcliError]:
        """An error for each rejected segment or account, up to a number that people read."""
        shown = [_named(each) for each in self.rejected[:MAX_NAMED]]
        more = len(self.rejected) - MAX_NAMED
        if more > 0:
            shown.append(SegcliError(f"{more:,} more were rejected", hint="-o json lists all of them"))
        return shown


class Execution:
    """Applies one plan, with one call of one of its two methods."""

    def __init__(self, backend: Backend, terminal: Terminal, plan: Plan) -> None:
        self._backend = backend
        self._terminal = terminal
        self._changes = plan.effective
        self._steps = steps(self._changes)
        self._applied = Applied(plan.summary()["none"])
        self._segments: dict[str, Segment] = {}  # those that were added or compared, by their new code
        self._failed: set[str] = set()
        self._everything: dict[int, AccountSet] | None = None
        self._started: set[str] = set()
        self._done = 0
        counts = plan.summary()
        self._total = counts["joined"] + counts["left"] + sum(counts[each] for each in ("add", "update"))

    def in_transaction(self) -> Applied:
        """Within the caller's transaction, in which the plan was made. Raises what the backend raises."""
        with Progress(self._terminal, "applying", unit="changes") as progress:
            for step in self._steps:
                self._write(step)
                self._count(step)
                progress.update(self._done, self._total)
        self._finish(self._steps)
        return self._applied

    def in_requests(self) -> Applied:
        """Each segment is compared with its base before its first write; rejected ones are skipped.

        The error that ended the run early is in the result.
        """
        number = 0  # of steps that were completed
        with Progress(
            self._terminal, "applying", unit="changes", retries=lambda: self._backend.retries
        ) as progress:
            try:
                for step in self._steps:
                    if step.change.code not in self._failed:
                        self._compare(step.change)
                        self._send(step, progress)
                        progress.update(self._done, self._total)
                    number += 1
            except KeyboardInterrupt as signal:
                self._applied.error = self._stopped(number, interruption(signal))
            except SegcliError as error:
                self._applied.error = self._stopped(number, error)
        self._finish(self._steps[:number])
        return self._applied

    def _write(self, step: Step) -> None:
        """Does the step with one call of the backend."""
        kind, change = step
        draft = change.new or SegmentDraft(None)
        if kind == "add":
            self._segments[change.code] = self._backend.add_segment(draft)
            return
        segment_id = change.base.segment_id if change.base else self._segments[change.code].id
        if kind == "fields":
            self._backend.update_segment(segment_id, draft)
        elif kind == "delete":
            self._backend.delete_segment(segment_id)
        elif kind == "join":
            self._backend.add_segment_accounts(segment_id, change.joined or NO_ACCOUNTS)
        else:
            self._backend.remove_segment_accounts(segment_id, change.left or NO_ACCOUNTS)

    def _send(self, step: Step, progress: Progress) -> None:
        """The same on a tenant: what it rejects is recorded, and does not stop the run."""
        kind, change = step
        if kind in ("join", "leave"):
            self._send_accounts(step, progress)
            return
        try:
            self._write(step)
        except AlreadyExistsError as error:
            raise ConflictError(f"{change.code} was added since the plan was made") from error
        except _REJECTED as error:
            self._failed.add(change.code)
            self._applied.rejected.append(Rejected(change.code, None, error))
        else:
            self._count(step)

    def _send_accounts(self, step: Step, progress: Progress) -> None:
        kind, change = step
        before = self._done

        def report(processed: int) -> None:
            progress.update(before + processed, self._total)

        memberships = MembershipChange(
            self._backend, self._terminal, self._segments[change.code], BulkOptions(), report
        )
        if kind == "join":
            outcome = memberships.add(change.joined or NO_ACCOUNTS)
            self._applied.counts["joined"] += outcome.changed
        else:
            outcome = memberships.remove(change.left or NO_ACCOUNTS)
            self._applied.counts["left"] += outcome.changed
        self._done += outcome.total
        self._reject(change, outcome.failures)
        if outcome.stopped_by is not None:
            raise outcome.stopped_by

    def _reject(self, change: Change, failures: Sequence[Failure]) -> None:
        self._applied.rejected += [Rejected(change.code, each.account_id, each.error) for each in failures]

    def _compare(self, change: Change) -> None:
        """Raises ConflictError if the segment is not as it was when the plan was made."""
        if change.base is None or change.code in self._started:
            return
        base = change.base
        accounts = None
        try:
            segment: Segment | None = self._backend.get_segment(base.segment_id)
        except NotFoundError:
            segment = None
        if segment is not None and base.accounts is not None:
            accounts = self._accounts(base.segment_id)
        clause = difference(change, segment, accounts)
        if clause is not None or segment is None:
            raise ConflictError(f"{clause}: it was changed since the plan was made")
        self._started.add(change.code)
        self._segments[change.code] = segment

    def _accounts(self, segment_id: int) -> AccountSet:
        """The accounts of a segment; those of all if the backend cannot read one alone."""
        if self._everything is None:
            alone = self._backend.peek_segment_accounts(segment_id)
            if alone is not None:
                return alone
            bases = [each.base for each in self._changes if each.base and each.base.accounts is not None]
            ids = [base.segment_id for base in bases]
            self._everything = dict(self._backend.get_memberships(ids).of)
        return self._everything[segment_id]

    def _count(self, step: Step) -> None:
        """Counts what is done on a store, and on a tenant the segments."""
        kind, change = step
        counts = self._applied.counts
        if kind in ("add", "fields"):
            self._done += 1
            return
        which, accounts = ("joined", change.joined) if kind == "join" else ("left", change.left)
        counts[which] += len(accounts or ())
        self._done += len(accounts or ())

    def _finish(self, done: Sequence[Step]) -> None:
        """Counts the segments of which something was done."""
        codes = {step.change.code for step in done} - self._failed
        for change in self._changes:
            if change.code in codes:
                self._applied.counts[change.action] += 1

    def _stopped(self, number: int, error: SegcliError) -> SegcliError:
        """The error that ended the run, with how far it got."""
        if isinstance(error, ConflictError) and not number and not self._done:
            return error.with_context(after="nothing was changed")
        return error.with_context(
            after=f"{number:,} of {len(self._steps):,} steps were completed", hint=_AGAIN
        )


def _named(rejected: Rejected) -> SegcliError:
    subject = "" if rejected.account_id is None else f": account {rejected.account_id}"
    return rejected.error.with_context(before=f"{rejected.code}{subject}")
