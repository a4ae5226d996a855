"""Adding accounts to one segment, or removing them, on any backend and with the bulk options."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NamedTuple

from segcli.account_set import AccountSet
from segcli.backends.base import Backend, not_a_member
from segcli.bulk.outcome import Outcome, Send, Sent
from segcli.bulk.resume import Chunk, Journal, Task
from segcli.bulk.sender import ChunkSender, send_whole
from segcli.errors import StoreError
from segcli.model import Segment
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

# The vendor documents no limit. 1,000 ids are 10 kB, far below any server's limit, and are processed well
# before a gateway times out. Larger chunks are faster, if a tenant is known to accept them.
DEFAULT_CHUNK_SIZE = 1_000
DEFAULT_CONCURRENCY = 4
_PROGRESS_EVERY = 1_000  # accounts


class BulkOptions(NamedTuple):
    """How a change is carried out.

    A `chunk_size` of None is DEFAULT_CHUNK_SIZE, or one transaction for everything if the backend is
    atomic. `concurrency` is the number of parallel requests.
    """

    dry_run: bool = False
    chunk_size: int | None = None
    concurrency: int = DEFAULT_CONCURRENCY
    resume: bool = False

    def is_whole(self, backend: Backend) -> bool:
        """Whether the change is all or nothing."""
        return backend.atomic and self.chunk_size is None

    def transaction(self, backend: Backend) -> AbstractContextManager[None]:
        """The transaction of a change that is all or nothing; otherwise each chunk has its own."""
        return _all_or_nothing(backend) if self.is_whole(backend) and not self.dry_run else nullcontext()


@contextmanager
def _all_or_nothing(backend: Backend) -> Iterator[None]:
    try:
        with backend.transaction():
            yield
    except StoreError as error:
        raise error.with_context(after="nothing was changed") from error


class MembershipChange:
    """The accounts of one segment, to be compared and changed.

    `add` and `remove` show progress. They raise SegcliError if the change is all or nothing; otherwise
    the error that stopped it is in the outcome.
    """

    def __init__(self, backend: Backend, terminal: Terminal, segment: Segment, options: BulkOptions) -> None:
        self.segment = segment
        self._backend = backend
        self._terminal = terminal
        self._options = options
        self._chunk_size = options.chunk_size or DEFAULT_CHUNK_SIZE

    def members(self) -> Iterator[int]:
        """The accounts in the segment, in ascending order."""
        total, members = self._backend.get_segment_accounts(self.segment.id)
        with Progress(self._terminal, "reading members") as progress:
            for count, account_id in enumerate(members):
                if not count % _PROGRESS_EVERY:
                    progress.update(count, total)
                yield account_id

    def add(self, accounts: AccountSet, source: str | None = None) -> Outcome:
        """AddSegmentAccounts; `source` names where the accounts come from, so that it can be resumed."""

        def send(chunk: AccountSet) -> Sent:
            unique, added = self._backend.add_segment_accounts(self.segment.id, chunk)
            return Sent(unique, None) if added is None else Sent(added, unique - added)

        return self._send("add", "adding", send, accounts, self._chunk_size, source)

    def remove(self, accounts: AccountSet, source: str | None = None, *, strict: bool = False) -> Outcome:
        """RemoveSegmentAccount; if `strict`, an account that is not a member is a ConflictError."""

        def send(chunk: AccountSet) -> Sent:
            removed, not_members = self._backend.remove_segment_accounts(self.segment.id, chunk)
            if strict and not_members:
                error = not_a_member(not_members[0], self.segment.code)
                whole = self._options.is_whole(self._backend)
                raise error.with_context(
                    after="nothing was removed" if whole else None,
                    hint="without --strict such accounts are counted and skipped",
                )
            return Sent(removed, len(not_members), not_members)

        # Over HTTP each request removes one account.
        size = self._chunk_size if self._backend.atomic else 1
        return self._send("remove", "removing", send, accounts, size, source)

    def _send(
        self, verb: str, label: str, send: Send, accounts: AccountSet, size: int, source: str | None
    ) -> Outcome:
        total = len(accounts.ids)
        with Progress(self._terminal, label, retries=lambda: self._backend.retries) as progress:

            def report_progress(processed: int) -> None:
                progress.update(processed, total)

            if self._options.is_whole(self._backend):
                return send_whole(accounts, send, report_progress)
            task = Task(self._backend.place, self.segment.id, verb, source) if source else None
            return self._send_chunks(send, accounts, size, task, report_progress)

    def _send_chunks(
        self,
        send: Send,
        accounts: AccountSet,
        size: int,
        task: Task | None,
        report_progress: Callable[[int], None],
    ) -> Outcome:
        total = len(accounts.ids)
        journal = self._open_journal(task, accounts, size) if task else None
        missing = journal.missing(total) if journal else [Chunk(0, total)] if total else []
        sender = ChunkSender(accounts, send, size=size, journal=journal, missing=missing)
        if self._backend.atomic:
            outcome = sender.send_serially(report_progress)
        else:
            outcome = sender.send_in_parallel(
                self._options.concurrency, report_progress, self._backend.cancel
            )
        if journal is not None:
            journal.close(finished=outcome.stopped_by is None)
            outcome.resumable = sender.journal_error is None
        if sender.journal_error is not None:
            self._warn_not_resumable(sender.journal_error)
        return outcome

    def _open_journal(self, task: Task, accounts: AccountSet, size: int) -> Journal | None:
        """The journal to resume from, or a new one; None for a single chunk, or if none can be written.

        Raises UsageError if the interrupted run had other accounts.
        """
        if self._options.resume:
            journal = Journal.resume(task, accounts)
            if journal is not None:
                return journal
            self._terminal.info("nothing to resume: starting from the beginning")
        if len(accounts.ids) <= size:
            return None
        try:
            return Journal.start(task, accounts)
        except StoreError as error:
            self._warn_not_resumable(error)
            return None

    def _warn_not_resumable(self, error: StoreError) -> None:
        self._terminal.info(f"{error.message}; this run cannot be resumed")
