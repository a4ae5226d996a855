"""Reads a tenant's responses, which may come from a proxy, and checks their shape."""

import json
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, NamedTuple, TypeGuard

from segcli.customer import Customer
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
from segcli.model import (
    AUDIT_MEMBERS,
    INT32_MAX,
    SEGMENT_MEMBERS,
    AuditInfo,
    Collection,
    Segment,
)
from segcli.text import without_addresses

_TEXTS = ("emailAddress", "userName", "externalId", "customerSet")
_FLAGS = ("isAnonymous", "isActive")
IDENTIFIERS = (*_TEXTS, *_FLAGS)  # the members of an account that say who it is, beside its id
_MAX_QUOTED = 120  # characters of an unexpected response that an error quotes
_MAX_MESSAGE = 2_000  # characters of a server's message that an error shows
# Brackets and commas of a response: two million take 230 MB while they are parsed. The largest page that is
# likely, 200 accounts with 800 complete segments each, has fewer.
_MAX_VALUES = 2_000_000
_MAX_DEPTH = 50  # levels of lists and objects in a member that segcli does not know
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
        """The body as JSON. Raises UnavailableError if it is not valid JSON, or too large to be parsed."""
        try:
            return _parse_json(self.body)
        except _TooManyValuesError:
            raise self.unexpected(f"more than {_MAX_VALUES:,} JSON values", quote=False) from None
        except (ValueError, RecursionError):
            raise self.unexpected("invalid JSON") from None

    def without_addresses(self, message: str) -> str:
        """The server's message, which may repeat the e-mail address that was looked up."""
        return without_addresses(message) if self._is_about_accounts else message

    @property
    def _is_about_accounts(self) -> bool:
        return "/customer/accounts" in self.request

    def require_empty(self) -> None:
        """Raises UnavailableError if the response has a body."""
        if self.body.strip():
            raise self.unexpected("a body where none was expected")

    def unexpected(self, what: str, *, quote: bool = True) -> UnavailableError:
        """The error for an unusable response, with its status and, if `quote`, its first line.

        A response about accounts is not quoted if it has an e-mail address.
        """
        if self._is_about_accounts and (b"@" in self.body or b"%40" in self.body):
            quote = False
        first = next(iter(self.body.decode(errors="replace").strip().splitlines()), "")
        quoted = f": {first[:_MAX_QUOTED]}" if first else " (empty body)"
        if not quote:
            quoted = ""
        return UnavailableError(
            f"{self.request}: status {self.status} with {what}{quoted}",
            hint="is this the API host of a tenant? run segments doctor",
            status=self.status,
            correlation_id=self.correlation_id,
        )


def error_of(response: Response) -> SegcliError:
    """The error for a response with a status other than 2xx (contract, "Statuses").

    404 and 409 say something about a segment only with an errorCode: a proxy sends them, too.
    """
    try:
        body = _parse_json(response.body)
    except (ValueError, RecursionError):
        body = None
    document = body if isinstance(body, dict) else {}
    code, message = _text(document.get("errorCode")), _text(document.get("message"))
    kind = _kind_of(response.status, code)
    unproven = (kind is UnavailableError and not document) or (
        kind is not None and issubclass(kind, (NotFoundError, ConflictError)) and code is None
    )
    if kind is None or unproven:
        return response.unexpected("an unexpected body" if response.status < 500 else "an error page")
    said = response.without_addresses(message or code or f"{response.request}: status {response.status}")
    return kind(
        f"the tenant responded: {said}",
        code=code,
        status=response.status,
        correlation_id=response.correlation_id,
    )


def _text(value: object) -> str | None:
    """A text of a length that can be shown; None for anything else."""
    return value[:_MAX_MESSAGE] or None if isinstance(value, str) else None


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
    if not _is_id(segment_id) or not isinstance(code, str):
        raise response.unexpected("a segment without id or code")
    name, description = document.get("name"), document.get("description")
    if not all(text is None or isinstance(text, str) for text in (name, description)):
        raise response.unexpected("a segment whose name or description is not text")
    audit, unknown_audit = _read_audit(response, document.get("auditInfo"))
    unknown = _other_members(response, _SEGMENT_SET, document)
    if unknown_audit:
        unknown["auditInfo"] = {**audit.to_json(), **unknown_audit}
    return Segment(segment_id, code, name, description, audit, unknown or None)


