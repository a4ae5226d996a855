"""Changing which accounts a segment has: add, remove, and set to exactly the given ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from segcli.account_set import NO_ACCOUNTS, name_some
from segcli.backends.base import Backend
from segcli.bulk.change import MembershipChange
from segcli.bulk.options import BulkOptions
from segcli.bulk.outcome import Outcome
from segcli.bulk.plan import Plan, RemovalLimit, compare
from segcli.errors import ConflictError, StoreError, UnresolvedError, UsageError, interruption
from segcli.inputs.rejects import Invalid, Rejects
from segcli.inputs.source import Given, Lookup, Source, read
from segcli.model import Segment, SegmentRef
from segcli.operations.report import Report, run_again
from segcli.result import Result
from segcli.terminal.streams import Terminal


class _Run(NamedTuple):
    """One change: the accounts, the segment, the report, and where rejected accounts are saved."""

    given: Given
    change: MembershipChange
    report: Report
    rejects: Rejects

    @property
    def segment(self) -> Segment:
        return self.change.segment

    def plan(self) -> Plan:
        """What must change for the segment to contain exactly the given accounts."""
        return compare(self.given.accounts, self.change.members())

    def save_failures(self, outcome: Outcome) -> None:
        """Writes the rejected accounts to the rejects file."""
        for account_id, error in outcome.failures:
            self.rejects.save(Invalid(f"account {account_id}", str(account_id), error.message))


@contextmanager
def _prepared(
    backend: Backend, terminal: Terminal, segment: str, source: Source, options: BulkOptions
) -> Iterator[_Run]:
    """Finds the segment, reads the accounts, and starts the transaction of the change, if it has one.

    The accounts of an expression are read in the transaction. Raises UsageError before anything is changed
    if the source contains an invalid id and does not skip those, or no ids and may not be empty;
    NotFoundError.
    """
    ref = SegmentRef.parse(segment)
    source.check()
    if options.resume and source.expression is not None:
        raise UsageError("--resume does not work with --from", hint="run the command again without it")
    with Rejects(source.rejects, source.file) as rejects:
        # Reading a file may take long: a mistyped segment is reported first.
        found = None if source.words else _look_up(backend, ref)
        read_accounts = _reader(backend, terminal, source, rejects)
        if source.expression is None:
            _require_some(read_accounts(), source)
        # Before the transaction, which creates a store that does not exist.
        found = found or _look_up(backend, ref)
        with options.transaction(backend):
            if not options.dry_run:
                backend.lock_segments([found.id])
            given = read_accounts()
            _require_some(given, source)
            if backend.atomic:  # as the transaction sees it
                found = backend.find_segment(ref)
            change = MembershipChange(backend, terminal, found, options)
            yield _Run(given, change, Report(found, given), rejects)


def _look_up(backend: Backend, ref: SegmentRef) -> Segment:
    """The segment to change. Raises NotFoundError, StoreError."""
    try:
        return backend.find_segment(ref)
    except StoreError as error:
        raise error.with_context(after="nothing was changed") from error


def _read(backend: Backend, terminal: Terminal, source: Source, rejects: Rejects) -> Given:
    """The accounts; Ctrl-C and SIGTERM are reported with what they left unchanged.

    A store that knows customers says how many ids are not theirs. Raises UsageError if fewer values are
    matched than the source demands.
    """

    def lookup() -> Lookup:
        from segcli.operations.identified import CustomerLookup  # most sources have only account ids

        return CustomerLookup(backend, terminal, source, rejects)

    try:
        if source.min_match is None:
            return _checked(backend, read(source, rejects, terminal, lookup))
        from segcli.operations.match_rate import MatchRate

        least = MatchRate.parse(source.min_match)
        given = read(source, rejects, terminal, lookup)
        least.require(given, source.label)
        return _checked(backend, given)
    except StoreError as error:
        raise error.with_context(after="nothing was changed") from error
    except KeyboardInterrupt as signal:
        raise interruption(signal, after="nothing was changed") from None


def _checked(backend: Backend, given: Given) -> Given:
    """The same, with a note about account ids that are not those of customers."""
    if given.outcomes is not None or not backend.reads_are_local:
        return given
    unknown = backend.customers.count_unknown(given.accounts)
    if not unknown:
        return given
    total = len(given.accounts)
    return given._replace(
        note=f"{unknown:,} of the {total:,} accounts are not customers that the store knows"
    )


def add(backend: Backend, terminal: Terminal, segment: str, source: Source, options: BulkOptions) -> Result:
    """AddSegmentAccounts; reports how many were added and how many were already members.

    All or nothing on a local store; on a tenant, acknowledged requests stay done and the report says how
    many.
    """
    with _prepared(backend, terminal, segment, source, options) as run:
        if options.dry_run:
            plan = run.plan()
            return run.report.planned(added=len(plan.add), alreadyMembers=plan.keep)
        outcome = run.change.add(run.given.accounts, source.name)
        run.save_failures(outcome)
    already = outcome.unchanged if backend.atomic else None  # a tenant does not report it
    return run.report.done(outcome, backend.retries, added=outcome.changed, alreadyMembers=already)


def remove(
    backend: Backend,
    terminal: Terminal,
    segment: str,
    source: Source,
    options: BulkOptions,
    *,
    strict: bool,
) -> Result:
    """RemoveSegmentAccount for each account; accounts that are not members are counted.

    If `strict`, such an account is a ConflictError: a local store then changes nothing; on a tenant, where
    each request is separate, it is the error of the result, which counts what was removed.
    """
    with _prepared(backend, terminal, segment, source, options) as run:
        if options.dry_run:
            plan = run.plan()
            return run.report.planned(removed=plan.keep, notMembers=len(plan.add))
        outcome = run.change.remove(run.given.accounts, source.name, strict=strict)
        run.save_failures(outcome)
    if outcome.not_members and not outcome.stopped_by and not backend.atomic:
        backend.get_segment(run.segment.id)  # raises NotFoundError if it was deleted meanwhile
    result = run.report.done(outcome, backend.retries, removed=outcome.changed, notMembers=outcome.unchanged)
    if strict and outcome.failures and outcome.stopped_by is None:
        done = f"{outcome.changed:,} of {outcome.total:,} accounts were removed"
        if not (outcome.changed or outcome.resumed):
            done = "nothing was removed"
        error = outcome.failures[0].error.with_context(after=done)  # decides the exit code, as on a store
        return result._replace(error=error, failures=result.failures[1:])
    if outcome.not_members:
        named = name_some(outcome.not_members, outcome.unchanged or 0)
        return result.with_note(f"not in {run.segment.code}, nothing to remove: {named}")
    return result


def set_accounts(
    backend: Backend,
    terminal: Terminal,
    segment: str,
    source: Source,
    options: BulkOptions,
    *,
    yes: bool,
    max_remove: str | None,
) -> Result:
    """Makes the segment contain exactly the accounts of `source`, after confirmation.

    On a local store in one transaction, which also reads the accounts of an expression. Raises UsageError
    for a source without accounts, unless it may be empty, and if more members would be removed than
    `max_remove` allows; ConflictError if what is to be changed is different after the confirmation.
    """
    ref = SegmentRef.parse(segment)
    if source.file is None and source.expression is None:
        raise UsageError("no accounts given", hint="pass a file with --file, or an expression with --from")
    source.check()
    limit = None if max_remove is None else RemovalLimit.parse(max_remove)
    if not options.dry_run:
        terminal.require_yes(yes, f"set the accounts of {segment}")
    with Rejects(source.rejects, source.file) as rejects:
        found = _look_up(backend, ref)
        read_accounts = _reader(backend, terminal, source, rejects)
        change = MembershipChange(backend, terminal, found, options)

        def decide() -> tuple[_Run, Plan]:
            given = read_accounts()
            if not (given.accounts or source.allow_empty or given.outcomes):
                raise UsageError(
                    f"{source.label} contains no account ids: every account of {segment} would be removed",
                    hint="pass --allow-empty if that is intended",
                )
            run = _Run(given, change, Report(found, given), rejects)
            plan = run.plan()
            if _keeps(given):
                plan = plan._replace(keep=plan.members, remove=NO_ACCOUNTS)
            if limit:
                limit.require(plan, found.code, "file" if source.expression is None else "expression")
            return run, plan

        confirmed = None
        if options.dry_run or not yes:
            with backend.snapshot():
                run, confirmed = decide()
            if options.dry_run:
                return _incomplete(run.report.planned(**_counts(confirmed)), run.given)
            if confirmed.add or confirmed.remove:
                terminal.confirm(_question(found, source, confirmed), yes=yes)
        with options.transaction(backend):
            backend.lock_segments([found.id])
            if confirmed is None or backend.atomic:  # what the transaction sees
                run, plan = decide()
            else:
                run, plan = run._replace(report=Report(found, run.given)), confirmed
            if confirmed and _counts(confirmed) != _counts(plan):
                raise ConflictError(
                    f"the accounts of {found.code} changed during the confirmation; nothing was changed",
                    hint="run the command again",
                )
            added, removed = run.change.apply(plan)
        outcome = added.followed_by(removed)
        run.save_failures(outcome)
    counts = {"added": added.changed, "removed": removed.changed, "unchanged": plan.keep}
    # Adding or removing the rest is always right; setting is not, if the expression is of the segment itself.
    again = run_again([found.code] if found.id in run.given.segments else [])
    return _incomplete(run.report.done(outcome, backend.retries, again, **counts), run.given)


def _keeps(given: Given) -> bool:
    """Whether no account may be removed: a value that was skipped may be one of the members."""
    return given.unresolved > 0


def _incomplete(result: Result, given: Given) -> Result:
    """The result, with an error if accounts were kept that may not be in the file."""
    if not _keeps(given) or result.error is not None:
        return result
    rows = "1 value has" if given.unresolved == 1 else f"{given.unresolved:,} values have"
    error = UnresolvedError(
        f"{rows} no certain account, so no account was removed",
        hint="correct the values that --rejects FILE saves, and run the command again with the whole file",
    )
    return result._replace(error=error)


def _reader(backend: Backend, terminal: Terminal, source: Source, rejects: Rejects) -> Callable[[], Given]:
    """Returns the accounts of a source: a file is read now, an expression from the state at each call."""
    if source.expression is None:
        given = _read(backend, terminal, source, rejects)
        return lambda: given
    from segcli.operations.evaluation import Evaluation, parsed

    evaluation = Evaluation(backend, terminal, [parsed(backend, source.expression)])

    def evaluate() -> Given:
        (accounts,) = evaluation.accounts()
        return Given(len(accounts), accounts, 0, segments=evaluation.segments)

    return evaluate


def _require_some(given: Given, source: Source) -> None:
    """Raises UsageError if nothing was given and the source may not be empty."""
    if not (given.requested or given.invalid or source.allow_empty):
        raise UsageError(
            f"{source.label} contains no account ids",
            hint="pass --allow-empty if that is intended",
        )


def _counts(plan: Plan) -> dict[str, int | None]:
    return {"added": len(plan.add), "removed": len(plan.remove), "unchanged": plan.keep}


def _question(segment: Segment, source: Source, plan: Plan) -> str:
    return (
        f"Set {segment.code} (id {segment.id}) to the accounts of {source.label}:"
        f" add {len(plan.add):,}, remove {len(plan.remove):,} of its {plan.members:,}?"
    )
