"""Which account a row means: every outcome, for every kind of identifier."""

from unicodedata import normalize

import pytest

from segcli.customer import Customer, Kind
from segcli.identify.decide import Decision
from segcli.identify.resolver import Answer, Resolver
from segcli.identify.words import PLACES
from tests.support.customers import CustomersInMemory

ANN = Customer(1, "ann@example.com", "ann", "C-1", "web")
BOB = Customer(2, "bob@example.com", "bob", "C-2", "web")
BOB_B2B = Customer(3, "bob@example.com", "bob", "c-2", "b2b")
SLEEPING = Customer(4, "sleep@example.com", "sleep", "C-4", "web", is_active=False)
GUESTS = [Customer(each, "guest@example.com", is_anonymous=True) for each in (10, 11)]
GUEST_OF_ANN = Customer(12, "Ann@Example.com", is_anonymous=True)
LONELY = Customer(13, "lonely@example.com", is_anonymous=True)
MIXED = [Customer(20, external_id="X-1"), Customer(21, external_id="x-1"), Customer(22, external_id="X-1 ")]
STRANGE = [
    Customer(30, "o'hara+vip@example.com"),
    Customer(31, "straße@example.com"),
    Customer(32, normalize("NFC", "josé@example.com")),
    Customer(33, "İda@example.com"),
]
CUSTOMERS = CustomersInMemory(ANN, BOB, BOB_B2B, SLEEPING, *GUESTS, GUEST_OF_ANN, LONELY, *MIXED, *STRANGE)


def answer(*, customer_set: str | None = None, **texts: str) -> Answer:
    """What becomes of a row with these identifiers, among others in the same batch."""
    kinds: dict[Kind, str] = {
        "id": texts.get("id", ""),
        "external-id": texts.get("external", ""),
        "user-name": texts.get("user", ""),
        "email": texts.get("email", ""),
    }
    row = [kinds[kind] for kind, _ in PLACES]
    other = ["", "", "", "nobody@example.com"]
    first, found, last = Resolver(PLACES, CUSTOMERS.find, customer_set).answers([other, row, other])
    assert first == last
    alone = [(kind, place) for kind, place in PLACES if row[place]]
    if len(alone) == 1:  # one column takes a shorter way
        assert Resolver(alone, CUSTOMERS.find, customer_set).answers([row]) == [found]
        fast = Resolver(alone, CUSTOMERS.find, customer_set, unique=CUSTOMERS.unique)
        assert fast.answers([row, row]) == [found, found]
    return found


@pytest.mark.parametrize(
    ("texts", "account"),
    [
        ({"id": "1"}, 1),
        ({"id": "0001"}, 1),
        ({"id": "999"}, 999),
        ({"id": "999", "email": "ann@example.com"}, 999),
        ({"email": "  ANN@example.COM "}, Decision("resolved", 1, guests=True)),
        ({"email": "lonely@example.com"}, 13),
        ({"user": "Ann"}, 1),
        ({"external": "c-1"}, 1),
        ({"external": "C-2"}, 2),
        ({"external": "c-2"}, 3),
        ({"external": "x-1"}, 21),
        ({"email": "O'Hara+VIP@example.com"}, 30),
        ({"email": "STRASSE@example.com"}, 31),
        ({"email": normalize("NFD", "José@example.com")}, 32),
        ({"email": "i̇DA@example.com"}, 33),
        ({"id": "1", "email": "Ann@example.com", "user": "ANN", "external": "c-1"}, 1),
        ({"external": "C-2", "email": "bob@example.com"}, 2),
        ({"email": "bob@example.com", "customer_set": "B2B"}, 3),
        ({"user": "bob", "customer_set": "web"}, 2),
        ({"external": "C-2", "customer_set": "b2b"}, 3),
        ({"id": "1", "customer_set": "b2b"}, 1),
    ],
    ids=str,
)
def test_a_row_is_resolved(texts: dict[str, str], account: Answer) -> None:
    assert answer(**texts) == account


