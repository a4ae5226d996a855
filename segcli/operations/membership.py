"""What changes memberships: accounts are added to a segment, or removed from it."""

from segcli.backends.base import Backend
from segcli.bulk.journal import Task
from segcli.inputs.rejects import Rejects
from segcli.model import Segment, SegmentRef
from segcli.operations.change import Manner, adding, carry_out, keep_failures, removing
from segcli.operations.report import Report, some
from segcli.operations.source import Given, Source, read
from segcli.result import Result
from segcli.terminal import Terminal


def add(backend: Backend, terminal: Terminal, segment: str, source: Source, manner: Manner) -> Result:
    """AddSegmentAccounts; answers how many were new and how many were members.

    All or nothing on a local store; elsewhere what a request has done stays done, and the report says
    how far it went. Raises UsageError before anything is sent where the source holds what is no
    account id, unless it says to skip that.
    """
    ref = SegmentRef.parse(segment)
    with Rejects(source.rejects, source.file) as rejects:
        given = read(source, rejects, terminal)
        with manner.unit(backend):
            found = backend.find_segment(ref)
            report = Report(found, given)
            if manner.dry_run:
                new, members = _compare(backend, terminal, found, given)
                return report.planned(added=new, alreadyMembers=members)
            task = Task(backend.place, found.id, "add", source.name)
            change = adding(backend, found, manner)
            outcome = carry_out(backend, terminal, change, given.accounts, manner, task)
        keep_failures(outcome, rejects)
    already = outcome.already if backend.atomic else None  # a tenant does not tell
    return report.done(outcome, backend.retries, added=outcome.changed, alreadyMembers=already)


def remove(
    backend: Backend, terminal: Terminal, segment: str, source: Source, manner: Manner, *, strict: bool
) -> Result:
    """RemoveSegmentAccount for each account; one that is no member is counted.

    Where `strict`, a local store refuses the whole with ConflictError; elsewhere, where each request
    stands alone, such an account is one that failed. Raises UsageError as `add` does.
    """
    ref = SegmentRef.parse(segment)
    with Rejects(source.rejects, source.file) as rejects:
        given = read(source, rejects, terminal)
        with manner.unit(backend):
            found = backend.find_segment(ref)
            report = Report(found, given)
            if manner.dry_run:
                strangers, members = _compare(backend, terminal, found, given)
                return report.planned(removed=members, notMembers=strangers)
            task = Task(backend.place, found.id, "remove", source.name)
            change = removing(backend, found, manner, strict=strict)
            outcome = carry_out(backend, terminal, change, given.accounts, manner, task)
        keep_failures(outcome, rejects)
    if outcome.strangers and not outcome.stopped_by and not backend.atomic:
        backend.get_segment(found.id)  # of a segment that is gone by now, no account is a member
    result = report.done(outcome, backend.retries, removed=outcome.changed, notMembers=outcome.already)
    if outcome.strangers:
        named = some(outcome.strangers, outcome.already or 0)
        return result._replace(note=f"no members of {found.code}: {named}")
    return result


def _compare(backend: Backend, terminal: Terminal, segment: Segment, given: Given) -> tuple[int, int]:
    """How many of the given accounts are no members, and how many are."""
    from segcli.operations.replace import compare_members

    plan = compare_members(backend, terminal, segment, given.accounts)
    return len(plan.missing.ids), plan.kept
