"""The customers of a tenant: how many requests a look-up takes, and that no answer is taken on trust."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from segcli.account_set import AccountSet
from segcli.backends.customers import Found
from segcli.backends.target import BackendTarget
from segcli.backends.tenant.backend import TenantBackend
from segcli.customer import Customer, Kind
from segcli.errors import NotFoundError, RateLimitedError, SegcliError, UnavailableError, UsageError
from segcli.ledger.backend import LedgerBackend
from segcli.model import Account
from segcli.query.parse import parse_query
from segcli.query.tree import Clause, Field, SegmentQuery
from tests.support.account_server import PATH, AccountServer, Request, account, opened, serving
from tests.support.evil_server import MODES, SLOW, evil

MASK = (
    "startIndex,pageSize,pageCount,totalCount,"
    "items(id,emailAddress,userName,externalId,customerSet,isAnonymous,isActive)"
)


@pytest.fixture
def server() -> Iterator[AccountServer]:
    """1,000 accounts: five pages, which cost as much as twenty look-ups."""
    with serving([account(number) for number in range(1, 1001)]) as server:
        yield server


@pytest.fixture
def backend(server: AccountServer) -> Iterator[TenantBackend]:
    with opened(server) as backend:
        yield backend


def emails(*numbers: int) -> list[str]:
    return [f"person{number}@example.com" for number in numbers]


def ids(found: Found, kind: Kind = "email") -> dict[str, list[int]]:
    return {key: [customer.id for customer in customers] for key, customers in found.get(kind, {}).items()}


def find(backend: TenantBackend, **wanted: list[str]) -> tuple[Found, list[str]]:
    """What is found, and the forecasts; kinds are written with underscores."""
    forecasts: list[str] = []
    by_kind = {name.replace("_", "-"): texts for name, texts in wanted.items()}
    found = backend.customers.find(by_kind, forecast=forecasts.append)  # type: ignore[arg-type]  # kinds
    return found, forecasts


def test_few_identifiers_are_looked_up_one_by_one(server: AccountServer, backend: TenantBackend) -> None:
    found, forecasts = find(backend, email=emails(7, 9))
    assert ids(found) == {"person7@example.com": [7], "person9@example.com": [9]}
    assert forecasts == ["looking up 2 e-mail addresses: 2 requests"]
    assert [request.parameters for request in server.requests] == [
        {
            "startIndex": "0",
            "pageSize": "200",
            "sortBy": "id asc",
            "responseFields": MASK,
            "filter": f"emailAddress eq 'person{number}@example.com'",
        }
        for number in (7, 9)
    ]
    assert found["email"]["person7@example.com"] == [
        Customer(7, "person7@example.com", "person7@example.com", "C-7", "default", False, True)
    ]


def test_more_are_looked_up_one_by_one_while_that_is_cheaper(
    server: AccountServer, backend: TenantBackend
) -> None:
    found, forecasts = find(backend, email=emails(*range(1, 21)))
    assert len(ids(found)) == 20
    assert forecasts == ["looking up 20 e-mail addresses: 21 requests"]
    assert len(server.requests) == 21
    assert server.page_sizes == ["1"]


def test_many_are_looked_up_with_a_scan(server: AccountServer, backend: TenantBackend) -> None:
    found, forecasts = find(backend, email=emails(*range(990, 1011)))
    assert list(ids(found).values()) == [[number] for number in range(990, 1001)]
    assert forecasts == ["looking up 21 e-mail addresses in all 1,000 accounts: 6 requests"]
    assert server.filters == []
    assert server.page_sizes == ["1", "200", "200", "200", "200", "200"]


@pytest.mark.parametrize(("count", "requests"), [(300, 301), (5000, 101)])
def test_twenty_thousand_accounts(count: int, requests: int) -> None:
    with serving([account(number) for number in range(1, 20_001)]) as server, opened(server) as backend:
        server.latency = 0.002
        found, (forecast,) = find(backend, email=emails(*range(1, 2 * count, 2)))
        assert len(ids(found)) == count
        assert forecast.endswith(f": {requests} requests")
        assert len(server.requests) == requests


def test_look_ups_run_in_parallel(server: AccountServer, backend: TenantBackend) -> None:
    server.latency = 0.05
    find(backend, email=emails(*range(1, 21)))
    assert 2 <= server.most_at_once <= 10


def test_look_ups_obey_the_rate_limit(server: AccountServer) -> None:
    with opened(server, rps=10.0, timeout=0.5) as backend, pytest.raises(RateLimitedError):
        find(backend, email=emails(*range(1, 21)))
    assert len(server.requests) < 20


def test_identifiers_that_fold_to_one_are_asked_for_once(
    server: AccountServer, backend: TenantBackend
) -> None:
    texts = ["Person7@Example.com", " person7@example.com ", "PERSON7@EXAMPLE.COM"]
    found, forecasts = find(backend, email=texts)
    assert ids(found) == {"person7@example.com": [7]}
    assert forecasts == ["looking up 1 e-mail address: 1 request"]
    assert server.filters == ["emailAddress eq 'Person7@Example.com'"]


def test_kinds_are_looked_up_together(server: AccountServer, backend: TenantBackend) -> None:
    found, forecasts = find(
        backend, email=emails(1), external_id=["c-2"], user_name=emails(3), id=["004", "1001"]
    )
    assert forecasts == [
        "looking up 1 e-mail address, 1 external id, 1 user name and 2 account ids: 6 requests"
    ]
    assert len(server.requests) == 6  # one of them the number of accounts
    assert sorted(server.filters) == [
        "emailAddress eq 'person1@example.com'",
        "externalId eq 'c-2'",
        "userName eq 'person3@example.com'",
    ]
    assert {request.path for request in server.requests} == {PATH, f"{PATH}/4", f"{PATH}/1001"}
    assert ids(found) == {"person1@example.com": [1]}
    assert ids(found, "external-id") == {"c-2": [2]}
    assert ids(found, "user-name") == {"person3@example.com": [3]}
    assert ids(found, "id") == {"4": [4]}


def test_a_scan_finds_every_kind(server: AccountServer, backend: TenantBackend) -> None:
    numbers = range(1, 11)
    found, _ = find(
        backend,
        email=emails(*numbers),
        external_id=[f"C-{number}" for number in numbers],
        user_name=emails(5),
        id=["8", "1001", "x", "0", "99999999999"],
    )
    assert server.filters == []
    assert list(ids(found).values()) == list(ids(found, "external-id").values())
    assert ids(found, "user-name") == {"person5@example.com": [5]}
    assert ids(found, "id") == {"8": [8]}


def test_nothing_to_look_up_sends_nothing(server: AccountServer, backend: TenantBackend) -> None:
    nothing = ["", "  ", "a\x00b", "a\nb@c", "a\x85b", "\ud800@x", "x\udfff"]
    found, forecasts = find(
        backend, email=nothing, external_id=nothing, user_name=[], id=["", "-1", "1.5", "x"]
    )
    assert (found, forecasts, server.requests) == ({}, [], [])


QUOTED = {
    "o'neil@example.com": """emailAddress eq "o'neil@example.com\"""",
    'say "hi"@example.com': "emailAddress eq 'say \"hi\"@example.com'",
    '"o\'neil"@example.com': """emailAddress eq "\"\"o'neil\"\"@example.com\"""",
    "a+b&c=d%20#e@example.com": "emailAddress eq 'a+b&c=d%20#e@example.com'",
    "Jörg.Groß@bücher.example": "emailAddress eq 'Jörg.Groß@bücher.example'",
    "Jo\u0308rg@example.com": "emailAddress eq 'Jörg@example.com'",
    "\u00a0x y@example.com\t": "emailAddress eq 'x y@example.com'",
    "a' or id gt 0 and 'b@example.com": """emailAddress eq "a' or id gt 0 and 'b@example.com\"""",
}


