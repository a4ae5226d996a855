"""Values on their way into rows and out of them: checked, dated, signed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from segcli.model import AuditInfo, Segment
from segcli.text import visible

_EPOCH = datetime(1970, 1, 1)


def segment_of(row: tuple[Any, ...]) -> Segment:
    """A segment from a row of SEGMENT_COLUMNS."""
    segment_id, code, name, description, created, updated, create_by, update_by = row
    made = _date(created)
    audit = AuditInfo(made, made if updated == created else _date(updated), create_by, update_by)
    return Segment(segment_id, code, name, description, audit)


def _date(microseconds: int) -> str:
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.isoformat(timespec="milliseconds") + "Z"


def now() -> int:
    """Now in microseconds since 1970 UTC, whole milliseconds: what is shown is what is stored."""
    return int(datetime.now(UTC).timestamp() * 1000) * 1000


def actor() -> str | None:
    """Who writes: the name of the system's user, where it has one."""
    from getpass import getuser

    try:
        return visible(getuser())
    except (KeyError, OSError, ImportError):
        return None
