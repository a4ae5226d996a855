"""Undoing changes: which ones, the question, and the writes that revert them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from segcli.backends.base import Backend, all_or_nothing
from segcli.backends.history import Change, ChangeQuery
from segcli.backends.origin import Origin
from segcli.backends.store.rows import actor
from segcli.bulk.change import MembershipChange
from segcli.bulk.options import BulkOptions
from segcli.bulk.outcome import Failure
from segcli.bulk.plan import Plan
from segcli.errors import ConflictError, NotFoundError, SegcliError, UsageError
from segcli.model import Segment, SegmentDraft
from segcli.operations.report import reported
from segcli.operations.reversal import Started, Step, accounts_of, plan, restored_by, reverted_fields
from segcli.result import Result, columns_of
from segcli.terminal.streams import Terminal

_MAX_COMMAND = 50  # characters of a command that a confirmation shows
_MAX_NAMED = 5  # segments that a confirmation names; more are only counted
_COLUMNS = columns_of(("change", "run", "segmentId", "id", "code", "action", "joined", "left"))
_RUN = "run:"
_MAX_DIGITS = 18  # of a number that a database can store
_HISTORY = "list the changes with: segments history"

_Verbs = Mapping[str, str]  # by what happens
_WILL: _Verbs = {
    "delete": "delete",
    "restore": "restore",
    "update": "revert the fields of",
    "join": "rejoin",
    "leave": "leave",
}
_DID: _Verbs = {
    "delete": "deleted",
    "restore": "restored",
    "update": "reverted the fields of",
    "join": "rejoined",
    "leave": "left",
}


class _Chosen(NamedTuple):
    """The changes to undo, and what earlier undos of them that were stopped have done."""

    changes: Sequence[Change]
    started: Started


def undo(
    backend: Backend,
    terminal: Terminal,
    changes: Sequence[str],
    *,
    origin: Origin,
    yes: bool,
    dry_run: bool = False,
) -> Result:
    """Reverts changes and runs (`run:17`), or the last run of this user; an item for each change.

    All of them or none on a store. Elsewhere one after the other: those before an error stay reverted.
    `origin` is what the history records. Raises UsageError, NotFoundError for an unknown change and if there
    is nothing to undo, ConflictError if a change cannot be undone; both also if the history or the state
    was changed during the confirmation.
    """
    if not dry_run:
        terminal.require_yes(yes, f"undo {' '.join(changes) or 'the last run'}")
    with backend.snapshot():
        chosen = _named(backend, changes) if changes else _last_run(backend)
        steps = plan(backend, *chosen)
    if dry_run:
        items = [_item(step, _id_after(step)) for step in steps]
        note = "dry run: nothing was changed"
        return Result(items, _COLUMNS, note=note, summary=_summary(chosen.changes, steps, dry_run=True))
    terminal.confirm(_question(chosen.changes, steps), yes=yes)
    items = []
    with _recorded_as(backend, origin), all_or_nothing(backend):
        if backend.atomic:
            backend.lock_segments([step.change.segment_id for step in steps])
            with _nothing_changed():
                steps = plan(backend, *chosen)
        undoing = _Undoing(backend, terminal, chosen.started)
        for step in steps:
            backend.record_as(Origin(origin.by, origin.command, origin.reason, step.change.id))
            with _counted(backend, len(items), len(steps)):
                items.append(_item(step, undoing.carry_out(step)))
    notes = [
        f"{item['code']} has a new id: {item['id']} (it was {item['segmentId']})"
        for item in items
        if item["id"] not in (None, item["segmentId"])
    ]
    return Result(
        items,
        _COLUMNS,
        note="; ".join(notes) or None,
        failures=reported(undoing.failures),
        summary=_summary(chosen.changes, steps),
    )


class _Undoing:
    """Carries out steps. A restored segment may get another id, which later steps use."""

    def __init__(self, backend: Backend, terminal: Terminal, started: Started) -> None:
        self.failures: list[Failure] = []
        self._backend = backend
        self._terminal = terminal
        self._started = started
        self._ids: dict[int, int] = {}

    def carry_out(self, step: Step) -> int | None:
        """Reverts the change, and returns the segment's id, None if it was deleted."""
        backend, change = self._backend, step.change
        segment_id = self._ids.get(change.segment_id, change.segment_id)
        if step.action == "delete":
            backend.delete_segment(segment_id)
            return None
        if step.action == "restore":
            segment = restored_by(change, self._started) or backend.restore_segment(step.segment)
            self._ids[change.segment_id] = segment.id
        else:
            segment = backend.get_segment(segment_id)
            if step.action == "update":
                new = reverted_fields(change, segment)
                segment = backend.update_segment(
                    segment.id, SegmentDraft(new.code, new.name, new.description)
                )
        self._change_accounts(segment, change)
        return segment.id

    def _change_accounts(self, segment: Segment, change: Change) -> None:
        accounts = accounts_of(self._backend, change, self._started)
        if not any(accounts):
            return
        memberships = MembershipChange(self._backend, self._terminal, segment, BulkOptions())
        for outcome in memberships.apply(Plan(accounts.left, 0, accounts.joined)):
            if outcome.stopped_by is not None:
                raise outcome.stopped_by
            self.failures += outcome.failures