@pytest.mark.parametrize(
    ("texts", "outcome", "reason", "candidates"),
    [
        ({"email": "x@y"}, "not_found", "no account has the e-mail address 'x@y'", ()),
        ({"external": "77"}, "not_found", "no account has the external id '77'", ()),
        (
            {"user": "ann", "customer_set": "b2b"},
            "not_found",
            "no account has the user name 'ann' in the customer set 'b2b'",
            (),
        ),
        ({"user": "bob"}, "ambiguous", "2 accounts have the user name 'bob'", (2, 3)),
        ({"email": "bob@example.com"}, "ambiguous", "2 accounts have the e-mail address 'bob@…'", (2, 3)),
        ({"email": "guest@example.com"}, "ambiguous", "2 guests have the e-mail address 'guest…'", (10, 11)),
        ({"external": "X-1"}, "ambiguous", "2 accounts have the external id 'X-1'", (20, 22)),
        (
            {"id": "1", "email": "bob@example.com"},
            "conflict",
            "the e-mail address 'bob@example.com' is not that of account 1",
            (1,),
        ),
        (
            {"external": "C-1", "user": "bob"},
            "conflict",
            "the user name 'bob' is not that of account 1",
            (1,),
        ),
        (
            {"user": "ann", "email": "x@y"},
            "conflict",
            "the e-mail address 'x@y' is not that of account 1",
            (1,),
        ),
        ({}, "invalid", "no identifier", ()),
        ({"id": "0"}, "invalid", "'0' is not a valid account id", ()),
        ({"id": "2147483648"}, "invalid", "'2147483648' is not a valid account id", ()),
        ({"id": "C-1"}, "invalid", "'C-1' is not a valid account id", ()),
        ({"email": "ann"}, "invalid", "'ann' is not a valid e-mail address: it has no @", ()),
        ({"id": "1", "email": "-"}, "invalid", "'-' is not a valid e-mail address: it has no @", ()),
        (
            {"user": "a" * 256},
            "invalid",
            f"'{'a' * 100}…' is not a valid user name: it has 256 characters, expected at most 255",
            (),
        ),
        (
            {"external": "a\x1bb"},
            "invalid",
            "'a\\x1bb' is not a valid external id: it has control characters, or is not UTF-8",
            (),
        ),
        (
            {"email": "a\udcffb@c"},
            "invalid",
            "'a\\udcffb@c' is not a valid e-mail address: it has control characters, or is not UTF-8",
            (),
        ),
    ],
    ids=lambda each: str(each)[:60],
)
def test_a_row_is_not_resolved(
    texts: dict[str, str], outcome: str, reason: str, candidates: tuple[int, ...]
) -> None:
    found = answer(**texts)
    assert isinstance(found, Decision)
    assert (found.outcome, found.account_id, found.candidates) == (outcome, None, candidates)
    assert found.reason == reason.replace("bob@…", "bob@example.com").replace("guest…", "guest@example.com")


def test_an_inactive_account_is_kept() -> None:
    assert answer(email="sleep@example.com") == Decision("inactive", 4)
    assert answer(id="4", user="sleep") == Decision("inactive", 4)


def test_digits_are_never_an_external_id() -> None:
    customers = CustomersInMemory(Customer(1, external_id="77"))
    assert Resolver(PLACES, customers.find, None).answers([["77", "", "", ""]]) == [77]


def test_an_earlier_outcome_needs_no_look_up() -> None:
    def find(wanted: object) -> dict[Kind, dict[str, list[Customer]]]:
        raise AssertionError(wanted)

    places: list[tuple[Kind, int]] = [("id", 0), ("email", 1)]
    rows = [["5", "x@y", "resolved"], ["5", "x@y", "duplicate"], ["6", "", "inactive"]]
    assert Resolver(places, find, None, outcome=2).answers(rows) == [5, 5, Decision("inactive", 6)]
    with pytest.raises(AssertionError, match="'5'"):
        Resolver(places, find, None, outcome=2).answers([["5", "x@y", "not_found"]])
