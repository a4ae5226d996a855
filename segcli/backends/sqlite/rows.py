"""Converts rows to segments; the date and the user that a write records."""

from datetime import UTC, datetime, timedelta
from typing import Any

from segcli.model import AuditInfo, Segment
from segcli.text import visible

_EPOCH = datetime(1970, 1, 1)


def segment_of(row: tuple[Any, ...]) -> Segment:
    """A segment from a row of SEGMENT_COLUMNS."""
    segment_id, code, name, description, created, updated, create_by, update_by = row
    create_date = _format_date(created)
    update_date = create_date if updated == created else _format_date(updated)
    audit = AuditInfo(create_date, update_date, create_by, update_by)
    return Segment(segment_id, code, name, description, audit)


def _format_date(microseconds: int) -> str:
    moment = _EPOCH + timedelta(microseconds=microseconds)
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