@pytest.mark.parametrize("text", QUOTED)
def test_a_value_is_quoted_and_percent_encoded(
    server: AccountServer, backend: TenantBackend, text: str
) -> None:
    server.accounts.append(account(2000, emailAddress=text.upper().strip()))
    found, _ = find(backend, email=[text])
    assert list(ids(found).values()) == [[2000]]
    assert server.filters == [QUOTED[text]]
    assert "%2B" in server.requests[0].query or "+" not in text
    assert server.requests[0].query.isascii()


@pytest.mark.parametrize(("length", "filters"), [(1500, 1), (2000, 0)])
def test_a_value_that_is_too_long_for_a_query_is_looked_up_with_a_scan(
    server: AccountServer, backend: TenantBackend, length: int, filters: int
) -> None:
    text = "x" * length
    server.accounts.append(account(2000, externalId=text))
    found, forecasts = find(backend, external_id=[text])
    assert ids(found, "external-id") == {text: [2000]}
    assert len(server.filters) == filters
    assert all(len(request.query) <= 2000 for request in server.requests)
    assert forecasts[0].endswith(": 1 request" if filters else "in all 1,001 accounts: 6 requests")
    assert len(server.requests) == (1 if filters else 6)


def test_guests_and_customer_sets_are_all_found(server: AccountServer, backend: TenantBackend) -> None:
    guests = {"isAnonymous": True, "userName": None}
    server.accounts += [
        account(2003, emailAddress="Person7@example.com", **guests),
        account(2002, emailAddress="PERSON7@example.com", customerSet="b2b", isActive=False),
    ]
    found, _ = find(backend, email=emails(7))
    (customers,) = found["email"].values()
    assert [each[0:1] + each[4:] for each in customers] == [
        (7, "default", False, True),
        (2002, "b2b", False, False),
        (2003, "default", True, True),
    ]


