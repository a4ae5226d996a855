"""Reading customers: fields, several accounts, and identifiers next to account ids."""

import pytest

from segcli.account_set import AccountSet
from segcli.customer import MEMBERS, Customer
from segcli.errors import NotFoundError, UsageError
from segcli.operations.customers import get, identifiers_named, list_customers, with_identifiers
from segcli.result import Result
from segcli.terminal.streams import Terminal
from tests.support.customers import CustomersInMemory, store_of

ANN = Customer(1, "ann@b.c", "ann", "C-1", "main")
BOB = Customer(5, "bob@b.c", is_anonymous=True, is_active=False)
STORE = store_of(CustomersInMemory(BOB, ANN))


def listed(fields: str | None = None, limit: int | None = None) -> Result:
    return list_customers(STORE, Terminal({}), filter=None, fields=fields, limit=limit, wide=False)


def test_all_customers_are_listed_with_their_members() -> None:
    result = listed()
    assert [column.name for column in result.columns] == list(MEMBERS)
    assert result.document() == {"totalCount": 2, "items": [ANN.to_json(), BOB.to_json()]}
    assert tuple(ANN.to_json()) == MEMBERS


def test_the_total_is_that_of_all() -> None:
    assert listed(limit=1).document() == {"totalCount": 2, "items": [ANN.to_json()]}


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("externalid, ID", ["externalId", "id"]),
        ("email,email", ["emailAddress"]),
        ("-isActive,-isAnonymous,-customerSet", ["id", "emailAddress", "userName", "externalId"]),
        (" ", list(MEMBERS)),
    ],
)
def test_fields_select_columns_and_members(fields: str, names: list[str]) -> None:
    result = listed(fields)
    assert [column.name for column in result.columns] == names
    assert list(result.document()["items"][0]) == names


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("nope", "--fields: unknown field 'nope'"),
        ("email(x)", "--fields: a customer's fields have no members"),
        (",".join(f"-{name}" for name in MEMBERS), "--fields selects no field of a customer"),
    ],
)
def test_fields_that_are_not_valid(fields: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        listed(fields)
    assert error.value.message == message
    assert error.value.hint == f"the fields are {', '.join(MEMBERS)}"


def test_one_account_is_an_object_and_several_are_a_collection() -> None:
    assert get(STORE, Terminal({}), ["id:5"], fields=None, wide=False).document() == BOB.to_json()
    assert get(STORE, Terminal({}), ["5", "1", "5"], fields="id", wide=False).document() == {
        "items": [{"id": 5}, {"id": 1}]
    }


def test_unknown_accounts_are_errors() -> None:
    with pytest.raises(NotFoundError, match="account id 9"):
        get(STORE, Terminal({}), ["9"], fields=None, wide=False)
    with pytest.raises(NotFoundError, match="none of these accounts is a known customer: 8 and 9"):
        get(STORE, Terminal({}), ["8", "9"], fields=None, wide=False)
    result = get(STORE, Terminal({}), ["8", "1", "9"], fields="id", wide=False)
    assert (result.document(), result.exit_code, len(result.errors)) == ({"items": [{"id": 1}]}, 3, 2)


def test_identifiers_are_named_as_columns_are() -> None:
    assert identifiers_named("email, External ID,is_active,E-Mail") == (
        "emailAddress",
        "externalId",
        "isActive",
    )
    for names in ("nope", "id", "email,", ""):
        with pytest.raises(UsageError, match=r"^--with: unknown field '"):
            identifiers_named(names)


def test_an_account_that_is_not_known_has_no_identifiers() -> None:
    accounts = AccountSet([1, 3, 5, 7])
    result = with_identifiers(STORE, Terminal({}), accounts, ("emailAddress", "isActive"))
    assert list(result.rows()) == [
        (1, "ann@b.c", True),
        (3, None, None),
        (5, "bob@b.c", False),
        (7, None, None),
    ]
