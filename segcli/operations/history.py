"""Reading the history: which changes there were, and what one of them changed."""

import json
from collections.abc import Iterator
from itertools import chain

from segcli.backends.base import Backend
from segcli.backends.history import Change, ChangeQuery
from segcli.errors import UsageError
from segcli.expressions.moments import parse_moment
from segcli.model import SegmentRef
from segcli.operations.account_words import accounts_named
from segcli.operations.past import Past
from segcli.result import ACCOUNT_ID, Column, Json, Result
from segcli.terminal.streams import Terminal

_COLUMNS = (
    Column("id", ("id",)),
    Column("run", ("run",), detail=True),
    Column("at", ("at",), date=True),
    Column("by", ("by",)),
    Column("kind", ("kind",)),
    Column("segmentId", ("segmentId",), detail=True),
    Column("code", ("code",)),
    Column("joined", ("joined",)),
    Column("left", ("left",)),
    Column("command", ("command",)),
    Column("reason", ("reason",), detail=True),
)
_FIELDS = ("code", "name", "description")
_MAX_DIGITS = 18


class _ChangedFields(Column):
    """The fields that a change changed, with their values before and after."""

    __slots__ = ()

    def value(self, item: Json) -> Json:
        before, after = item["before"] or {}, item["after"] or {}
        changed = [name for name in _FIELDS if before.get(name) != after.get(name)]
        return "; ".join(f"{name}: {_text(before.get(name))} → {_text(after.get(name))}" for name in changed)


def history(
    backend: Backend,
    terminal: Terminal,
    segment: str | None,
    *,
    account: str | None = None,
    user: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: int | None = None,
    wide: bool = False,
    customer_set: str | None = None,
) -> Result:
    """The changes that match every given condition, newest first, streamed.

    `segment` may be deleted, or a code that a segment had; both moments are inclusive. Raises UsageError,
    NotFoundError for a segment that never existed.
    """
    now = Past(backend).now
    account_id = None
    if account is not None:
        (account_id,) = accounts_named(backend, terminal, [account], customer_set)
    query = ChangeQuery(
        segment=None if segment is None else SegmentRef.parse(segment),
        account_id=account_id,
        by=user,
        since=None if since is None else parse_moment(since, now),
        until=None if until is None else parse_moment(until, now),
        limit=limit,
    )
    changes = backend.history.changes(query)
    first = next(changes, None)
    if first is None:
        given = (segment, account, user, since, until)
        note = (
            "the history is empty: nothing was changed yet" if given == (None,) * 5 else "no change matches"
        )
        return Result([], _COLUMNS, note=note, short=not wide)
    return Result(_documents(first, changes), _COLUMNS, short=not wide)


def change(backend: Backend, change: str, *, joined: bool = False, left: bool = False) -> Result:
    """One change in full, or the accounts that `joined` or `left` in it.

    Raises UsageError, NotFoundError.
    """
    if joined and left:
        raise UsageError("--joined and --left cannot be used together", hint="omit one of them")
    change_id = _parse_id(change)
    with backend.snapshot():
        found = backend.history.change(change_id)
        accounts = backend.history.accounts(found)  # also checks the counts
    if not joined and not left:
        changed = _ChangedFields("fields", ())
        return Result([found.to_json()], (*_COLUMNS, changed), "object")
    if found.kind == "baseline":
        raise UsageError(
            f"change {found.id} is the baseline of {found.code}: nobody joined or left",
            hint="its accounts are those of: segments accounts list SEGMENT --at MOMENT",
        )
    chosen = accounts.joined if joined else accounts.left
    return Result(chosen, (ACCOUNT_ID,), "collection", {"totalCount": len(chosen)}, id_blocks=chosen.lines())


def _documents(first: Change, rest: Iterator[Change]) -> Iterator[Json]:
    return (change.to_json() for change in chain([first], rest))


def _parse_id(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    raise UsageError(
        f"'{text}' is not a valid change: expected its id", hint="list the changes with: segments history"
    )


def _text(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)
