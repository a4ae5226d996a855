"""Reading the history of a store: its changes, and the accounts of each."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, cast

from segcli.account_set import AccountSet
from segcli.backends.base import not_found
from segcli.backends.history import Change, ChangeQuery
from segcli.backends.origin import ChangedAccounts
from segcli.backends.store import parts
from segcli.backends.store.kept_segments import from_text
from segcli.errors import ConflictError, NotFoundError
from segcli.model import SegmentRef
from segcli.query.values import MICROSECONDS

if TYPE_CHECKING:
    from segcli.backends.store.database import Connection, Database
    from segcli.backends.store.dialect import Parameter, Row

COLUMNS = (
    "change.id, coalesce(run, change.id), undoes, changed_at, changed_by, command, reason,"
    " change.segment_id, code, kind, segment_before, segment_after, change.joined, change.departed, digest,"
    " is_exact, is_complete"
)
_KINDS = frozenset(("add", "update", "delete", "accounts", "undo", "baseline"))
PARTS = f"SELECT {parts.COLUMNS} FROM change_accounts WHERE change_id = ? AND segment_id = ? ORDER BY part"
_WITH_PARTS = (
    f"SELECT {', '.join(f'part.{column}' for column in parts.COLUMNS.split(', '))}"
    " FROM change_accounts part JOIN change"
    " ON change.id = part.change_id AND change.segment_id = part.segment_id"
)
_ONLY_PARTS = f"SELECT {parts.COLUMNS} FROM change_accounts part"
_MOMENT = "SELECT changed_at FROM change WHERE id = ?"
_SEGMENTS = "SELECT segment_id FROM change WHERE {0} = ? UNION SELECT id FROM segment_record WHERE {1} = ?"
_END = 253_402_300_800 * MICROSECONDS  # the first year that a date cannot have, 10000
_LIST = "list the changes with: segments history"


class StoreHistory:
    """The changes of a store. Errors of the database are raised as StoreErrors."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def changes(self, query: ChangeQuery) -> Iterator[Change]:
        """The changes, newest first, streamed from one snapshot. Raises NotFoundError for the segment."""
        conditions, values = _conditions(query)
        if query.segment is not None:
            with self._database.snapshot() as connection:
                ids = _segment_ids(connection, query.segment)
            if len(ids) == 1:  # the index has them in order
                conditions.append("change.segment_id = ?")
                values.append(ids[0])
            else:
                conditions.append(f"change.segment_id {self._database.dialect.in_list}")
                values.append(self._database.dialect.to_list(ids))
        where = " AND ".join(conditions) or "TRUE"
        account_id = query.account_id
        sql = f"SELECT {COLUMNS} FROM change WHERE {where} ORDER BY changed_at DESC, change.id DESC"

        def read(connection: "Connection") -> Iterator[Change]:
            if account_id is None:
                return map(change_of, islice(connection.execute(sql, values), query.limit))
            # Sorted here: a database would sort the sets with the rest of the rows.
            select = _WITH_PARTS if len(conditions) > 1 else _ONLY_PARTS
            rows = connection.execute(f"{select} WHERE {where}", values)
            ids = [row[0] for row in rows if parts.concerns(row, account_id)]
            found = [(*connection.execute(_MOMENT, [each]).fetchall()[0], each) for each in ids]
            found.sort(reverse=True)
            return (_read(connection, change_id) for _, change_id in islice(found, query.limit))

        _, found = self._database.stream(lambda _: 0, read)
        return found

    def change(self, change_id: int) -> Change:
        """Raises NotFoundError."""
        with self._database.read() as connection:
            return _read(connection, change_id)

    def run(self, run: int) -> Sequence[Change]:
        """The changes of a run, newest first. Raises NotFoundError."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM change WHERE run = ? OR (change.id = ? AND run IS NULL)"
                " ORDER BY change.id DESC",
                [run, run],
            ).fetchall()
            if not rows:
                raise NotFoundError(f"there is no run {run}", hint=_LIST)
            return [change_of(row) for row in rows]

    def accounts(self, change: Change) -> ChangedAccounts:
        """The accounts of a change. Raises NotFoundError, ConflictError if it is not as it was read."""
        with self._database.read() as connection:
            rows = connection.execute(PARTS, [change.id, change.segment_id])
            found = [parts.decode(row) for row in rows]
            accounts = ChangedAccounts(
                AccountSet.union(each.joined for each in found), AccountSet.union(each.left for each in found)
            )
            if change.kind != "baseline" and tuple(map(len, accounts)) != (change.joined, change.left):
                if _read(connection, change.id)[12:14] != change[12:14]:  # somebody forgot accounts
                    raise ConflictError(
                        f"change {change.id} was altered by another process", hint="run the command again"
                    )
                raise ValueError(f"change {change.id} does not have as many accounts as its counts say")
            return accounts


def _read(connection: "Connection", change_id: int) -> Change:
    """Raises NotFoundError."""
    row = connection.execute(f"SELECT {COLUMNS} FROM change WHERE change.id = ?", [change_id]).fetchone()
    if row is None:
        raise NotFoundError(f"there is no change {change_id}", hint=_LIST)
    return change_of(row)


def change_of(row: "Row") -> Change:
    """The change in a row of COLUMNS. Raises TypeError or ValueError if it is damaged."""
    change = Change(*row)
    if change.kind not in _KINDS:
        raise ValueError(f"{change.kind!r} is not a kind of change")
    numbers = (change.id, change.run, change.at, change.segment_id, change.joined, change.left)
    texts = (change.by, change.command, change.reason, change.digest)
    if (
        any(type(number) is not int for number in numbers)
        or type(change.undoes) not in (int, type(None))
        or type(change.code) is not str
        or any(type(text) not in (str, type(None)) for text in texts)
    ):
        raise TypeError(f"change {change.id!r} has values of other types")
    if not 0 <= change.at < _END:
        raise ValueError(f"{change.at} is not a date")
    before, after = (None if text is None else from_text(text) for text in row[10:12])
    return change._replace(
        before=before, after=after, exact=bool(change.exact), complete=bool(change.complete)
    )


def _conditions(query: ChangeQuery) -> "tuple[list[str], list[Parameter]]":
    """The conditions on the rows of changes, and their parameters."""
    given: list[tuple[str, Parameter]] = [
        ("changed_by = ?", query.by),
        ("changed_at >= ?", query.since),
        ("changed_at <= ?", query.until),
        ("part.part = ?", None if query.account_id is None else query.account_id >> parts.BITS),
    ]
    conditions = [condition for condition, value in given if value is not None]
    return conditions, [value for _, value in given if value is not None]


def _segment_ids(connection: "Connection", ref: SegmentRef) -> list[int]:
    """The segments that have the id, or have or had the code. Raises NotFoundError."""
    columns, value = (("segment_id", "id"), ref.id) if ref.code is None else (("code", "code"), ref.code)
    rows = connection.execute(_SEGMENTS.format(*columns), [value, value]).fetchall()
    if not rows:
        raise not_found(ref)
    return [cast(int, segment_id) for (segment_id,) in rows]
