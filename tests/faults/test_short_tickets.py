"""Tickets that expire while a request is under way or waits to be sent again."""

import pytest

from tests.support.command import Segments
from tests.support.fault_scripts import first, first_of, reply
from tests.support.tenant_server import Fault, TenantServer, unused_url

pytestmark = pytest.mark.usefixtures("tenant_variables")


def tokens(tenant: TenantServer) -> list[str]:
    return [request.headers["Authorization"] for request in tenant.requests]


def test_a_ticket_is_renewed_as_often_as_it_expires_on_its_way(
    segments: Segments, tenant: TenantServer
) -> None:
    segments.ok("add", "VIP")
    del tenant.requests[:]
    tenant.token_lifetime = 1
    tenant.tokens.clear()
    tenant.script = first_of("POST", Fault(delay=1.2), times=3)
    segments.ok("accounts", "add", "id:1", "1")
    posts = [request for request in tenant.requests if request.method == "POST"]
    assert len(posts) == len({request.headers["Authorization"] for request in posts}) == 4


def test_a_retry_has_the_newest_ticket(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP")
    (segments.home / "cache" / "segments" / "tickets").rename(segments.home / "old")
    del tenant.requests[:]
    tenant.token_lifetime = 1
    tenant.script = first(reply(503, Retry_After="2"))
    segments.ok("get", "id:1")
    assert len(tenant.requests) == len(set(tokens(tenant))) == 2


def test_a_change_that_was_made_before_the_ticket_expired_is_done(
    segments: Segments, tenant: TenantServer
) -> None:
    """The response to the first attempt is lost, the second one is 401, the third one finds nothing."""
    segments.ok("add", "VIP")
    faults = [Fault(reset_after=True), reply(401, b'{"errorCode": "UNAUTHORIZED"}')]
    tenant.script = lambda request: faults.pop(0) if request.method == "DELETE" and faults else None
    segments.ok("delete", "id:1", "--yes")
    tenant.script = None
    assert segments("get", "id:1").code == 3


def test_if_no_ticket_can_be_fetched_the_change_was_not_sent(
    segments: Segments, tenant: TenantServer
) -> None:
    done = segments("add", "VIP", "--timeout", "1", KIBO_AUTH_HOST=unused_url())
    assert done.code == 6
    assert "cannot be reached" in done.stderr
    assert "unknown" not in done.stderr
    assert tenant.requests == []
