"""GetAccounts and GetAccount as clients send them; and that the log has no e-mail addresses."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from segcli.backends import open_backend
from segcli.backends.target import BackendTarget
from segcli.customer import Customer
from tests.server.conftest import Client
from tests.support.command import Segments
from tests.support.serving import ACCOUNTS, Served, served

JANE = Customer(1, "Jane.O'Brien@example.org", "jane", "C-1", "eu")
GUEST = Customer(2, "jane@example.org", None, None, "eu", is_anonymous=True, is_active=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serves two customers, and account 9, which is only in VIP, as customer 1 is."""
    home = tmp_path_factory.mktemp("server")
    with served(home) as running:
        with Client(running) as client:
            client.add("VIP", 1, 9)
        with closing(open_backend(BackendTarget(f"sqlite:{Segments(home).store}", timeout=10))) as store:
            store.customers.save([JANE, GUEST])
        yield running


def ids(client: Client, query: str) -> list[int]:
    response = client.call("GET", f"{ACCOUNTS}?{query}")
    assert response.status_code == 200
    return [item["id"] for item in response.json()["items"]]


def test_an_account_has_its_identifiers_and_segments(client: Client) -> None:
    account = client.call("GET", f"{ACCOUNTS}/1").json()
    assert account == {**JANE.to_json(), "segments": account["segments"]}
    assert [segment["code"] for segment in account["segments"]] == ["VIP"]
    assert client.call("GET", f"{ACCOUNTS}/9").json().keys() == {"id", "segments"}


@pytest.mark.parametrize("account_id", ["3", "0", "-1"])
def test_an_unknown_account_is_not_found(client: Client, account_id: str) -> None:
    response = client.call("GET", f"{ACCOUNTS}/{account_id}")
    assert (response.status_code, response.json()["errorCode"]) == (404, "ITEM_NOT_FOUND")


@pytest.mark.parametrize("account_id", ["x", "1.0", "99999999999"])
def test_an_account_id_is_an_integer(client: Client, account_id: str) -> None:
    assert client.call("GET", f"{ACCOUNTS}/{account_id}").status_code == 400


@pytest.mark.parametrize(
    "fields", ["id,emailAddress", "ID, EMAILADDRESS", "Id ,emailaddress,userName(x),-UserName"]
)
def test_names_of_fields_match_in_any_case(client: Client, fields: str) -> None:
    account = client.call("GET", f"{ACCOUNTS}/2?responseFields={quote(fields)}").json()
    assert account == {"id": 2, "emailAddress": GUEST.email}
    page = client.call("GET", f"{ACCOUNTS}?responseFields=Items( {quote(fields)} ),TOTALCOUNT").json()
    assert page["totalCount"] == 3
    assert page["items"][1] == account


def test_a_field_is_named_twice_in_different_case(client: Client) -> None:
    mask = "items(id,Segments(Code)),Items(segments(ID))"
    page = client.call("GET", f"{ACCOUNTS}?responseFields={mask}").json()
    assert page == {
        "items": [
            {"id": 1, "segments": [{"id": 1, "code": "VIP"}]},
            {"id": 2, "segments": []},
            page["items"][2],
        ]
    }


FILTERS = {
    "filter=EMAILADDRESS eq 'JANE@EXAMPLE.ORG'": [2],
    'filter=emailAddress eq "jane.o\'brien@example.org"': [1],
    "filter=emailAddress eq 'jane.o''brien@example.org'&SORTBY=Id": [1],
    "filter=emailAddress sw jane": [1, 2],
    "filter=isActive eq true": [1],
    "isAnonymous=true": [2],
    "ISANONYMOUS=False": [1],
    "isAnonymous=true&filter=customerSet eq eu and isActive eq true": [],
    "isAnonymous=&filter=segments.id ne 1": [2],
}


@pytest.mark.parametrize("query", FILTERS)
def test_accounts_are_filtered(client: Client, query: str) -> None:
    assert ids(client, query) == FILTERS[query]


@pytest.mark.parametrize(
    "query", ["isAnonymous=1", "isAnonymous=null", "filter=isActive eq yes", "filter=firstName eq 'Jane'"]
)
def test_a_wrong_value_is_named(client: Client, query: str) -> None:
    response = client.call("GET", f"{ACCOUNTS}?{query}")
    assert response.status_code == 400
    assert response.json()["additionalErrorData"] == [{"name": "ParameterName", "value": query.split("=")[0]}]


LOGGED = {
    "filter=emailAddress eq 'jane@example.org'": "filter=emailAddress%20eq%20***",
    "filter=emailAddress+eq+%27jane%40example.org%27&pageSize=5": "filter=emailAddress%20eq%20***&pageSize=5",
    "filter=userName eq jane@example.org and id gt 5": "filter=userName%20eq%20***%20and%20id%20gt%205",
    'filter=emailAddress eq "jane.o\'brien@example.org"': "filter=emailAddress%20eq%20***",
    "filter=emailAddress eq 'jane.o''brien@example.org' and isActive eq true": (
        "filter=emailAddress%20eq%20***%20and%20isActive%20eq%20true"
    ),
    "filter=emailAddress sw 'jane.o'": "filter=emailAddress%20sw%20***",
    "filter=emailAddress eq 'jane brien@example.org": "filter=***",
    "filter=emailAddress ne null": "filter=emailAddress%20ne%20null",
    "q=jane%2540example.org": "q=***",
    "jane@example.org": "***",
    "responseFields=items(id,emailAddress)": "responseFields=items(id,emailAddress)",
    "filter=externalId eq 'C-1'": "filter=externalId%20eq%20'C-1'",
}


@pytest.mark.parametrize("format", ["text", "json"])
def test_no_address_is_logged(tmp_path: Path, format: str) -> None:
    with served(tmp_path, "--no-auth", "--log-format", format) as server:
        for query in LOGGED:
            requests.get(f"{server.url}{ACCOUNTS}?{query}", timeout=10)
        requests.get(f"{server.url}{ACCOUNTS}/jane@example.org/segments", timeout=10)
        log = server.log.read_text()
    lines = [line.replace('\\\\"', '"') for line in log.splitlines() if f"GET {ACCOUNTS}" in line]
    for line, expected in zip(lines, LOGGED.values(), strict=False):
        assert f"GET {ACCOUNTS}?{expected}" in line
    assert f"GET {ACCOUNTS}/***/segments" in lines[-1]
    assert "jane" not in log
    assert "brien" not in log