def test_all_pages_of_a_look_up_are_read(server: AccountServer, backend: TenantBackend) -> None:
    server.accounts += [account(number, emailAddress="guest@example.com") for number in range(2000, 2450)]
    found, _ = find(backend, email=["guest@example.com"])
    assert ids(found) == {"guest@example.com": list(range(2000, 2450))}
    assert sorted(request.start for request in server.requests) == [0, 200, 400]


@pytest.mark.parametrize("filtering", ["ignored", "rejected", "off by one"])
def test_a_filter_that_does_not_work_is_replaced_by_a_scan(
    server: AccountServer, backend: TenantBackend, filtering: Any
) -> None:
    server.filtering = filtering
    found, forecasts = find(backend, email=emails(7, 9))
    assert ids(found) == {"person7@example.com": [7], "person9@example.com": [9]}
    assert forecasts == [
        "looking up 2 e-mail addresses: 2 requests",
        "the tenant does not filter accounts by e-mail address;"
        " looking up 2 e-mail addresses in all 1,000 accounts: 5 requests",
    ]
    assert len(server.requests) == 1 + 5


def test_a_filter_that_fails_later_is_replaced_by_a_scan(
    server: AccountServer, backend: TenantBackend
) -> None:
    def wrong(request: Request, document: dict[str, Any]) -> None:
        if request.filter and "person15@" in request.filter:
            document |= {"totalCount": 1, "items": [account(99)]}

    server.change = wrong
    found, forecasts = find(backend, email=emails(*range(1, 21)))
    assert list(ids(found).values()) == [[number] for number in range(1, 21)]
    assert forecasts[1].endswith("in all 1,000 accounts: 5 requests")
    assert server.page_sizes == ["1", *["200"] * 5]


