"""Customers, and the identifiers that people know them by (contract, "Which account is meant")."""

from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any, Literal, NamedTuple, TypeAlias, get_args
from unicodedata import is_normalized, normalize

from segcli.model import INT32_MAX

Kind = Literal["id", "external-id", "user-name", "email"]
KINDS: tuple[Kind, ...] = get_args(Kind)  # of several identifiers of one customer, the first decides
# What became of a row that names a customer; the first three have an account.
Outcome = Literal["resolved", "duplicate", "inactive", "not_found", "ambiguous", "conflict", "invalid"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
MATCHED: frozenset[Outcome] = frozenset(("resolved", "duplicate", "inactive"))
OUTCOME_MEMBERS: dict[Outcome, str] = {
    **{outcome: outcome for outcome in OUTCOMES},
    "not_found": "notFound",
}  # those of a report, which count rows
NAMES: dict[Kind, str] = {
    "id": "account id",
    "external-id": "external id",
    "user-name": "user name",
    "email": "e-mail address",
}
MEMBER_OF_KIND: dict[Kind, str] = {
    "id": "id",
    "external-id": "externalId",
    "user-name": "userName",
    "email": "emailAddress",
}
# What stands before the colon of an ACCOUNT.
PREFIXES: dict[str, Kind] = {
    "id": "id",
    "email": "email",
    "external": "external-id",
    "user": "user-name",
}
MAX_IDENTIFIER = 255  # characters
# The members of a customer's JSON form, in the order of the fields of `Customer`.
MEMBERS = ("id", "emailAddress", "userName", "externalId", "customerSet", "isAnonymous", "isActive")
_MEMBERS = {
    "id": "id",
    "accountid": "id",
    "email": "emailAddress",
    "emailaddress": "emailAddress",
    "username": "userName",
    "externalid": "externalId",
    "customerset": "customerSet",
    "isanonymous": "isAnonymous",
    "isactive": "isActive",
}  # by what the header of a column may be
_IGNORED = str.maketrans("", "", " _-.")


# The values of a customer, in order.
CustomerRow: TypeAlias = tuple[int, str | None, str | None, str | None, str | None, bool, bool]


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


def customers_of(rows: Iterable[CustomerRow]) -> Iterator[Customer]:
    """A customer from each row, which has all of its values: in a third of the time that calls would take."""
    return map(tuple.__new__, repeat(Customer), rows)


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


def plain_header(header: str) -> str:
    """The form in which headers of columns are compared."""
    return header.translate(_IGNORED).lower()


def member_of(header: str) -> str | None:
    """The member of a customer's JSON form that a column has; None for other columns.

    Case, spaces, `_`, `-` and `.` in the header make no difference (contract, "import and export files").
    """
    return _MEMBERS.get(plain_header(header))
