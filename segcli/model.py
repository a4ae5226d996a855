"""The Customer Segments resource as values (contract, section "Model").

Names are the resource's own in snake case; `to_json` returns them as they are on the wire.
"""

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from segcli.errors import UsageError
from segcli.text import find_surrogate, visible

INT32_MAX = 2_147_483_647
Item = TypeVar("Item")
SEGMENT_MEMBERS = ("id", "code", "name", "description", "auditInfo")
AUDIT_MEMBERS = ("createDate", "updateDate", "createBy", "updateBy")
STDIN = "-"  # as an argument or a file: read from stdin
KEYWORDS = frozenset(("all", "none", "not", "and", "or", "xor", "minus"))  # of set expressions, in any case
_PUNCTUATION = str.maketrans("_.-", "000")


class AuditInfo(NamedTuple):
    """When and by whom a segment was created and last changed; dates are RFC 3339 in UTC."""

    create_date: str | None = None
    update_date: str | None = None
    create_by: str | None = None
    update_by: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "createDate": self.create_date,
            "updateDate": self.update_date,
            "createBy": self.create_by,
            "updateBy": self.update_by,
        }


class Segment(NamedTuple):
    """A segment as the resource returns it, which is without its accounts.

    `extra` holds members of a response that this model does not know; `to_json` includes them.
    """

    id: int
    code: str
    name: str | None = None
    description: str | None = None
    audit_info: AuditInfo = AuditInfo()
    extra: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        document = {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "description": self.description,
            "auditInfo": self.audit_info.to_json(),
        }
        return {**document, **self.extra} if self.extra else document


class SegmentDraft(NamedTuple):
    """The fields that a client sets: the body of AddSegment and UpdateSegment.

    UpdateSegment replaces all of them: a field that is None is cleared.
    """

    code: str | None
    name: str | None = None
    description: str | None = None

    def require_text(self) -> None:
        """Raises UsageError if a field is not valid Unicode, which no backend could store."""
        for part in self:
            if part is not None and find_surrogate(part) is not None:
                raise UsageError(f"'{part}' is not valid Unicode text")


class Account(NamedTuple):
    """A customer account, the segments that contain it by ascending id, and its identifiers if known."""

    id: int
    segments: tuple[Segment, ...]
    identifiers: Mapping[str, Any] | None = None  # the members of a `Customer` in its JSON form

    def to_json(self) -> dict[str, Any]:
        segments = [segment.to_json() for segment in self.segments]
        return {**(self.identifiers or {}), "id": self.id, "segments": segments}


class Collection(Generic[Item]):
    """One page of a collection, and how many items it has in all."""

    __slots__ = ("items", "page_size", "start_index", "total_count")

    def __init__(self, start_index: int, page_size: int, total_count: int, items: tuple[Item, ...]) -> None:
        self.start_index = start_index
        self.page_size = page_size
        self.total_count = total_count
        self.items = items

    @property
    def page_count(self) -> int:
        return -(-self.total_count // self.page_size)

    def head(self) -> dict[str, Any]:
        """The members beside `items`, as on the wire."""
        return {
            "startIndex": self.start_index,
            "pageSize": self.page_size,
            "pageCount": self.page_count,
            "totalCount": self.total_count,
        }


class SegmentRef:
    """A SEGMENT as written on a command line: an id or a code, one of the two.

    `digits` is the text of an id that was written without `id:`, and so may be meant as a code; it makes no
    difference between two references.
    """

    __slots__ = ("code", "digits", "id")

    def __init__(self, id: int | None = None, code: str | None = None, *, digits: str | None = None) -> None:
        self.id = id
        self.code = code
        self.digits = digits

    @classmethod
    def parse(cls, text: str) -> "SegmentRef":
        """Digits only is an id, anything else is a code; `id:12` and `code:123` are explicit.

        Raises UsageError for an empty reference, an id that is not a 32-bit integer, or a `-` where stdin
        is not read.
        """
        if text == STDIN:
            raise UsageError(
                "'-' is not a valid segment here: expected an id or a code, not stdin",
                hint="if it is a code, write code:-",
            )
        if text.startswith("code:"):
            code = text[len("code:") :]
        elif text.startswith("id:"):
            return cls(id=_parse_id(text.removeprefix("id:"), text))
        elif _is_digits(text):
            return cls(id=_parse_id(text, text), digits=text)
        else:
            code = text
        if not code:
            raise UsageError(f"'{text}' is not a valid segment: expected an id or a code")
        return cls(code=code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SegmentRef) and (self.id, self.code) == (other.id, other.code)

    def __hash__(self) -> int:
        return hash((self.id, self.code))

    def __str__(self) -> str:
        return f"id {self.id}" if self.code is None else f"code {self.code}"


def segment_argument(code: str, segment_id: int | None = None) -> str:
    """What names the segment with that code on any command line, also where it takes an expression.

    A code that is not a plain word gets the prefix `code:`. One with control characters cannot be passed
    on one line, and one that starts with a quote means another code in an expression; then it is the id, if
    it is given.
    """
    if segment_id is not None and (visible(code) != code or code.startswith(('"', "'"))):
        return f"id:{segment_id}"
    plain = code[:1].isalpha() and code.translate(_PUNCTUATION).isalnum() and code.lower() not in KEYWORDS
    return code if plain else f"code:{code}"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _parse_id(digits: str, text: str) -> int:
    # The length is checked first: int() rejects thousands of digits with its own error.
    if not _is_digits(digits) or len(digits) > 10 or int(digits) > INT32_MAX:
        raise UsageError(
            f"'{text}' is not a valid segment id: expected 0 to {INT32_MAX}",
            hint=f"if it is a code, write code:{digits}" if _is_digits(digits) else None,
        )
    return int(digits)


def parse_account_id(text: str) -> int:
    """An ACCOUNT on a command line or in a file: 1 to 2147483647. Raises UsageError."""
    digits = text.lstrip("0")
    if _is_digits(digits) and len(digits) <= 10 and int(digits) <= INT32_MAX:
        return int(digits)
    raise UsageError(f"'{text}' is not a valid account id: expected 1 to {INT32_MAX}")
