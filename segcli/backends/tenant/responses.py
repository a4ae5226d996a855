"""Reads a tenant's responses, which may come from a proxy, and checks their shape."""

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
from segcli.model import AUDIT_MEMBERS, SEGMENT_MEMBERS, AuditInfo, Collection, Segment

_MAX_QUOTED = 120  # characters of an unexpected response that an error quotes
_SEGMENT_SET = frozenset(SEGMENT_MEMBERS)
_AUDIT_SET = frozenset(AUDIT_MEMBERS)


class Response(NamedTuple):
    """A status, a body, and the correlation id under which the server logged the request.

    `request` is the method and URL. `date` is the Date header. `repeated` says that an earlier attempt
    of the same request may have succeeded.
    """

    request: str
    status: int
    body: bytes
    correlation_id: str | None
    date: str | None = None
    repeated: bool = False

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON. Raises UnavailableError if it is not valid JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise self.unexpected("invalid JSON") from None

    def unexpected(self, what: str) -> UnavailableError:
        """The error for an unusable response: quotes its status and first line."""
        first = next(iter(self.body.decode(errors="replace").strip().splitlines()), "")
        quoted = f": {first[:_MAX_QUOTED]}" if first else " (empty body)"
        return UnavailableError(
            f"{self.request}: status {self.status} with {what}{quoted}",
            hint="is this the API host of a tenant? run segments doctor",
            status=self.status,
            correlation_id=self.correlation_id,
        )


def error_of(response: Response) -> SegcliError:
    """The error for a response with a status other than 2xx (contract, "Statuses")."""
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        body = None
    document = body if isinstance(body, dict) else {}
    code = document.get("errorCode") if isinstance(document.get("errorCode"), str) else None
    message = document.get("message")
    if not (isinstance(message, str) and message):
        message = code or f"{response.request}: status {response.status}"
    kind = _kind_of(response.status, code)
    if kind is None or (kind is UnavailableError and not document):
        return response.unexpected("an unexpected body" if response.status < 500 else "an error page")
    return kind(
        f"the tenant says: {message}",
        code=code,
        status=response.status,
        correlation_id=response.correlation_id,
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


def read_segment(response: Response, document: Any) -> Segment:
    """A segment from its JSON form. Raises UnavailableError if the shape is wrong."""
    if not isinstance(document, dict):
        raise response.unexpected("something that is not a segment")
    segment_id, code = document.get("id"), document.get("code")
    if type(segment_id) is not int or not isinstance(code, str):
        raise response.unexpected("a segment without id or code")
    name, description = document.get("name"), document.get("description")
    if not all(text is None or isinstance(text, str) for text in (name, description)):
        raise response.unexpected("a segment whose name or description is not text")
    audit, unknown_audit = _read_audit(document.get("auditInfo"))
    unknown = _other_members(_SEGMENT_SET, document)
    if unknown_audit:
        unknown["auditInfo"] = {**audit.to_json(), **unknown_audit}
    return Segment(segment_id, code, name, description, audit, unknown or None)


def _read_audit(document: Any) -> tuple[AuditInfo, dict[str, Any]]:
    members = document if isinstance(document, dict) else {}
    return AuditInfo(*map(members.get, AUDIT_MEMBERS)), _other_members(_AUDIT_SET, members)


def _other_members(known: frozenset[str], document: dict[str, Any]) -> dict[str, Any]:
    """The members that are not known; usually there are none, so that is tested first."""
    if document.keys() <= known:
        return {}
    return {name: value for name, value in document.items() if name not in known}


def read_items(response: Response) -> tuple[int, list[Any]]:
    """The total and the items of a collection. Raises UnavailableError if the shape is wrong."""
    document = response.json()
    if not isinstance(document, dict):
        raise response.unexpected("something that is not a collection")
    total, items = document.get("totalCount"), document.get("items")
    if items is None and total == 0:
        items = []
    if type(total) is not int or total < 0 or not isinstance(items, list):
        raise response.unexpected("a collection without totalCount or items")
    return total, items


def read_segments(response: Response, start_index: int, page_size: int) -> Collection[Segment]:
    """A page of segments. Raises UnavailableError if the shape is wrong."""
    total, items = read_items(response)
    segments = tuple(read_segment(response, item) for item in items)
    return Collection(start_index, page_size, total, segments)


def read_account(response: Response, document: Any) -> tuple[int, set[Any]]:
    """An account's id and the ids of its segments. Raises UnavailableError if the shape is wrong."""
    account_id = document.get("id") if isinstance(document, dict) else None
    if type(account_id) is not int:
        raise response.unexpected("an account without an id")
    segments = document.get("segments") or []
    if not isinstance(segments, list):
        raise response.unexpected("an account whose segments are not a list")
    return account_id, {segment.get("id") for segment in segments if isinstance(segment, dict)}