def _named(backend: Backend, changes: Sequence[str]) -> _Chosen:
    """The changes that were named, each once. Raises UsageError, NotFoundError."""
    found: dict[int, Change] = {}
    for text in changes:
        number = _number(text)
        history = backend.history
        for change in history.run(number) if text.startswith(_RUN) else [history.change(number)]:
            found[change.id] = change
    if backend.atomic:
        return _Chosen(list(found.values()), {})
    scan = _Scan()
    since = min(change.at for change in found.values())
    scan.read(backend.history.changes(ChangeQuery(since=since)))
    rest = [change for change in found.values() if change.id not in scan.undone]
    return _Chosen(rest or list(found.values()), scan.started)


def _last_run(backend: Backend) -> _Chosen:
    """What is not undone of this user's last run that is not an undo. Raises NotFoundError."""
    user = actor()
    scan = _Scan()
    for last in scan.effective(backend.history.changes(ChangeQuery())):
        if last.by == user and last.kind not in ("undo", "baseline"):
            run = backend.history.run(last.run)
            return _Chosen([change for change in run if change.id not in scan.undone], scan.started)
    raise NotFoundError(f"there is nothing to undo: no change by {user or 'this user'}", hint=_HISTORY)


class _Scan:
    """Finds which changes are in effect, from the newest to the oldest.

    An undo is newer than the change that it reverted. If it was undone itself, that one is in effect again.
    """

    def __init__(self) -> None:
        self.undone: set[int] = set()
        self.started: dict[int, list[Change]] = {}

    def read(self, changes: Iterable[Change]) -> None:
        for _ in self.effective(changes):
            pass

    def effective(self, changes: Iterable[Change]) -> Iterator[Change]:
        for change in changes:
            if change.id in self.undone:
                continue
            if change.undoes is not None and change.complete:
                self.undone.add(change.undoes)
            elif change.undoes is not None:
                self.started.setdefault(change.undoes, []).append(change)
            yield change


def _number(text: str) -> int:
    digits = text.removeprefix(_RUN)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
        raise UsageError(f"'{text}' is not a valid change: expected a number, or run:N", hint=_HISTORY)
    return int(digits)


@contextmanager
def _recorded_as(backend: Backend, origin: Origin) -> Iterator[None]:
    """Records what follows the block as `origin` again."""
    try:
        yield
    finally:
        backend.record_as(origin)


@contextmanager
def _nothing_changed() -> Iterator[None]:
    """A conflict that was not there before the confirmation, or a change that was removed since."""
    try:
        yield
    except (ConflictError, NotFoundError) as error:
        raise error.with_context(after="it changed meanwhile, and nothing was undone") from error


@contextmanager
def _counted(backend: Backend, done: int, total: int) -> Iterator[None]:
    """An error says what stays done, if the backend does not roll back."""
    try:
        yield
    except SegcliError as error:
        if backend.atomic:
            raise
        after = f"{done} of {total} changes were undone"
        useless = not done and isinstance(error, (ConflictError, NotFoundError))
        hint = None if useless else "run the same command again for the rest"
        raise error.with_context(after=after, hint=hint) from error


def _id_after(step: Step) -> int | None:
    return None if step.action == "delete" else step.segment.id


def _item(step: Step, segment_id: int | None) -> dict[str, object]:
    return {
        "change": step.change.id,
        "run": step.change.run,
        "segmentId": step.change.segment_id,
        "id": segment_id,
        "code": step.segment.code,
        "action": step.action,
        "joined": step.joined,
        "left": step.left,
    }


def _question(changes: Sequence[Change], steps: Sequence[Step]) -> str:
    return f"Undo {_what(changes)}: {', '.join(_effects(steps, _WILL))}?"


def _summary(changes: Sequence[Change], steps: Sequence[Step], *, dry_run: bool = False) -> str:
    verb, verbs = ("Would undo", _WILL) if dry_run else ("Undid", _DID)
    return f"{verb} {_what(changes)}: {', '.join(_effects(steps, verbs))}."


def _what(changes: Sequence[Change]) -> str:
    """The changes by number, with the start of the command if it is one."""
    runs = sorted({change.run for change in changes})
    command = (changes[0].command or "").removeprefix("segments ")
    if len(command) > _MAX_COMMAND:
        command = f"{command[: _MAX_COMMAND - 1]}…"
    shown = f" ({command})" if command and len(runs) == 1 else ""
    if len(changes) == 1 and runs != [changes[0].id]:
        return f"change {changes[0].id} of run {runs[0]}{shown}"
    if len(runs) == 1:
        return f"run {runs[0]}{shown}"
    return f"{len(changes):,} changes of {len(runs):,} runs"


def _effects(steps: Sequence[Step], verbs: _Verbs) -> list[str]:
    """What undoing does: segments by name, accounts counted."""
    texts = []
    for action in ("delete", "restore", "update"):
        segments = [step.segment for step in steps if step.action == action]
        if segments:
            named = [f"{segment.code} (id {segment.id})" for segment in segments[:_MAX_NAMED]]
            more = len(segments) - len(named)
            texts.append(f"{verbs[action]} {', '.join(named)}{f' and {more:,} more' if more else ''}")
    joined, left = sum(step.joined for step in steps), sum(step.left for step in steps)
    ending = "s" if verbs is _WILL else ""
    if joined:
        texts.append(f"{_accounts(joined)} {verbs['join']}{ending * (joined == 1)}")
    if left:
        number = f"{left:,}" if joined else _accounts(left)
        texts.append(f"{number} {verbs['leave']}{ending * (left == 1)}")
    return texts or ["no field or account"]


def _accounts(count: int) -> str:
    return f"{count:,} {'account' if count == 1 else 'accounts'}"
