"""Removing for good what a backend remembers: its older history, and accounts."""

from collections.abc import Sequence

from segcli.account_set import AccountSet, name_some
from segcli.backends.base import Backend
from segcli.backends.history import format_moment
from segcli.backends.origin import Origin
from segcli.errors import UsageError
from segcli.expressions.moments import parse_moment
from segcli.operations.account_words import accounts_named
from segcli.result import Result, columns_of, record
from segcli.terminal.streams import Terminal

_DRY_RUN = "dry run: nothing was changed"
_FORGOTTEN = columns_of(("place", "count", "detail"))
_NOT_COVERED = "not covered: backups, and files that were exported"


def prune_history(
    backend: Backend,
    terminal: Terminal,
    *,
    before: str | None,
    keep: str | None,
    now: int,
    origin: Origin,
    yes: bool,
    dry_run: bool = False,
) -> Result:
    """Removes the changes before a moment, which is `before`, or as long ago as `keep` (such as 365d) says.

    `now` is in microseconds since 1970 UTC. Asks first. Raises UsageError without a moment, or for one in the
    future.
    """
    text = before or (f"-{keep}" if keep else None)
    if text is None:
        raise UsageError(
            "no moment given",
            hint="pass --before DATE, or save it: segments profile set NAME --keep-history 365d",
        )
    moment = parse_moment(text, now)
    if moment > now:
        raise UsageError(f"'{text}' is in the future: expected a moment in the past")
    shown = format_moment(moment)
    if not dry_run:
        terminal.require_yes(yes, f"remove the history before {shown}")
    pruned = backend.upkeep.prune(moment, origin, dry_run=True)
    if pruned.changes and not dry_run:
        terminal.confirm(
            f"Remove {_counted(pruned.changes, 'change')} before {shown} for good, and write"
            f" {_counted(pruned.baselines, 'baseline')}?",
            yes=yes,
        )
        pruned = backend.upkeep.prune(moment, origin, dry_run=False)
    verb = "Would remove" if dry_run else "Removed"
    return record({"before": shown, "changes": pruned.changes, "baselines": pruned.baselines})._replace(
        note=_DRY_RUN if dry_run else None,
        summary=f"{verb} {_counted(pruned.changes, 'change')} before {shown}.",
    )


def forget(
    backend: Backend,
    terminal: Terminal,
    accounts: Sequence[str],
    *,
    yes: bool,
    dry_run: bool = False,
    customer_set: str | None = None,
) -> Result:
    """Removes accounts from all memberships, the history and the customers; an item for each place.

    Asks first, if there is something to remove. Nothing of it is recorded. What was removed before is
    overwritten, too: if a run was interrupted, running it again completes it.
    """
    ids = AccountSet(accounts_named(backend, terminal, accounts, customer_set))
    named = f"{'account' if len(ids) == 1 else 'accounts'} {name_some(ids)}"
    if not dry_run:
        terminal.require_yes(yes, f"forget {named}")
    found = backend.upkeep.forget(ids, dry_run=True)
    if not dry_run:
        if any(found):
            parts = [_counted(found.segments, "segment"), _counted(found.changes, "change")]
            if found.customers:
                parts.append(_counted(found.customers, "customer"))
            where = f"{', '.join(parts[:-1])} and {parts[-1]}"
            terminal.confirm(f"Remove {named} from {where} for good?", yes=yes)
        found = backend.upkeep.forget(ids, dry_run=False)
    items = [
        {"place": "memberships", "count": found.segments, "detail": "segments"},
        {"place": "history", "count": found.changes, "detail": "changes"},
        {"place": "customers", "count": found.customers, "detail": "customers"},
        {"place": "journals", "count": 0, "detail": "contain no account ids"},
    ]
    note = "; ".join([_DRY_RUN] * dry_run + [_NOT_COVERED])
    return Result(items, _FORGOTTEN, note=note)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
