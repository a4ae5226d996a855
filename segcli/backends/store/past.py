"""The state of a store at a moment in the past, computed backwards from the present.

A segment was what the first later change found, or what it is now. An account was a member if it is one now
and joined or left in an even number of later changes, or if it is not and did so in an odd number.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from segcli.account_set import AccountSet
from segcli.backends.base import Memberships, ReportProgress, Segments, ignore_progress, not_found
from segcli.backends.history import format_moment
from segcli.backends.store import blocks, memberships, parts
from segcli.backends.store.kept_segments import from_text
from segcli.backends.store.rows import find, segment_of
from segcli.backends.store.statements import SEGMENT_COLUMNS
from segcli.errors import NotFoundError
from segcli.model import Collection, Segment, SegmentRef
from segcli.query.in_memory import select
from segcli.query.tree import SegmentQuery
from segcli.text import find_surrogate

if TYPE_CHECKING:
    from segcli.backends.store.database import Connection, Database

_START = "SELECT min(changed_at) FROM change"
_NEXT = (
    "SELECT segment_before FROM change WHERE segment_id = ? AND changed_at > ? ORDER BY changed_at LIMIT 1"
)
_FIRST_LATER = (
    "SELECT change.segment_id, segment_before FROM change JOIN"
    " (SELECT segment_id, min(changed_at) AS first_at FROM change WHERE changed_at > ? GROUP BY segment_id)"
    " AS later ON later.segment_id = change.segment_id AND later.first_at = change.changed_at"
)
_WITH_CODE = (
    "SELECT segment_id FROM change WHERE code = ? AND changed_at > ?"
    " UNION SELECT id FROM segment_record WHERE code = ?"
)
_PART_COLUMNS = ", ".join(f"part.{column}" for column in parts.COLUMNS.split(", "))
_LATER_PARTS = (
    f"SELECT {_PART_COLUMNS} FROM change JOIN change_accounts part"
    " ON part.change_id = change.id AND part.segment_id = change.segment_id"
    " WHERE change.segment_id = ? AND changed_at > ?"
)
_LATER_COUNT = (
    "SELECT coalesce(sum(joined - departed), 0) FROM change"
    " WHERE segment_id = ? AND changed_at > ? AND kind <> 'baseline'"
)
_LATER_PART = (
    f"SELECT {_PART_COLUMNS} FROM change_accounts part JOIN change"
    " ON change.id = part.change_id AND change.segment_id = part.segment_id"
    " WHERE part.part = ? AND changed_at > ?"
)


class PastReader:
    """The segments and memberships at `moment`, in microseconds since 1970 UTC.

    Every method raises NotFoundError if the history starts later.
    """

    atomic = True
    reads_are_local = True
    retries = 0

    def __init__(self, database: "Database", moment: int) -> None:
        self._database = database
        self._moment = moment

    @property
    def place(self) -> str:
        return self._database.place

    def get_segments(self, query: SegmentQuery) -> Collection[Segment]:
        with self._snapshot() as connection:
            return _page(select(self._segments(connection).values(), query), query)

    def iter_segments(self, query: SegmentQuery, limit: int | None = None) -> Segments:
        with self._snapshot() as connection:
            found = select(self._segments(connection).values(), query)
        rest = found[query.start_index :]
        return Segments(len(found), iter(rest if limit is None else rest[:limit]))

    def get_segment(self, segment_id: int) -> Segment:
        return self.find_segment(SegmentRef(id=segment_id))

    def find_segment(self, ref: SegmentRef) -> Segment:
        with self._snapshot() as connection:
            if ref.code is None and ref.id is not None:
                found = self._segment(connection, ref.id)
            else:
                found = self._segment_with_code(connection, ref.code or "")
        if found is None:
            raise NotFoundError(
                f"there was no segment with {ref} at {format_moment(self._moment)}",
                hint="list the segments of that time with: segments list --all --at MOMENT",
            )
        return found

    def exists(self, segment_id: int) -> bool:
        """Whether there was a segment with that id."""
        with self._snapshot() as connection:
            return self._segment(connection, segment_id) is not None

    def get_account_segments(self, account_id: int, query: SegmentQuery) -> Collection[Segment]:
        with self._snapshot() as connection:
            block = memberships.read_blocks(connection, self._database.dialect, [account_id >> blocks.BITS])
            ids = {segment_id for segment_id, accounts in block if account_id in accounts}
            for row in connection.execute(_LATER_PART, [account_id >> parts.BITS, self._moment]):
                changed = parts.decode(row)
                if account_id in changed.joined or account_id in changed.left:
                    ids ^= {row[1]}
            found = [self._existing(connection, segment_id) for segment_id in ids]
            return _page(select(found, query), query)

    def get_segment_accounts(self, segment_id: int, report: ReportProgress = ignore_progress) -> AccountSet:
        with self._snapshot() as connection:
            if self._segment(connection, segment_id) is None:
                raise not_found(SegmentRef(id=segment_id))
            return self._accounts(connection, segment_id, report)

    def get_memberships(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress, *, known: bool = False
    ) -> Memberships:
        with self._snapshot() as connection:
            accounts = {each: self._accounts(connection, each, report) for each in segment_ids}
            everything = None
            if known:
                every = self._segments(connection)
                everything = AccountSet.union(self._accounts(connection, each, report) for each in every)
            return Memberships(accounts, everything)

    def count_segment_accounts(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress
    ) -> Mapping[int, int]:
        with self._snapshot() as connection:
            return {each: self._count(connection, each) for each in segment_ids}

    def snapshot(self) -> AbstractContextManager[None]:
        return self._database.hold()

    @contextmanager
    def _snapshot(self) -> "Iterator[Connection]":
        with self._database.snapshot() as connection:
            self._require_history(connection)
            yield connection

    def _require_history(self, connection: "Connection") -> None:
        ((start,),) = connection.execute(_START).fetchall()
        if start is None:
            raise NotFoundError(
                "there is no history yet", hint="leave out the moment to use the present state"
            )
        if self._moment < start:
            raise NotFoundError(
                f"there is no history of {format_moment(self._moment)}:"
                f" the first change is of {format_moment(start)}"
            )

    def _segments(self, connection: "Connection") -> dict[int, Segment]:
        """Every segment, by id."""
        rows = connection.execute(f"SELECT {SEGMENT_COLUMNS} FROM segment_record")
        found = {segment.id: segment for segment in map(segment_of, rows)}
        for segment_id, text in connection.execute(_FIRST_LATER, [self._moment]):
            if text is None:
                found.pop(segment_id, None)
            else:
                found[segment_id] = from_text(text)
        return found

    def _segment(self, connection: "Connection", segment_id: int) -> Segment | None:
        row = connection.execute(_NEXT, [segment_id, self._moment]).fetchone()
        if row is not None:
            return None if row[0] is None else from_text(row[0])
        try:
            return find(connection, SegmentRef(id=segment_id))
        except NotFoundError:
            return None

    def _existing(self, connection: "Connection", segment_id: int) -> Segment:
        segment = self._segment(connection, segment_id)
        if segment is None:
            raise ValueError(f"there were accounts of segment {segment_id}, which did not exist")
        return segment

    def _segment_with_code(self, connection: "Connection", code: str) -> Segment | None:
        """If the clock was set back, two segments may have had it: then the one created later."""
        if find_surrogate(code) is not None:
            return None
        rows = connection.execute(_WITH_CODE, [code, self._moment, code]).fetchall()
        for segment_id in sorted((row[0] for row in rows), reverse=True):
            segment = self._segment(connection, segment_id)
            if segment is not None and segment.code == code:
                return segment
        return None

    def _accounts(self, connection: "Connection", segment_id: int, report: ReportProgress) -> AccountSet:
        present = memberships.read(connection, segment_id, report)
        rows = connection.execute(_LATER_PARTS, [segment_id, self._moment])
        accounts = present ^ AccountSet.odd(each for row in rows for each in parts.decode(row))
        if len(accounts) != self._count(connection, segment_id):
            raise ValueError(f"the later changes of segment {segment_id} are not those of its accounts")
        return accounts

    def _count(self, connection: "Connection", segment_id: int) -> int:
        """How many accounts a segment had, by the counts alone."""
        present = memberships.size(connection, segment_id)
        ((later,),) = connection.execute(_LATER_COUNT, [segment_id, self._moment]).fetchall()
        return (present.accounts if present else 0) - int(later)


def _page(found: Sequence[Segment], query: SegmentQuery) -> Collection[Segment]:
    items = found[query.start_index : query.start_index + query.page_size]
    return Collection(query.start_index, query.page_size, len(found), tuple(items))
