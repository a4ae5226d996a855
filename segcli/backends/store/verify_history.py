"""Checks the history of a store against its present state, backwards from there, segment by segment."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from segcli.account_set import Members
from segcli.backends.base import ignore_progress
from segcli.backends.history import Change, format_moment
from segcli.backends.store import memberships
from segcli.backends.store.changes import COLUMNS, PARTS, change_of
from segcli.backends.store.database import Connection
from segcli.backends.store.parts import decode
from segcli.backends.store.rows import find
from segcli.errors import NotFoundError
from segcli.model import Segment, SegmentRef

_CHANGES = f"SELECT {COLUMNS} FROM change ORDER BY change.segment_id, changed_at DESC, change.id DESC"
_SEGMENT_ID = 7  # its place in a row of COLUMNS
_ORPHANS = (
    "SELECT change_id FROM change_accounts WHERE NOT EXISTS (SELECT 1 FROM change"
    " WHERE change.id = change_accounts.change_id AND change.segment_id = change_accounts.segment_id)"
)
_WITHOUT_HISTORY = "SELECT id FROM segment_record EXCEPT SELECT segment_id FROM change"
_SIZE = """
    SELECT count(*), min(changed_at), coalesce(sum(
        length(code) + coalesce(length(command), 0) + coalesce(length(reason), 0)
        + coalesce(length(segment_before), 0) + coalesce(length(segment_after), 0)
    ), 0) FROM change
"""
_SIZE_OF_ACCOUNTS = (
    "SELECT coalesce(sum(coalesce(length(joined), 0) + coalesce(length(departed), 0)), 0)"
    " FROM change_accounts"
)
_ROW_BYTES = 200  # of a change, without its texts, and with its part of the indexes


class Extent(NamedTuple):
    """How many changes there are, since when (microseconds since 1970 UTC), and how many bytes they take."""

    changes: int
    since: int | None
    size: int


def extent(connection: Connection) -> Extent:
    """The extent of the history; the size is an estimate."""
    ((changes, since, texts),) = connection.execute(_SIZE).fetchall()
    ((accounts,),) = connection.execute(_SIZE_OF_ACCOUNTS).fetchall()
    return Extent(changes, since, changes * _ROW_BYTES + int(texts) + int(accounts))


def describe(found: Extent) -> str:
    """The extent for people."""
    if found.since is None:
        return "no changes yet"
    size = f"{found.size / 1_000_000:,.1f} MB" if found.size >= 100_000 else f"{found.size / 1_000:,.1f} kB"
    changes = f"{found.changes:,} {'change' if found.changes == 1 else 'changes'}"
    return f"{changes} since {format_moment(found.since)}, {size}"


def verify_history(connection: Connection) -> None:
    """Raises TypeError or ValueError for the first problem; memory does not grow with their number."""
    for (change_id,) in connection.execute(_ORPHANS):
        raise ValueError(f"there are accounts of change {change_id!r}, which does not exist")
    for (segment_id,) in connection.execute(_WITHOUT_HISTORY):
        raise ValueError(f"segment {segment_id!r} has no history")
    for segment_id, rows in groupby(connection.execute(_CHANGES), lambda row: row[_SEGMENT_ID]):
        if type(segment_id) is not int:
            raise TypeError(f"there are changes of the segment {segment_id!r}")
        _verify(connection, segment_id, map(change_of, rows))


def _verify(connection: Connection, segment_id: int, changes: Iterator[Change]) -> None:
    """Checks the changes of a segment, the newest first."""
    members = Members(memberships.read(connection, segment_id, ignore_progress))
    newer: Change | None = None
    expected = _present(connection, segment_id)
    for change in changes:
        if newer is not None and (newer.kind == "baseline" or (newer.before is None and change.after)):
            raise _wrong(change, "is older than the start of the history of its segment")
        if newer is not None and newer.at <= change.at:
            raise _wrong(change, f"is not older than change {newer.id}")
        if change.after != expected:
            what = "the segment as it is" if newer is None else f"what change {newer.id} found"
            raise _wrong(change, f"does not lead to {what}")
        _require_numbers(change)
        _revert(connection, change, members)
        newer, expected = change, change.before
    if newer is not None and newer.before is not None and newer.kind != "baseline":
        raise _wrong(newer, "is not the start of the history of its segment, but the first change")


def _revert(connection: Connection, change: Change, members: Members) -> None:
    if change.after is None and len(members):
        raise _wrong(change, "deleted the segment, which has accounts after it")
    joined = left = 0
    for row in connection.execute(PARTS, [change.id, change.segment_id]):
        part = decode(row)
        joined, left = joined + len(part.joined), left + len(part.left)
        if not members.revert(*part):
            raise _wrong(change, "does not match the accounts of the segment after it")
    if change.kind == "baseline":
        if change.before != change.after or change.before is None or joined or left or change.left:
            raise _wrong(change, "is not a valid baseline")
        accounts = members.accounts()
        if (len(accounts), accounts.digest()) != (change.joined, change.digest):
            raise _wrong(change, "is a baseline of other accounts than those that later changes lead back to")
    elif (joined, left) != (change.joined, change.left):
        raise _wrong(change, "has another number of accounts than its counts say")
    elif change.before is None and len(members):
        raise _wrong(change, "added the segment, which has accounts before it")


def _require_numbers(change: Change) -> None:
    """Raises ValueError if the change says something else twice."""
    for segment in (change.before, change.after):
        if segment is not None and segment.id != change.segment_id:
            raise _wrong(change, "has a segment with another id")
    known = change.before or change.after
    if known is None or known.code != change.code:
        raise _wrong(change, "has another code than its segment")
    if change.undoes is not None and (type(change.undoes) is not int or change.undoes >= change.id):
        raise _wrong(change, f"cannot undo change {change.undoes!r}")
    if change.run > change.id:
        raise _wrong(change, f"cannot be part of run {change.run}")


def _present(connection: Connection, segment_id: int) -> Segment | None:
    try:
        return find(connection, SegmentRef(id=segment_id))
    except NotFoundError:
        return None


def _wrong(change: Change, what: str) -> ValueError:
    return ValueError(f"change {change.id} {what}")