def test_a_server_that_repeats_an_account_is_not_believed(
    server: AccountServer, backend: TenantBackend
) -> None:
    def twice(request: Request, document: dict[str, Any]) -> None:
        document |= {"totalCount": 2, "items": document["items"] * 2}

    server.change = twice
    with pytest.raises(UnavailableError, match="changes while it is read"):
        find(backend, email=emails(7))


def test_a_list_that_changes_while_it_is_read_is_read_again(
    server: AccountServer, backend: TenantBackend
) -> None:
    def remove(request: Request, document: dict[str, Any]) -> None:
        if request.start == 0 and request.parameters["pageSize"] == "200":
            server.accounts = [each for each in server.accounts if each["id"] not in (3, 4)]

    server.change = remove
    wanted = range(150, 250)
    found, _ = find(backend, email=emails(*wanted))
    assert list(ids(found).values()) == [[number] for number in wanted]


@pytest.mark.parametrize("count", [20, 21])
def test_an_error_stops_a_look_up(server: AccountServer, backend: TenantBackend, count: int) -> None:
    """With single requests, and with a scan."""
    server.failing = lambda request: request.filter is not None or request.start > 0
    with pytest.raises(UnavailableError, match="sorry"):
        find(backend, email=emails(*range(count)))
    assert len(server.requests) < 10


def test_an_error_in_the_middle_sends_few_more(server: AccountServer) -> None:
    server.accounts = [account(number) for number in range(1, 20_001)]
    server.failing = lambda request: "person10@" in (request.filter or "")
    with opened(server) as backend, pytest.raises(UnavailableError, match="sorry"):
        find(backend, email=emails(*range(1, 301)))
    assert len(server.requests) < 60


def test_an_interruption_sends_few_more(server: AccountServer) -> None:
    def interrupt(done: int, total: int | None) -> None:
        if done == 10:
            raise KeyboardInterrupt

    server.accounts = [account(number) for number in range(1, 20_001)]
    with opened(server) as backend:
        with pytest.raises(KeyboardInterrupt):
            backend.customers.find({"email": emails(*range(1, 301))}, interrupt)
        while any(thread.name.startswith("look-up") for thread in threading.enumerate()):
            time.sleep(0.01)
    assert len(server.requests) < 60


@pytest.mark.parametrize("name", [name for name in MODES if name not in SLOW])
def test_no_response_is_a_bug_or_is_taken_for_a_customer(name: str) -> None:
    with evil(MODES[name]) as server:
        backend = TenantBackend(BackendTarget(server.url, timeout=0.5))
        customers = backend.customers
        for find in (
            lambda: customers.find({"email": ["x@example.com"], "id": ["3"]}),
            lambda: customers.get(3),
        ):
            with suppress(SegcliError):
                assert find() == {}
        for read in (lambda: list(customers.list(SegmentQuery()).items), lambda: backend.get_account(3)):
            with suppress(SegcliError):
                read()
        backend.close()


