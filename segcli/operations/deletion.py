"""Deleting segments, after confirmation; the accounts of a tenant's are read first, for the ledger."""

from collections.abc import Sequence

from segcli.backends.base import Backend, all_or_nothing
from segcli.errors import SegcliError, UnavailableError
from segcli.model import Segment, SegmentRef
from segcli.operations.segments import DRY_RUN, find_all, given, listed
from segcli.query.tree import MAX_PAGE_SIZE
from segcli.result import Result, columns_of
from segcli.terminal.streams import Terminal

_MAX_REQUESTS = 100  # to read the accounts of what is deleted, without asking
_DELETED = columns_of(("id", "code", "accounts", "result"))


class _CostlyError(Exception):
    """Reading the accounts takes at least `requests`, which are too many."""

    def __init__(self, requests: int) -> None:
        super().__init__(requests)
        self.requests = requests


def delete(
    backend: Backend,
    terminal: Terminal,
    segments: Sequence[str],
    *,
    yes: bool,
    ignore_missing: bool,
    dry_run: bool = False,
    no_ledger: bool = False,
) -> Result:
    """DeleteSegment, after confirmation; the result has an item for each deleted segment.

    A dry run neither asks nor deletes. Otherwise deletes all of them or none; on a tenant, those before
    an error stay deleted, and the accounts are read first, unless `no_ledger`, so that the ledger has them.
    Raises NotFoundError before anything is deleted if a segment is missing, unless `ignore_missing`.
    """
    refs = [SegmentRef.parse(text) for text in given(segments)]
    found, missing = find_all(backend, refs)
    if missing and not ignore_missing:
        raise missing[0]
    if found and not dry_run:
        terminal.require_yes(yes, f"delete {listed(segments)}")
    counts: list[int | None] = [None] * len(found)
    if backend.reads_are_local:
        known = backend.count_segment_accounts([segment.id for segment in found])
        counts = [known[segment.id] for segment in found]
    elif found and not dry_run and not no_ledger:
        counts = _read_accounts(backend, terminal, found, yes=yes)
    if found and not dry_run:
        terminal.confirm(_question(found, counts), yes=yes)
        _delete(backend, found)
    done = "would be deleted" if dry_run else "deleted"
    items = [
        {"id": segment.id, "code": segment.code, "accounts": count, "result": done}
        for segment, count in zip(found, counts, strict=True)
    ]
    notes = [error.message for error in missing] + [DRY_RUN] * dry_run
    return Result(items, _DELETED, note="; ".join(notes) or None)


def _delete(backend: Backend, segments: Sequence[Segment]) -> None:
    with all_or_nothing(backend):
        backend.lock_segments([segment.id for segment in segments])
        for count, segment in enumerate(segments):
            try:
                backend.delete_segment(segment.id)
            except SegcliError as error:
                if backend.atomic or not count:
                    raise
                after = f"{count} of {len(segments)} segments were deleted"
                raise error.with_context(after=after) from error


def _read_accounts(
    backend: Backend, terminal: Terminal, segments: Sequence[Segment], *, yes: bool
) -> list[int | None]:
    """Reads the accounts of the segments, and returns how many each has; asks if that takes long.

    Raises DeclinedError.
    """
    try:
        try:
            return _counts(backend, terminal, segments, _MAX_REQUESTS)
        except _CostlyError as error:
            names = listed([segment.code for segment in segments])
            number = f"{error.requests:,}" if len(segments) == 1 else f"at least {error.requests:,}"
            cost = f"the accounts of {names}, which undo needs, takes {number} requests"
        terminal.confirm(f"Reading {cost} (--no-ledger skips that). Continue?", yes=yes)
        if yes:
            terminal.info(f"reading {cost}; --no-ledger skips that")
        return _counts(backend, terminal, segments, None)
    except UnavailableError as error:
        hint = "--no-ledger deletes without reading the accounts, which cannot be undone"
        raise error.with_context(after="nothing was deleted", hint=hint) from error


def _counts(
    backend: Backend, terminal: Terminal, segments: Sequence[Segment], limit: int | None
) -> list[int | None]:
    """The numbers of accounts. Raises _CostlyError, early, if that takes more requests than `limit`."""
    from segcli.terminal.progress import Progress

    requests = 0
    with Progress(terminal, "reading members", retries=lambda: backend.retries) as progress:

        def report(done: int, total: int | None) -> None:
            nonlocal requests
            if not done:  # the first page of a segment, or of all accounts
                requests += max(-(-(total or 0) // MAX_PAGE_SIZE), 1)
            if limit is not None and requests > limit:
                raise _CostlyError(requests)
            progress.update(done, total)

        found = backend.get_memberships([segment.id for segment in segments], report).of
    return [len(found[segment.id]) for segment in segments]


def _question(segments: Sequence[Segment], counts: Sequence[int | None]) -> str:
    what = listed([f"{segment.code} (id {segment.id})" for segment in segments])
    known = [count for count in counts if count is not None]
    number = f"{sum(known):,} " if len(known) == len(counts) else ""
    noun = "account association" if number == "1 " else "account associations"
    joint = " and its" if len(segments) == 1 else ", and their"
    return f"Delete {what}{joint} {number}{noun}?"
