"""Segments as the history keeps them: as text, and created again as they were."""

import json
from typing import Any

from segcli.backends.store.database import Connection
from segcli.backends.store.rows import segment_of
from segcli.backends.store.statements import INSERTED_COLUMNS, SEGMENT_COLUMNS, folded
from segcli.model import AUDIT_MEMBERS, SEGMENT_MEMBERS, AuditInfo, Segment

_TEXT = (str, type(None))
_INSERTED = INSERTED_COLUMNS.count(",") + 1


def insert_again(connection: Connection, segment: Segment) -> Segment:
    """Creates a deleted segment as it was, with its id, dates and users."""
    from segcli.query.values import read_date

    audit = segment.audit_info
    dates = [read_date(date or "") for date in (audit.create_date, audit.update_date)]
    users = audit.create_by, audit.update_by
    texts = segment.code, segment.name, segment.description
    rows = connection.execute(
        f"INSERT INTO segment_record (id, {INSERTED_COLUMNS}) VALUES (?{', ?' * _INSERTED})"
        f" RETURNING {SEGMENT_COLUMNS}",
        [segment.id, *texts, *dates, *users, *folded(*texts, *users)],
    )
    return segment_of(rows.fetchall()[0])


def to_text(segment: Segment) -> str:
    """The segment as JSON."""
    return json.dumps(segment.to_json(), ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> Segment:
    """The segment that `to_text` wrote. Raises TypeError or ValueError if the text is damaged."""
    try:
        document: Any = json.loads(text)
    except RecursionError:
        raise ValueError("a segment of the history is nested too deeply") from None
    if not isinstance(document, dict) or not isinstance(document.get("auditInfo"), dict):
        raise TypeError("a segment of the history is not an object")
    segment_id, code, name, description, dates = (document.pop(member, None) for member in SEGMENT_MEMBERS)
    audit = AuditInfo(*(dates.get(member) for member in AUDIT_MEMBERS))
    texts = (name, description, *audit)
    if type(segment_id) is not int or type(code) is not str or not {type(each) for each in texts} <= {*_TEXT}:
        raise TypeError("a segment of the history has values of other types")
    return Segment(segment_id, code, name, description, audit, document or None)
