"""`segments check`: what holds, exit code 10, and which error comes first."""

from collections.abc import Iterator

import pytest

from tests.support.command import Segments
from tests.support.serving import served
from tests.support.tenant_server import TenantServer


@pytest.fixture(params=["store", "tenant", "serve"])
def stocked(request: pytest.FixtureRequest, segments: Segments, tenant: TenantServer) -> Iterator[Segments]:
    """VIP with the accounts 1 to 3, STAFF with 3 and 4, on each kind of backend."""
    if request.param == "serve":
        with served(segments.home) as server:
            segments.env |= server.environ
            yield _stock(segments)
        return
    if request.param == "tenant":
        segments.env |= tenant.environ
    yield _stock(segments)


def _stock(segments: Segments) -> Segments:
    for code, accounts in (("VIP", "123"), ("STAFF", "34")):
        segments.ok("add", code)
        segments.ok("accounts", "add", code, *accounts)
    return segments


def test_every_assertion_is_reported_with_both_values(stocked: Segments) -> None:
    done = stocked(
        "check", "VIP >= 3", "VIP and STAFF == 0", "STAFF <= 33.4% of VIP", "none == 0", "-o", "json"
    )
    assert done.code == 10
    assert done.json == {
        "items": [
            {"assertion": "VIP >= 3", "accounts": 3, "limit": 3, "whole": None, "holds": True},
            {"assertion": "VIP and STAFF == 0", "accounts": 1, "limit": 0, "whole": None, "holds": False},
            {
                "assertion": "STAFF <= 33.4% of VIP",
                "accounts": 2,
                "limit": pytest.approx(1.002),
                "whole": 3,
                "holds": False,
            },
            {"assertion": "none == 0", "accounts": 0, "limit": 0, "whole": None, "holds": True},
        ]
    }
    assert done.stderr == "2 of 4 assertions do not hold\n"


def test_all_that_hold_are_exit_0(stocked: Segments) -> None:
    done = stocked.ok("check", "VIP minus STAFF == 2", "all == 4", "STAFF < 100% of VIP")
    assert done.stderr == ""
    assert done.lines[0] == "VIP minus STAFF == 2\t2\t2\t\ttrue"


@pytest.mark.parametrize(
    ("assertions", "code"),
    [
        (["VIP == 0", "NOPE == 0"], 3),
        (["VIP == 0", "VIP =="], 2),
        (["VIP == 0", "NOPE-* == 0"], 3),
        (["NOPE == 0", "VIP = 1"], 2),
        (["VIP == 0", "file:none.txt == 0"], 2),
        (["VIP"], 2),
        (["VIP == 0", f"VIP == {'9' * 5000}"], 2),
    ],
)
def test_an_error_takes_precedence(vip: Segments, assertions: list[str], code: int) -> None:
    done = vip("check", *assertions)
    assert (done.code, done.stdout) == (code, "")


def test_a_mistake_is_found_before_anything_is_read(segments: Segments, tenant: TenantServer) -> None:
    segments.env |= tenant.environ
    done = segments("check", "VIP == 0", "file:none.txt == 1", "VIP like 3")
    assert (done.code, len(tenant.requests)) == (2, 0)
    assert "  VIP like 3\n      ^^^^\n" in done.stderr


def test_the_answer_no_survives_query_and_quiet(vip: Segments) -> None:
    done = vip("check", "VIP == 0", "--query", "items[].holds", "-q", "-o", "json")
    assert (done.code, done.stdout, done.stderr) == (10, "[false]\n", "")


def test_an_output_that_cannot_be_written_takes_precedence(vip: Segments) -> None:
    done = vip("check", "VIP == 0", "-o", "id")
    assert (done.code, done.stdout) == (2, "")


def test_the_requests_to_a_tenant(segments: Segments, tenant: TenantServer) -> None:
    segments.env |= tenant.environ
    _stock(segments)
    before = len(tenant.requests)
    segments.ok("check", "VIP == 3", "STAFF <= 100% of VIP", "(VIP) == 3")
    paths = [request.path.rpartition("/")[2] for request in tenant.requests[before:]]
    assert (paths.count("segments"), paths.count("accounts"), len(paths)) == (2, 1, 3)
