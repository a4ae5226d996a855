"""Customers, and the identifiers that people know them by (contract, "Which account is meant")."""

from typing import Any, Literal, NamedTuple, get_args
from unicodedata import is_normalized, normalize

from segcli.model import INT32_MAX

Kind = Literal["id", "external-id", "user-name", "email"]
KINDS: tuple[Kind, ...] = get_args(Kind)  # of several identifiers of one customer, the first decides
NAMES: dict[Kind, str] = {
    "id": "account id",
    "external-id": "external id",
    "user-name": "user name",
    "email": "e-mail address",
}
MAX_IDENTIFIER = 255  # characters

# What a customer has in its JSON form, in the order of the fields of `Customer`.
MEMBERS = ("id", "emailAddress", "userName", "externalId", "customerSet", "isAnonymous", "isActive")
_IGNORED = str.maketrans("", "", " _-.")  # in the header of a column
_MEMBERS = {**{member.lower(): member for member in MEMBERS}, "accountid": "id", "email": "emailAddress"}
_KINDS: dict[str, Kind] = {
    "id": "id",
    "externalId": "external-id",
    "userName": "user-name",
    "emailAddress": "email",
}


class Customer(NamedTuple):
    """A customer account without its segments. A guest is `is_anonymous`, and has no user name."""

    id: int
    email: str | None = None
    user_name: str | None = None
    external_id: str | None = None
    customer_set: str | None = None
    is_anonymous: bool = False
    is_active: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "emailAddress": self.email,
            "userName": self.user_name,
            "externalId": self.external_id,
            "customerSet": self.customer_set,
            "isAnonymous": self.is_anonymous,
            "isActive": self.is_active,
        }

    def identifier(self, kind: Kind) -> str | None:
        """The identifier of that kind, as it is written."""
        match kind:
            case "id":
                return str(self.id)
            case "external-id":
                return self.external_id
            case "user-name":
                return self.user_name
            case _:
                return self.email


def plain_header(header: str) -> str:
    """The form in which the headers of columns are compared."""
    return header.translate(_IGNORED).lower()


def member_named(header: str) -> str | None:
    """Which of MEMBERS a column with that header has, such as `E-Mail` or `Account ID`; None if none of them.

    Case, spaces, `_`, `-` and `.` make no difference.
    """
    return _MEMBERS.get(plain_header(header))


def column_kind(header: str) -> Kind | None:
    """The kind of identifier in a column with that header, matched as `member_named` does it."""
    member = member_named(header)
    return None if member is None else _KINDS.get(member)


def folded_identifier(text: str) -> str:
    """The form in which e-mail addresses, user names and external ids are compared.

    Without surrounding white space, in NFC, and in full Unicode case folding.
    """
    text = text.strip()
    if text.isascii():
        return text.lower()
    folded = normalize("NFC", text).casefold()
    return folded if is_normalized("NFC", folded) else normalize("NFC", folded)


def id_key(text: str) -> str | None:
    """The canonical form of an account id in digits; None if it is not a valid one."""
    digits = text.strip().lstrip("0")
    valid = digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) <= INT32_MAX
    return digits if valid else None
