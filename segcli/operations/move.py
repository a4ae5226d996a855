"""Moves a store to an empty one: segments with their ids and dates, accounts, and the history."""

from segcli.backends.base import Backend, all_or_nothing
from segcli.errors import UsageError
from segcli.result import Json, Result, columns_of, record
from segcli.terminal.streams import Terminal


def move(
    backend: Backend,
    terminal: Terminal,
    source: str,
    other: Backend | None,
    *,
    accounts: bool,
    dry_run: bool,
    yes: bool,
) -> Result:
    """Copies everything of the store `other` into the empty `backend`, after confirmation.

    Nothing is recorded as a change: the history is that of the source. Raises UsageError unless both are
    stores, ConflictError if the backend is not empty.
    """
    if not accounts:
        raise UsageError("--history requires --accounts: changes are about accounts too")
    if other is None or not other.atomic or not backend.atomic:
        raise UsageError(
            "--history copies from one store to another: a manifest or a tenant has no history",
            hint="leave out --history",
        )
    if other.place == backend.place:
        raise UsageError("the source and the backend are the same")
    if not dry_run:
        terminal.require_yes(yes, f"apply {source}")
    with other.snapshot():
        segments = list(other.count_segments())
    return record({})
