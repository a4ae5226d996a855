"""Moves a store to an empty one: segments with their ids and dates, accounts, and the history."""

from collections.abc import Callable
from contextlib import closing

from segcli.backends.base import Backend, all_or_nothing
from segcli.backends.history import ChangeQuery, Moved
from segcli.errors import UsageError
from segcli.query.tree import SegmentQuery
from segcli.result import Result, record
from segcli.terminal.streams import Terminal


def move(
    backend: Backend,
    terminal: Terminal,
    source: str,
    open_source: Callable[[str], Backend | None],
    *,
    accounts: bool,
    dry_run: bool,
    yes: bool,
) -> Result:
    """Copies everything of the store that `source` names into the empty `backend`, after confirmation.

    Nothing is recorded as a change: the history is that of the source. Raises UsageError unless both are
    stores, ConflictError if the backend is not empty.
    """
    if not accounts:
        raise UsageError(
            "--history requires --accounts", hint="the changes of a store are about its accounts too"
        )
    other = open_source(source)
    if other is None:
        raise UsageError("--history requires a store as the source", hint="such as sqlite:PATH")
    with closing(other):
        if not other.atomic or not backend.atomic:
            raise UsageError("--history does not work with a tenant, which keeps none")
        if other.place == backend.place:
            raise UsageError("the source and the backend are the same")
        if dry_run:
            found = _counts(other)._asdict()
            return record({**found, "dryRun": True})._replace(note="dry run: nothing was changed")
        terminal.require_yes(yes, f"apply {source}")
        if not yes:
            terminal.confirm(_question(backend, _counts(other)), yes=False)
        with all_or_nothing(backend):
            moved = backend.receive(other)
    return record({**moved._asdict(), "dryRun": False})


def _counts(store: Backend) -> Moved:
    with store.snapshot():
        ids = [segment.id for segment in store.iter_segments(SegmentQuery()).items]
        accounts = sum(store.count_segment_accounts(ids).values())
        changes = sum(1 for _ in store.history.changes(ChangeQuery()))
    return Moved(len(ids), accounts, changes)


def _question(backend: Backend, found: Moved) -> str:
    return (
        f"Copy {found.segments:,} segments, {found.accounts:,} account associations"
        f" and {found.changes:,} changes to {backend.place}?"
    )
