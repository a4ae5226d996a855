"""Customers and GetAccount: what any backend answers about the accounts that it knows."""

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.customer import Customer
from segcli.errors import NotFoundError
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.contract.conftest import Keep
from tests.contract.helpers import NOT_FOUND, UNKNOWN_IDS, add, summary_of

JANE = Customer(1, "Jane@Example.org", "jane", "C-1", "eu")
GUEST = Customer(2, "jane@example.org", None, None, "eu", is_anonymous=True)
STRASSE = Customer(3, "straße@example.org", "Straße", "c-1", "US", is_active=False)
OBRIEN = Customer(5, " o'brien@example.org ", 'O"Brien', "{1,2}\\", None)
CUSTOMERS = (JANE, GUEST, STRASSE, OBRIEN)


@pytest.fixture
def known(backend: Backend, keep: Keep) -> Backend:
    """Four customers; VIP, the first segment, has one of them, and account 9, which is only a member."""
    (vip,) = add(backend, "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([1, 9]))
    keep(CUSTOMERS)
    return backend


def ids(backend: Backend, filter: str) -> list[int]:
    page = backend.get_accounts(parse_query(filter=filter, accounts=True))
    assert page.total_count == len(page.items)
    return [account.id for account in page.items]


def test_accounts_are_members_and_customers(known: Backend) -> None:
    page = known.get_accounts(SegmentQuery())
    assert [account.id for account in page.items] == [1, 2, 3, 5, 9]
    assert [len(account.segments) for account in page.items] == [1, 0, 0, 0, 1]
    for account, customer in zip(page.items, CUSTOMERS, strict=False):
        assert account.to_json() == {**customer.to_json(), "segments": account.to_json()["segments"]}
    assert page.items[-1].to_json().keys() == {"id", "segments"}
    assert known.get_accounts(SegmentQuery(start_index=3, page_size=1)).items == page.items[3:4]


FILTERS = {
    "emailAddress eq 'JANE@example.ORG'": [1, 2],
    "emailAddress eq 'STRASSE@EXAMPLE.ORG'": [3],
    """emailAddress eq "O'BRIEN@example.org" """: [5],
    "emailAddress ne jane@example.org": [3, 5, 9],
    "emailAddress eq null": [9],
    "emailAddress ne null": [1, 2, 3, 5],
    "emailAddress cont 'EXAMPLE' and id gt 1": [2, 3, 5],
    "emailAddress sw 'JANE'": [1, 2],
    "emailAddress ge s": [3],
    "emailAddress lt o": [1, 2],
    "userName eq null": [2, 9],
    "userName eq 'o\"brien'": [5],
    "externalId eq 'c-1'": [1, 3],
    "externalId eq '{1,2}\\'": [5],
    "externalId ne 'C-1'": [2, 5, 9],
    "customerSet eq EU and isAnonymous eq false": [1],
    "customerSet ne us": [1, 2, 5, 9],
    "isAnonymous eq true": [2],
    "isAnonymous ne true": [1, 3, 5, 9],
    "isActive eq false": [3],
    "ISACTIVE eq TRUE": [1, 2, 5],
    "isActive eq null": [9],
    "isActive ne null and isActive ne false": [1, 2, 5],
    "segments.code eq vip and emailAddress ne null": [1],
    "segments.id ne 1 and isActive eq true": [2, 5],
    "emailAddress eq nobody@example.org": [],
    "emailAddress eq ''": [],
}


@pytest.mark.parametrize("filter", FILTERS)
def test_accounts_are_filtered_by_identifiers(known: Backend, filter: str) -> None:
    assert ids(known, filter) == FILTERS[filter]


@pytest.mark.parametrize("filter", [each for each in FILTERS if "null" not in each])
def test_customers_are_filtered_in_the_same_way(known: Backend, filter: str) -> None:
    """A store's customers are those; a tenant's are all of its accounts."""
    found = known.customers.list(parse_query(filter=filter, accounts=True))
    expected = [each for each in FILTERS[filter] if each != 9 or not known.atomic]
    assert [customer.id for customer in found.items] == expected
    assert found.total_count == len(expected)


def test_an_account_by_its_id(known: Backend) -> None:
    account = known.get_account(1)
    assert account.to_json() == {
        **JANE.to_json(),
        "segments": [segment.to_json() for segment in known.get_segments(SegmentQuery()).items],
    }
    assert known.get_account(2).segments == ()
    assert known.get_account(9).to_json().keys() == {"id", "segments"}


@pytest.mark.parametrize("account_id", UNKNOWN_IDS)
def test_an_unknown_account_is_not_found(known: Backend, account_id: int) -> None:
    for read in (known.get_account, known.customers.get):
        with pytest.raises(NotFoundError) as caught:
            read(account_id)
        assert summary_of(caught.value) == NOT_FOUND
        assert caught.value.message == f"there is no account with id {account_id}"


def test_a_customer_by_its_id(known: Backend) -> None:
    assert [known.customers.get(each.id) for each in CUSTOMERS] == list(CUSTOMERS)
    assert not known.customers.is_empty()


def test_customers_are_found_by_what_they_are_known_by(known: Backend) -> None:
    found = known.customers.find(
        {
            "email": ["JANE@EXAMPLE.ORG ", "jane@example.org", "STRASSE@example.org", "no@example.org"],
            "user-name": ["JANE", 'o"BRIEN', "a'b\"c\\"],
            "external-id": ["C-1", "{1,2}\\"],
            "id": ["0002", "2", "77", "x", ""],
        }
    )
    assert found == {
        "email": {"jane@example.org": [JANE, GUEST], "strasse@example.org": [STRASSE]},
        "user-name": {"jane": [JANE], 'o"brien': [OBRIEN]},
        "external-id": {"c-1": [JANE, STRASSE], "{1,2}\\": [OBRIEN]},
        "id": {"2": [GUEST]},
    }


def test_customers_of_accounts(known: Backend) -> None:
    found = [each for each in known.customers.of(AccountSet([1, 3, 5, 77])) if each.id != 9]
    assert found == [JANE, STRASSE, OBRIEN]


def test_customers_are_listed_in_part(known: Backend) -> None:
    query = parse_query(start_index=1, accounts=True)
    found = known.customers.list(query, limit=2)
    assert list(found.items) == [GUEST, STRASSE]
    assert found.total_count == (4 if known.atomic else 5)


def test_every_known_account_is_a_member_or_a_customer(known: Backend) -> None:
    assert known.get_memberships([1], known=True).known == AccountSet([1, 2, 3, 5, 9])


def test_what_was_read_before_is_not_what_is_read_after_a_change(known: Backend, keep: Keep) -> None:
    assert ids(known, "isActive eq true") == [1, 2, 5]
    assert len(known.get_accounts(SegmentQuery()).items) == 5
    keep([STRASSE._replace(is_active=True), Customer(4)])
    assert ids(known, "isActive eq true") == [1, 2, 3, 4, 5]
    assert len(known.get_accounts(SegmentQuery()).items) == 6


def test_a_backend_without_customers_finds_none(backend: Backend) -> None:
    assert list(backend.customers.list(SegmentQuery()).items) == []
    assert backend.customers.find({"email": ["a@b.c"], "id": ["1"]}) in ({}, {"email": {}, "id": {}})
    assert list(backend.customers.of(AccountSet([1]))) == []
    assert backend.customers.is_empty() == backend.atomic
