"""One kind of change to the accounts of one segment, and how it is carried out on any backend."""

from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from segcli.backends.base import Backend
from segcli.bulk.journal import Journal, Piece, Task
from segcli.bulk.outcome import Outcome, Send, Sent
from segcli.bulk.progress import Progress
from segcli.bulk.run import Pieces, send_whole
from segcli.errors import ConflictError, StoreError
from segcli.inputs import Invalid
from segcli.inputs.rejects import Rejects
from segcli.model import AccountSet, Segment
from segcli.terminal import Terminal

# The vendor names no bound. A thousand ids are ten kilobytes, far from any server's limit, and work that
# is done before any gateway's time is up; larger chunks are faster, where a tenant is known to bear them.
CHUNK_SIZE = 1_000
CONCURRENCY = 4


class Manner(NamedTuple):
    """How a change is carried out: only told of, in what pieces, how many at a time, going on with one.

    A `chunk_size` of None is CHUNK_SIZE over HTTP, and one transaction where the backend has such.
    """

    dry_run: bool = False
    chunk_size: int | None = None
    concurrency: int = CONCURRENCY
    resume: bool = False

    def is_whole(self, backend: Backend) -> bool:
        """Whether all of it is done or nothing."""
        return backend.atomic and self.chunk_size is None

    def unit(self, backend: Backend) -> AbstractContextManager[None]:
        """The transaction in which the change is one, where it is to be."""
        return backend.transaction() if self.is_whole(backend) and not self.dry_run else nullcontext()


class Change(NamedTuple):
    """What is asked of the backend, in words and in deed, and for how many accounts at a time."""

    doing: str
    send: Send
    size: int


def adding(backend: Backend, segment: Segment, manner: Manner) -> Change:
    """AddSegmentAccounts."""

    def send(accounts: AccountSet) -> Sent:
        unique, added = backend.add_segment_accounts(segment.id, accounts)
        return Sent(unique, None) if added is None else Sent(added, unique - added)

    return Change("adding", send, manner.chunk_size or CHUNK_SIZE)


def removing(backend: Backend, segment: Segment, manner: Manner, *, strict: bool = False) -> Change:
    """RemoveSegmentAccount; `strict` raises ConflictError for one that is no member."""

    def send(accounts: AccountSet) -> Sent:
        removed, strangers = backend.remove_segment_accounts(segment.id, accounts)
        if strict and strangers:
            undone = "; nothing was removed" if manner.is_whole(backend) else ""
            raise ConflictError(
                f"account {strangers[0]} is no member of {segment.code}{undone}",
                hint="without --strict such accounts are counted and left",
            )
        return Sent(removed, len(strangers), strangers)

    size = (manner.chunk_size or CHUNK_SIZE) if backend.atomic else 1  # a request removes one account
    return Change("removing", send, size)


def carry_out(
    backend: Backend,
    terminal: Terminal,
    change: Change,
    accounts: AccountSet,
    manner: Manner,
    task: Task | None = None,
) -> Outcome:
    """Does it, and tells how far it is. A `task` is journaled, so that it can be resumed.

    Raises SegcliError where it is done as a whole; else what stopped it is in the outcome.
    """
    total = len(accounts.ids)
    with Progress(terminal, change.doing, retries=lambda: backend.retries) as progress:

        def watch(through: int) -> None:
            progress.update(through, total)

        if manner.is_whole(backend):
            return send_whole(accounts, change.send, watch)
        journal = _journal(terminal, task, accounts, manner, change) if task else None
        missing = journal.missing(total) if journal else [Piece(0, total)] if total else []
        pieces = Pieces(accounts, change.send, size=change.size, journal=journal, missing=missing)
        if backend.atomic:
            outcome = pieces.send_here(watch)
        else:
            outcome = pieces.send_by(manner.concurrency, watch, backend.cancel)
    if journal is not None:
        journal.close(finished=outcome.stopped_by is None)
        outcome.resumable = pieces.journal_error is None
    if pieces.journal_error is not None:
        terminal.say(f"{pieces.journal_error.message}; this run cannot be resumed")
    return outcome


def keep_failures(outcome: Outcome, rejects: Rejects) -> None:
    """Keeps the accounts that were refused where bad values are kept, and does not count them as such."""
    for account_id, error in outcome.failures:
        rejects.keep(Invalid(f"account {account_id}", str(account_id), error.message))


def _journal(
    terminal: Terminal, task: Task, accounts: AccountSet, manner: Manner, change: Change
) -> Journal | None:
    """The journal to go on with, or a new one; None where one request does it all, or none can be kept.

    Raises UsageError where other accounts were interrupted than these.
    """
    if manner.resume:
        journal = Journal.resume(task, accounts)
        if journal is not None:
            return journal
        terminal.say("there is nothing to resume: this begins at the beginning")
    if len(accounts.ids) <= change.size:
        return None
    try:
        return Journal.begin(task, accounts)
    except StoreError as error:
        terminal.say(f"{error.message}; this run cannot be resumed")
        return None
