"""How many requests expressions take on a tenant."""

import pytest

from tests.support.command import Segments
from tests.support.sets import fill_sets
from tests.support.tenant_server import TenantServer

MANY = 20_000  # accounts of the tenant: 100 pages
LARGE = {"A": range(1, 4_001), "B": range(2_001, 2_801), "MOST": range(1, MANY + 1)}


@pytest.fixture
def large(segments: Segments, tenant: TenantServer) -> Segments:
    fill_sets(tenant.store, LARGE)
    segments.env |= tenant.environ
    return segments


def sent(tenant: TenantServer) -> tuple[int, int, int]:
    """How many requests were for segments, for accounts with a filter, and for all accounts."""
    accounts = [request for request in tenant.requests if request.path.endswith("/accounts")]
    filtered = sum("filter" in request.parameters for request in accounts)
    return len(tenant.requests) - len(accounts), filtered, len(accounts) - filtered


REQUESTS = {
    # A, B and the keyword are looked up; a page of all accounts says how many there are; 20 + 4 pages
    "A minus B": (3, 24, 1),
    # the operand is read once
    "A or A or (A and A)": (3, 20, 0),
    # A excludes accounts only from B
    "B and not A": (4, 24, 1),
    # every account is read, which also shows who is in A
    "not A": (2, 0, 100),
    "all": (1, 0, 100),
    # the first page of MOST shows that the filter would take more requests
    "MOST minus A minus B": (4, 1, 100),
}


@pytest.mark.parametrize("expression", REQUESTS)
def test_requests_of_a_count(large: Segments, tenant: TenantServer, expression: str) -> None:
    large.ok("accounts", "count", expression)
    assert sent(tenant) == REQUESTS[expression]


def test_several_expressions_share_what_they_read(large: Segments, tenant: TenantServer) -> None:
    large.ok("accounts", "count", "A minus B", "B minus A", "A", "B")
    assert sent(tenant)[1:] == (24, 1)


def test_a_plain_segment_is_read_as_before(large: Segments, tenant: TenantServer) -> None:
    large.ok("accounts", "list", "B", "--limit", "1")
    assert sent(tenant)[1:] == (4, 0)


def test_a_few_accounts_take_a_request_each(large: Segments, tenant: TenantServer) -> None:
    assert large("accounts", "has", "MOST", "5", "6", "99999").code == 10
    assert [request.path.rpartition("customer/")[2] for request in tenant.requests] == [
        "segments", "accounts/5/segments", "accounts/6/segments", "accounts/99999/segments",
    ]  # fmt: skip
    tenant.requests.clear()
    assert large("accounts", "has", "B", *map(str, range(2_100, 2_121))).code == 0
    assert sent(tenant)[1:] == (4, 0)


def test_a_change_is_evaluated_once(large: Segments, tenant: TenantServer) -> None:
    large.ok("accounts", "set", "B", "--from", "B", "--yes")
    # once for the expression, and once to know what is to be changed
    assert sent(tenant)[1:] == (8, 0)
    assert {request.method for request in tenant.requests} == {"GET"}
