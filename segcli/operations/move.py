"""Moves a store to an empty one: segments with their ids and dates, accounts, and the history."""

from contextlib import closing

from segcli.backends.base import Backend
from segcli.backends.history import ChangeQuery, Moved
from segcli.errors import StoreError, StoreUncertainError, UsageError
from segcli.operations.apply import ApplyOptions
from segcli.operations.apply_source import OpenSource, SourceOptions
from segcli.query.tree import SegmentQuery
from segcli.result import Result, record
from segcli.terminal.streams import Terminal

_OWN = ("accounts", "dry_run", "yes", "rps")  # options that are not about a plan


def move(
    backend: Backend,
    terminal: Terminal,
    source: str,
    open_source: OpenSource,
    source_options: SourceOptions,
    options: ApplyOptions,
) -> Result:
    """Copies everything of the store that `source` names into the empty `backend`, after confirmation.

    Nothing is recorded as a change: the history is that of the source. Raises UsageError unless both are
    stores, and for an option that has no meaning here; ConflictError if the backend is not empty.
    """
    _require_no_other(source_options, options)
    if not source_options.accounts:
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
        if options.dry_run:
            found = _counts(other)._asdict()
            return record({**found, "dryRun": True})._replace(note="dry run: nothing was changed")
        terminal.require_yes(options.yes, f"apply {source}")
        if not options.yes:
            terminal.confirm(_question(backend, _counts(other)), yes=False)
        moved = _received(backend, other)
    return record({**moved._asdict(), "dryRun": False})


def _require_no_other(source_options: SourceOptions, options: ApplyOptions) -> None:
    """Raises UsageError for an option about a plan: there is none."""
    given = {**source_options._asdict(), **options._asdict()}
    for name, value in given.items():
        if name not in _OWN and value is not None and value is not False:
            raise UsageError(
                f"--{name.replace('_', '-')} does not work with --history",
                hint="everything is copied, and only to an empty store",
            )


def _received(backend: Backend, other: Backend) -> Moved:
    """Not within a transaction of changes: after a lost commit, their absence would look like success."""
    try:
        return backend.receive(other)
    except StoreUncertainError:
        raise
    except StoreError as error:
        raise error.with_context(after="nothing was changed") from error


def _counts(store: Backend) -> Moved:
    with store.snapshot():
        ids = [segment.id for segment in store.iter_segments(SegmentQuery()).items]
        accounts = sum(store.count_segment_accounts(ids).values())
        changes = sum(1 for _ in store.history.changes(ChangeQuery()))
        customers = store.customers.list(SegmentQuery(), limit=0)
        list(customers.items)  # ends the stream
    return Moved(len(ids), accounts, changes, customers.total_count)


def _question(backend: Backend, found: Moved) -> str:
    customers = f", {found.customers:,} customers" if found.customers else ""
    return (
        f"Copy {found.segments:,} segments, {found.accounts:,} account associations{customers}"
        f" and {found.changes:,} changes to {backend.place}?"
    )
