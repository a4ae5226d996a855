"""What a tenant answers, read with care: a proxy may have spoken, or nothing may have come."""

import json
from typing import Any, NamedTuple

from segcli.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    SegcliError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
    UsageError,
)
from segcli.model import AUDIT_MEMBERS, SEGMENT_MEMBERS, AuditInfo, Segment, SegmentCollection

_SHOWN = 120  # characters of a strange answer that an error quotes
_SEGMENT_SET = frozenset(SEGMENT_MEMBERS)
_AUDIT_SET = frozenset(AUDIT_MEMBERS)


class Response(NamedTuple):
    """A status, a body, and the name under which the other side has logged it.

    `date` is the other side's clock as its header says it; `repeated` says that an earlier try of
    the same request may have been carried out.
    """

    request: str
    status: int
    body: bytes
    correlation_id: str | None
    date: str | None = None
    repeated: bool = False

    def json(self) -> Any:
        """The body as JSON. Raises UnavailableError where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise self.strange("no JSON") from None

    def strange(self, what: str) -> UnavailableError:
        """The error for an answer that cannot be used: its status, and its first line."""
        first = next(iter(self.body.decode(errors="replace").strip().splitlines()), "")
        quoted = f": {first[:_SHOWN]}" if first else ", and an empty body"
        return UnavailableError(
            f"{self.request} was answered {self.status} with {what}{quoted}",
            hint="is this the host of a tenant's API? see segments doctor",
            status=self.status,
            correlation_id=self.correlation_id,
        )


def error_of(answer: Response) -> SegcliError:
    """The error that an answer beyond 2xx stands for (contract, "Statuses")."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    said = body if isinstance(body, dict) else {}
    code = said.get("errorCode") if isinstance(said.get("errorCode"), str) else None
    message = said.get("message")
    if not (isinstance(message, str) and message):
        message = code or f"{answer.request} was answered {answer.status}"
    kind = _kind_of(answer.status, code)
    if kind is None or (kind is UnavailableError and not said):
        return answer.strange("what no client expects" if answer.status < 500 else "an error page")
    return kind(
        f"the tenant says: {message}",
        code=code,
        status=answer.status,
        correlation_id=answer.correlation_id,
    )


def _kind_of(status: int, code: str | None) -> type[SegcliError] | None:
    if status == 409:
        return AlreadyExistsError if code == AlreadyExistsError.code else ConflictError
    if status >= 500:
        return UnavailableError
    return {
        400: UsageError,
        401: UnauthorizedError,
        403: ForbiddenError,
        404: NotFoundError,
        413: TooLargeError,
        429: RateLimitedError,
    }.get(status)


def read_segment(answer: Response, document: Any) -> Segment:
    """A segment from its JSON form. Raises UnavailableError where it has not the shape of one."""
    if not isinstance(document, dict):
        raise answer.strange("no segment")
    segment_id, code = document.get("id"), document.get("code")
    if type(segment_id) is not int or not isinstance(code, str):
        raise answer.strange("a segment without id or code")
    name, description = document.get("name"), document.get("description")
    if not all(text is None or isinstance(text, str) for text in (name, description)):
        raise answer.strange("a segment whose name or description is no text")
    audit, unknown_audit = _read_audit(document.get("auditInfo"))
    unknown = _beyond(_SEGMENT_SET, document)
    if unknown_audit:
        unknown["auditInfo"] = {**audit.to_json(), **unknown_audit}
    return Segment(segment_id, code, name, description, audit, unknown or None)


def _read_audit(document: Any) -> tuple[AuditInfo, dict[str, Any]]:
    said = document if isinstance(document, dict) else {}
    return AuditInfo(*map(said.get, AUDIT_MEMBERS)), _beyond(_AUDIT_SET, said)


def _beyond(known: frozenset[str], document: dict[str, Any]) -> dict[str, Any]:
    """The members that are not among the known ones; of two thousand segments none has any."""
    if document.keys() <= known:
        return {}
    return {name: value for name, value in document.items() if name not in known}


def read_items(answer: Response) -> tuple[int, list[Any]]:
    """The total and the items of a collection. Raises UnavailableError for any other shape."""
    document = answer.json()
    if not isinstance(document, dict):
        raise answer.strange("no collection")
    total, items = document.get("totalCount"), document.get("items")
    if items is None and total == 0:
        items = []
    if type(total) is not int or total < 0 or not isinstance(items, list):
        raise answer.strange("a collection without totalCount or items")
    return total, items


def read_segments(answer: Response, start_index: int, page_size: int) -> SegmentCollection:
    """A page of segments. Raises UnavailableError where it has not the shape of one."""
    total, items = read_items(answer)
    segments = tuple(read_segment(answer, item) for item in items)
    return SegmentCollection(start_index, page_size, total, segments)


def read_account(answer: Response, document: Any) -> tuple[int, set[Any]]:
    """An account's id and the ids of its segments. Raises UnavailableError for any other shape."""
    account_id = document.get("id") if isinstance(document, dict) else None
    if type(account_id) is not int:
        raise answer.strange("an account without an id")
    segments = document.get("segments") or []
    if not isinstance(segments, list):
        raise answer.strange("an account whose segments are no list")
    return account_id, {segment.get("id") for segment in segments if isinstance(segment, dict)}