SHAPES: dict[str, Callable[[dict[str, Any]], None]] = {
    "no id": lambda item: item.pop("id"),
    "id 0": lambda item: item.update(id=0),
    "id true": lambda item: item.update(id=True),
    "id of 64 bits": lambda item: item.update(id=2**33),
    "e-mail a number": lambda item: item.update(emailAddress=5),
    "external id a list": lambda item: item.update(externalId=["C-7"]),
    "flag a text": lambda item: item.update(isAnonymous="true"),
    "flag a number": lambda item: item.update(isActive=1),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_account_of_a_wrong_shape_is_an_error(
    server: AccountServer, backend: TenantBackend, shape: str
) -> None:
    SHAPES[shape](server.accounts[6])
    server.matching = lambda filter: server.accounts[6:7]  # type: ignore[method-assign]  # whatever its id is
    with pytest.raises(UnavailableError) as error:
        find(backend, email=emails(7))
    assert "person7" not in error.value.message


def test_members_that_are_missing_are_null(server: AccountServer, backend: TenantBackend) -> None:
    server.accounts = [{"id": 5, "emailAddress": "x@example.com"}, {"id": 6, "isActive": None}]
    assert list(backend.customers.list(SegmentQuery()).items) == [Customer(5, "x@example.com"), Customer(6)]


def test_get(server: AccountServer, backend: TenantBackend) -> None:
    assert backend.customers.get(12).external_id == "C-12"
    with pytest.raises(NotFoundError, match=r"^there is no account with id 1001$"):
        backend.customers.get(1001)
    assert [request.path for request in server.requests] == [f"{PATH}/12", f"{PATH}/1001"]
    assert server.requests[0].parameters == {"responseFields": MASK.partition("items(")[2][:-1]}


def test_get_refuses_another_account(server: AccountServer, backend: TenantBackend) -> None:
    server.accounts = [{"id": "12"}]
    with pytest.raises(UnavailableError, match="an account without an id"):
        backend.customers.get(12)


def test_list_streams_all_pages(server: AccountServer, backend: TenantBackend) -> None:
    customers = backend.customers.list(SegmentQuery(start_index=350))
    assert customers.total_count == 1000
    assert [customer.id for customer in customers.items] == list(range(351, 1001))
    assert sorted(request.start for request in server.requests) == [350, 550, 750, 950]
    assert all(request.parameters["sortBy"] == "id asc" for request in server.requests)


def test_list_requests_no_more_than_its_limit(server: AccountServer, backend: TenantBackend) -> None:
    assert [customer.id for customer in backend.customers.list(SegmentQuery(), 3).items] == [1, 2, 3]
    assert server.page_sizes == ["3"]


def test_list_passes_the_filter_on(server: AccountServer, backend: TenantBackend) -> None:
    server.filtering = "ignored"
    query = parse_query(filter='id ge 5 and segments.code eq "o\'n"', accounts=True)
    list(backend.customers.list(query).items)
    assert set(server.filters) == {'id ge 5 and segments.code eq "o\'n"'}


def test_list_writes_texts_and_booleans_as_the_contract_does(
    server: AccountServer, backend: TenantBackend
) -> None:
    server.filtering = "ignored"
    texts = ("it's", 'say "hi"', "both '\"", "null")
    clauses = [Clause(Field("emailAddress", "text"), "eq", text) for text in texts]
    flags = [Clause(Field("isActive", "integer"), "ne", flag) for flag in (True, False, None)]
    list(backend.customers.list(SegmentQuery((*clauses, *flags)), 1).items)
    assert server.filters == [
        """emailAddress eq "it's" and emailAddress eq 'say "hi"' and emailAddress eq "both '\"\"" """
        "and emailAddress eq 'null' and isActive ne true and isActive ne false and isActive ne null"
    ]


def test_of_few_asks_for_each(server: AccountServer, backend: TenantBackend) -> None:
    found = list(backend.customers.of(AccountSet([7, 1, 2000])))
    assert [customer.id for customer in found] == [1, 7]
    assert {request.path for request in server.requests} == {f"{PATH}/1", f"{PATH}/7", f"{PATH}/2000"}


def test_of_some_asks_for_each_while_that_is_cheaper(server: AccountServer, backend: TenantBackend) -> None:
    found = list(backend.customers.of(AccountSet(range(991, 1011))))
    assert [customer.id for customer in found] == list(range(991, 1001))
    assert len(server.requests) == 21


def test_of_many_scans_as_far_as_needed(server: AccountServer, backend: TenantBackend) -> None:
    reports: list[tuple[int, int | None]] = []
    found = backend.customers.of(AccountSet(range(2, 900)), lambda *report: reports.append(report))
    assert [customer.id for customer in found] == list(range(2, 900))
    assert reports == [(0, 1000), (200, 1000), (400, 1000), (600, 1000), (800, 1000)]
    assert server.page_sizes == ["1", "200", "200", "200", "200", "200"]


def test_of_does_not_return_accounts_out_of_order(server: AccountServer, backend: TenantBackend) -> None:
    server.change = lambda _, document: document["items"].reverse()
    with pytest.raises(UnavailableError, match="does not sort"):
        list(backend.customers.of(AccountSet(range(1, 500))))


def test_a_tenant_has_customers_that_are_not_changed(server: AccountServer, backend: TenantBackend) -> None:
    assert not backend.customers.is_empty()
    for change in (backend.customers.bulk, lambda: backend.customers.save([])):
        with pytest.raises(UsageError, match=r"^a tenant's customers are not changed by segcli$"):
            change()
    assert server.requests == []


def test_the_ledger_asks_the_tenant(server: AccountServer, backend: TenantBackend) -> None:
    recorded = LedgerBackend(backend, print)
    assert recorded.customers.get(3) == backend.customers.get(3)
    assert recorded.get_account(3) == backend.get_account(3)


def test_accounts_have_the_identifiers_that_were_sent(server: AccountServer, backend: TenantBackend) -> None:
    segment = {"id": 2, "code": "VIP"}
    server.accounts = [
        {"id": 1, "segments": [segment, {"id": 1, "code": "A"}], "firstName": "Jane"},
        {"id": 2, "emailAddress": "a@example.com", "isActive": False, "segments": None},
    ]
    bare, known = backend.get_accounts(SegmentQuery()).items
    assert [each.id for each in bare.segments] == [1, 2]
    assert bare.identifiers is None
    assert known == Account(2, (), {"id": 2, "emailAddress": "a@example.com", "isActive": False})
    assert backend.get_account(2) == known
    with pytest.raises(NotFoundError, match=r"^there is no account with id 3$"):
        backend.get_account(3)
    assert all("firstName" not in request.parameters["responseFields"] for request in server.requests)


@pytest.mark.parametrize(("customer_set", "site"), [(None, None), ("b2b", "7")])
def test_account_reads_have_the_site_only_with_a_customer_set(
    server: AccountServer, customer_set: str | None, site: str | None
) -> None:
    with opened(server, tenant="5", site="7", customer_set=customer_set) as backend:
        find(backend, email=emails(1), id=["2"])
        backend.get_accounts(SegmentQuery())
        with pytest.raises(UnavailableError):  # this server has no segments
            backend.get_segment(1)
        with pytest.raises(UnavailableError):
            backend.remove_segment_account(1, 2)
    assert {request.headers["x-vol-tenant"] for request in server.requests} == {"5"}
    accounts = [request for request in server.requests if request.path.startswith(PATH)]
    assert {request.headers.get("x-vol-site") for request in accounts} == {site}
    others = [request for request in server.requests if not request.path.startswith(PATH)]
    assert len(others) == 2
    assert {request.headers.get("x-vol-site") for request in others} == {"7"}


_SAID = "bad filter emailAddress eq 'person1@example.com' (person1%40example.com)"


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (
            "500 No",
            {"errorCode": "X", "message": _SAID},
            "the tenant responded: bad filter emailAddress eq '***' ***",
        ),
        ("200 OK", b'{"items": [{"emailAddress": "person1@example.com"', "status 200 with invalid JSON"),
        (
            "200 OK",
            {"totalCount": 0, "items": [account(1)]},
            "status 200 with 1 items, but a totalCount of 0",
        ),
        ("404 No", b"<html>?filter=person1%40example.com", "status 404 with an unexpected body"),
        ("404 No", b"<html>not here", "status 404 with an unexpected body: <html>not here"),
    ],
)
def test_errors_about_accounts_repeat_no_address_of_a_response(
    status: str, body: object, message: str
) -> None:
    with evil(lambda exchange: exchange.answer(body, status), "GET") as server:
        backend = TenantBackend(BackendTarget(server.url, timeout=20.0))
        with pytest.raises(SegcliError) as error:
            find(backend, email=emails(1))
        backend.close()
    assert str(error.value).endswith(message)
