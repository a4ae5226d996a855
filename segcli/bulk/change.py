"""Adding accounts to one segment, or removing them, on any backend and with the bulk options."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from segcli.account_set import AccountSet
from segcli.backends.base import Backend, not_a_member
from segcli.bulk.options import DEFAULT_CHUNK_SIZE, BulkOptions
from segcli.bulk.outcome import Outcome, Send, Sent
from segcli.bulk.plan import Plan, compare
from segcli.model import Segment
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

if TYPE_CHECKING:
    from segcli.bulk.resume import Journal

_TRANSACTION_PART = 5_000_000  # accounts of one transaction between two progress reports


class MembershipChange:
    """The accounts of one segment, to be compared and changed.

    `add` and `remove` show progress, unless chunks are sent and `report` receives how many accounts of the
    call are processed. They raise SegcliError if the change is all or nothing; otherwise
    the error that stopped it is in the outcome.
    """

    def __init__(
        self,
        backend: Backend,
        terminal: Terminal,
        segment: Segment,
        options: BulkOptions,
        report: Callable[[int], None] | None = None,
    ) -> None:
        self.segment = segment
        self._report = report
        self._backend = backend
        self._terminal = terminal
        self._options = options
        self._chunk_size = options.chunk_size or DEFAULT_CHUNK_SIZE

    def members(self) -> AccountSet:
        """The accounts in the segment."""
        with Progress(self._terminal, "reading members") as progress:
            return self._backend.get_segment_accounts(self.segment.id, progress.update)

    def add(self, accounts: AccountSet, source: str | None = None) -> Outcome:
        """AddSegmentAccounts; `source` names where the accounts come from, so that it can be resumed."""

        def send(chunk: AccountSet) -> Sent:
            added = self._backend.add_segment_accounts(self.segment.id, chunk)
            return Sent(len(chunk), None) if added is None else Sent(added, len(chunk) - added)

        whole = self._options.is_whole(self._backend)  # then nothing was done before an interruption
        if whole or not (self._options.resume and self._backend.atomic):
            return self._send("add", "adding", send, accounts, self._chunk_size, source)
        # Reading the members of a store is fast, and certain: they may have changed since the interruption.
        plan = compare(accounts, self.members())
        outcome = self._send("add", "adding", send, plan.add, self._chunk_size, source)
        outcome.total += plan.keep
        outcome.resumed += plan.keep
        return outcome

    def remove(self, accounts: AccountSet, source: str | None = None, *, strict: bool = False) -> Outcome:
        """RemoveSegmentAccount; if `strict`, an account that is not a member is a ConflictError."""

        def send(chunk: AccountSet) -> Sent:
            not_members = self._backend.remove_segment_accounts(self.segment.id, chunk)
            if strict and not_members:
                error = not_a_member(not_members[0], self.segment.code)
                whole = self._options.is_whole(self._backend)
                raise error.with_context(
                    after="nothing was removed" if whole else None,
                    hint="without --strict such accounts are counted and skipped",
                )
            return Sent(len(chunk) - len(not_members), len(not_members), not_members)

        # Over HTTP each request removes one account.
        size = self._chunk_size if self._backend.atomic else 1
        return self._send("remove", "removing", send, accounts, size, source)

    def apply(self, plan: Plan) -> tuple[Outcome, Outcome]:
        """Additions first, then removals: no wanted account is missing in between."""
        added = self.add(plan.add)
        if added.stopped_by is not None:
            return added, Outcome(total=len(plan.remove))
        return added, self.remove(plan.remove)

    def _send(
        self, verb: str, label: str, send: Send, accounts: AccountSet, size: int, source: str | None
    ) -> Outcome:
        if self._report is not None and not self._options.is_whole(self._backend):
            return self._send_chunks(verb, send, accounts, size, source, self._report)
        total = len(accounts)
        with Progress(self._terminal, label, retries=lambda: self._backend.retries) as progress:

            def report_progress(processed: int) -> None:
                progress.update(processed, total)

            if self._options.is_whole(self._backend):
                return _send_whole(accounts, send, report_progress)
            return self._send_chunks(verb, send, accounts, size, source, report_progress)

    def _send_chunks(
        self,
        verb: str,
        send: Send,
        accounts: AccountSet,
        size: int,
        source: str | None,
        report_progress: Callable[[int], None],
    ) -> Outcome:
        from segcli.bulk.resume import not_resumable  # a single transaction needs none
        from segcli.bulk.sender import ChunkSender

        journal = None if self._backend.atomic else self._open_journal(verb, accounts, size, source)
        sender = ChunkSender(accounts, send, size=size, journal=journal)
        if self._backend.atomic:
            outcome = sender.send_serially(report_progress)
            outcome.resumable = source is not None
        else:
            outcome = sender.send_in_parallel(
                self._options.concurrency, report_progress, self._backend.cancel
            )
            # Responses arrive in any order; the same run has the same report.
            outcome.failures.sort(key=lambda failure: failure.account_id)
            outcome.not_members.sort()
        if journal is not None:
            journal.close(finished=outcome.stopped_by is None)
            outcome.resumable = sender.journal_error is None
        if sender.journal_error is not None:
            self._terminal.info(not_resumable(sender.journal_error.message))
        return outcome

    def _open_journal(
        self, verb: str, accounts: AccountSet, size: int, source: str | None
    ) -> "Journal | None":
        """The journal of a run on a tenant; the journals of runs that it undoes are deleted first."""
        from segcli.bulk.resume import Task, discard, not_resumable, open_journal

        info = self._terminal.info
        created = self.segment.audit_info.create_date
        if created is None:
            if source and (len(accounts) > size or self._options.resume):
                info(not_resumable(f"the tenant sends no createDate of {self.segment.code}"))
            return None
        task = Task(self._backend.place, self.segment.id, created, verb, source or "")
        discard(task)
        return open_journal(task, accounts, size, resume=self._options.resume, info=info) if source else None


def _send_whole(accounts: AccountSet, send: Send, report_progress: Callable[[int], None]) -> Outcome:
    """Sends all accounts within the caller's transaction. Raises what `send` raises."""
    outcome = Outcome(len(accounts))
    for chunk in accounts.chunks(_TRANSACTION_PART):
        report_progress(outcome.processed)
        outcome.count(send(chunk))
    outcome.chunks = min(outcome.chunks, 1)  # the parts above are one transaction to the user
    return outcome
