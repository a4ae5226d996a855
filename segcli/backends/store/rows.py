"""Reads segments from rows; the date and the user that a write records."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from segcli.backends.base import not_found
from segcli.backends.store.statements import SEGMENT_COLUMNS
from segcli.model import INT32_MAX, AuditInfo, Segment, SegmentRef
from segcli.text import find_surrogate, visible

if TYPE_CHECKING:
    from segcli.backends.store.database import Connection

_EPOCH = datetime(1970, 1, 1)
_TEXT = (str, type(None))  # of a column that can be NULL
_TYPES = frozenset(product((int,), (str,), _TEXT, _TEXT, (int,), (int,), _TEXT, _TEXT))


def segment_of(row: tuple[Any, ...]) -> Segment:
    """A segment from a row of SEGMENT_COLUMNS. Raises TypeError, ValueError if the row is damaged."""
    if tuple(map(type, row)) not in _TYPES:
        found = ", ".join(type(value).__name__ for value in row)
        raise TypeError(f"a segment has values of the types {found}")
    segment_id, code, name, description, created, updated, create_by, update_by = row
    require_id(segment_id)
    create_date = _format_date(created)
    update_date = create_date if updated == created else _format_date(updated)
    audit = AuditInfo(create_date, update_date, create_by, update_by)
    return Segment(segment_id, code, name, description, audit)


def find(connection: "Connection", ref: SegmentRef, *, lock: str = "") -> Segment:
    """The segment with that id, or with exactly that code. Raises NotFoundError."""
    column, value = ("id", ref.id) if ref.code is None else ("code", ref.code)
    if ref.code is not None and find_surrogate(ref.code) is not None:
        raise not_found(ref)
    row = connection.execute(
        f"SELECT {SEGMENT_COLUMNS} FROM segment_record WHERE {column} = ?{lock}", [value]
    ).fetchone()
    if row is None:
        raise not_found(ref)
    return segment_of(row)


def require_id(value: object) -> int:
    """The id of a segment or account. Raises ValueError if the row is damaged."""
    if type(value) is not int or not 1 <= value <= INT32_MAX:
        raise ValueError(f"{value!r} is not an id")
    return value


def require_text(value: object) -> str:
    """The code of a segment. Raises TypeError if the row is damaged."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a code")
    return value


@lru_cache(maxsize=1024)  # many segments of one import have the same date
def _format_date(microseconds: int) -> str:
    try:
        moment = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise ValueError(f"{microseconds} is not a date") from None
    return moment.isoformat(timespec="milliseconds") + "Z"


def now() -> int:
    """Microseconds since 1970 UTC, in whole milliseconds: the precision that is shown."""
    return int(datetime.now(UTC).timestamp() * 1000) * 1000


def actor() -> str | None:
    """The name of the operating system's user, if there is one."""
    from getpass import getuser

    try:
        return visible(getuser())
    except (KeyError, OSError, ImportError):
        return None