def _read_audit(response: Response, document: Any) -> tuple[AuditInfo, dict[str, Any]]:
    members = document if isinstance(document, dict) else {}
    values = [members.get(name) for name in AUDIT_MEMBERS]
    if not all(text is None or isinstance(text, str) for text in values):
        raise response.unexpected("a segment whose auditInfo is not text")
    return AuditInfo(*values), _other_members(response, _AUDIT_SET, members)


def _other_members(response: Response, known: frozenset[str], document: dict[str, Any]) -> dict[str, Any]:
    """The members that are not known; usually there are none, so that is tested first."""
    if document.keys() <= known:
        return {}
    members = {name: value for name, value in document.items() if name not in known}
    if _depth_exceeds(members, _MAX_DEPTH):
        raise response.unexpected(f"more than {_MAX_DEPTH} levels of lists and objects")
    return members


def _depth_exceeds(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return False
    return levels == 0 or any(_depth_exceeds(each, levels - 1) for each in value)


def read_items(response: Response) -> tuple[int, list[Any]]:
    """The total and the items of a collection. Raises UnavailableError if the shape is wrong."""
    document = response.json()
    if not isinstance(document, dict):
        raise response.unexpected("something that is not a collection")
    total, items = document.get("totalCount"), document.get("items")
    if items is None and total == 0:
        items = []
    if not _is_id(total) or not isinstance(items, list):
        raise response.unexpected("a collection without totalCount or items")
    if len(items) > total:
        raise response.unexpected(f"{len(items)} items, but a totalCount of {total}")
    return total, items


def read_segments(response: Response, start_index: int, page_size: int) -> Collection[Segment]:
    """A page of segments. Raises UnavailableError if the shape is wrong."""
    total, items = read_items(response)
    segments = tuple(read_segment(response, item) for item in items)
    return Collection(start_index, page_size, total, segments)


def read_account(response: Response, document: Any) -> tuple[int, set[int] | None]:
    """An account's id and the ids of its segments, None if it has no member `segments`.

    Raises UnavailableError if the shape is wrong.
    """
    account_id = document.get("id") if isinstance(document, dict) else None
    if not _is_id(account_id) or account_id == 0:
        raise response.unexpected("an account without an id")
    if "segments" not in document:
        return account_id, None
    segments = document["segments"] or []
    ids = set()
    for segment in segments if isinstance(segments, list) else [None]:
        segment_id = segment.get("id") if isinstance(segment, dict) else None
        if not _is_id(segment_id):
            raise response.unexpected("an account whose segments are not a list of segments")
        ids.add(segment_id)
    return account_id, ids


def read_customer(response: Response, document: Any) -> Customer:
    """An account without its segments; members that are missing are null.

    Raises UnavailableError if the shape is wrong.
    """
    account_id = document.get("id") if isinstance(document, dict) else None
    if not _is_id(account_id) or account_id == 0:
        raise response.unexpected("an account without an id", quote=False)
    texts = [document.get(name) for name in _TEXTS]
    flags = [document.get(name) for name in _FLAGS]
    if not all(text is None or isinstance(text, str) for text in texts):
        raise response.unexpected("an account whose identifiers are not text", quote=False)
    if not all(flag is None or isinstance(flag, bool) for flag in flags):
        raise response.unexpected("an account whose flags are not true or false", quote=False)
    email, user_name, external_id, customer_set = texts
    is_anonymous, is_active = flags
    return Customer(
        account_id,
        email,
        user_name,
        external_id,
        customer_set,
        is_anonymous=bool(is_anonymous),
        is_active=is_active is not False,
    )


def read_http_date(text: str) -> float | None:
    """The date of an HTTP header in seconds since 1970; None if it is not a date."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _is_id(value: object) -> TypeGuard[int]:
    """Whether the value is an id or a count: an int32 that is not negative."""
    return type(value) is int and 0 <= value <= INT32_MAX


class _TooManyValuesError(ValueError):
    """The JSON has more than _MAX_VALUES values."""


def _parse_json(body: bytes) -> Any:
    """Raises ValueError or RecursionError; also for NaN and numbers that are infinite, unlike json.loads."""
    if sum(map(body.count, (b"[", b"{", b","))) > _MAX_VALUES:
        raise _TooManyValuesError
    return json.loads(body, parse_float=_finite, parse_constant=_finite)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number
