"""Commands on a broken network or a failing tenant: their outcome, and what was sent."""

from collections.abc import Callable

import pytest

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.fault_scripts import always, first, first_of, reply
from tests.support.stores import open_store
from tests.support.tenant_server import Fault, Request, TenantServer, unused_url

pytestmark = pytest.mark.usefixtures("tenant_variables")

SEGMENTS = "/api/commerce/customer/segments"


def methods(tenant: TenantServer) -> list[str]:
    return [request.method for request in tenant.requests]


TEMPORARY = {
    "reset before": Fault(reset_before=True),
    "reset after": Fault(reset_after=True),
    "truncated": Fault(truncate=True),
    "429 with Retry-After": reply(429, Retry_After="0"),
    "429 without": reply(429),
    "502": reply(502, b"<html>Bad gateway</html>", Content_Type="text/html"),
    "503": reply(503, b'{"errorCode": "SYSTEM_MAINTENANCE", "message": "back soon"}'),
    "503 with a date": reply(503, Retry_After="Thu, 01 Jan 2026 00:00:00 GMT"),
    "504": reply(504),
}


@pytest.mark.parametrize("fault", TEMPORARY.values(), ids=TEMPORARY)
def test_a_read_survives_a_temporary_fault(segments: Segments, tenant: TenantServer, fault: Fault) -> None:
    segments.ok("add", "VIP")
    del tenant.requests[:]
    tenant.script = first(fault, 2)
    assert segments.ok("get", "VIP", "-o", "code").stdout == "VIP\n"
    assert methods(tenant) == ["GET"] * 3


@pytest.mark.parametrize("fault", TEMPORARY.values(), ids=TEMPORARY)
def test_an_update_survives_a_temporary_fault(segments: Segments, tenant: TenantServer, fault: Fault) -> None:
    segments.ok("add", "VIP", "--name", "old")
    del tenant.requests[:]
    tenant.script = first_of("PUT", fault)
    segments.ok("update", "VIP", "--name", "new")
    tenant.script = None
    assert segments.ok("get", "VIP", "--query", "name").stdout == "new\n"
    assert methods(tenant)[:3] == ["GET", "PUT", "PUT"]


@pytest.mark.parametrize("fault", TEMPORARY.values(), ids=TEMPORARY)
def test_a_delete_whose_retry_finds_nothing_succeeds(
    segments: Segments, tenant: TenantServer, fault: Fault
) -> None:
    segments.ok("add", "VIP")
    tenant.script = first_of("DELETE", fault)
    assert segments.ok("delete", "VIP", "--yes", "-o", "json").json["items"][0]["result"] == "deleted"
    tenant.script = None
    assert segments("get", "VIP").code == 3


@pytest.mark.parametrize("fault", TEMPORARY.values(), ids=TEMPORARY)
def test_accounts_are_added_and_removed_once_despite_temporary_faults(
    segments: Segments, tenant: TenantServer, fault: Fault
) -> None:
    segments.ok("add", "VIP")
    tenant.script = first_of("POST", fault)
    segments.ok("accounts", "add", "VIP", "1001", "1002")
    tenant.script = first_of("DELETE", fault)
    report = segments.ok("accounts", "remove", "VIP", "1001", "-o", "json").json
    assert (report["removed"], report["notMembers"]) == (1, 0)
    tenant.script = None
    assert segments.ok("accounts", "list", "VIP").lines == ["1002"]


@pytest.mark.parametrize("fault", TEMPORARY.values(), ids=TEMPORARY)
def test_a_segment_is_created_once_despite_temporary_faults(
    segments: Segments, tenant: TenantServer, fault: Fault
) -> None:
    tenant.script = first_of("POST", fault)
    made = segments.ok("add", "VIP", "--name", "Very important", "-o", "json").json
    tenant.script = None
    listed = segments.ok("list", "-o", "json").json["items"]
    assert listed == [made]


def test_after_a_lost_response_the_segment_is_looked_up_before_a_retry(
    segments: Segments, tenant: TenantServer
) -> None:
    tenant.script = first_of("POST", Fault(reset_after=True))
    segments.ok("add", "VIP")
    assert methods(tenant) == ["POST", "GET"]


def test_a_rate_limited_add_is_sent_again_without_a_look_up(segments: Segments, tenant: TenantServer) -> None:
    tenant.script = first_of("POST", reply(429, Retry_After="0"))
    segments.ok("add", "VIP")
    assert methods(tenant) == ["POST", "POST"]


def test_a_different_segment_is_not_taken_for_the_lost_one(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP", "--name", "theirs")
    tenant.script = first_of("POST", Fault(reset_before=True))
    assert segments("add", "VIP", "--name", "ours").code == 4


def test_an_older_segment_is_not_taken_for_the_lost_one(segments: Segments, tenant: TenantServer) -> None:
    import sqlite3

    segments.ok("add", "VIP", "--name", "the same")
    with sqlite3.connect(tenant.store) as store:
        store.execute("UPDATE segment_record SET create_date = create_date - 3600000000")
    tenant.script = first_of("POST", Fault(reset_before=True))
    assert segments("add", "VIP", "--name", "the same").code == 4


def test_a_segment_deleted_by_someone_else_is_not_found(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP")
    tenant.script = first_of("DELETE", reply(404, b'{"errorCode": "ITEM_NOT_FOUND", "message": "gone"}'))
    assert segments("delete", "VIP", "--yes").code == 3


def test_a_permanent_fault_is_exit_6_after_the_timeout(segments: Segments, tenant: TenantServer) -> None:
    tenant.script = always(reply(503, b'{"errorCode": "SYSTEM_MAINTENANCE", "message": "back soon"}'))
    done = segments("get", "VIP", "--timeout", "1", "-o", "json")
    assert (done.code, done.stdout) == (6, "")
    assert done.error["message"] == "the tenant responded: back soon"
    assert done.error["code"] == "SYSTEM_MAINTENANCE"


UNEXPECTED: dict[str, tuple[Fault, str]] = {
    "HTML with 200": (reply(200, b"<html>\n<body>Login</body>"), "status 200 with invalid JSON: <html>"),
    "nothing": (reply(200), "(empty body)"),
    "half a JSON": (reply(200, b'{"totalCount": 1, "items": ['), "invalid JSON"),
    "a list": (reply(200, b"[]"), "something that is not a collection"),
    "no items": (reply(200, b'{"totalCount": 3}'), "without totalCount or items"),
    "a text for a total": (reply(200, b'{"totalCount": "3", "items": []}'), "without totalCount"),
    "a segment without code": (
        reply(200, b'{"totalCount": 1, "items": [{"id": 1}]}'),
        "a segment without id or code",
    ),
    "a redirect": (reply(302, Location="https://elsewhere.example/"), "status 302"),
    "a teapot": (reply(418, b"short and stout"), "short and stout"),
    "500": (reply(500, b'{"errorCode": "UNEXPECTED_ERROR", "message": "oh"}'), "oh"),
}


@pytest.mark.parametrize(("fault", "expected"), UNEXPECTED.values(), ids=UNEXPECTED)
def test_an_unexpected_response_is_reported_with_its_status_and_correlation_id(
    segments: Segments, tenant: TenantServer, fault: Fault, expected: str
) -> None:
    tenant.script = always(fault)
    done = segments("list", "-o", "json")
    assert (done.code, done.stdout) == (6, "")
    assert expected in done.error["message"]
    assert done.error["correlationId"] == "corr-1"
    assert fault.reply is not None
    assert done.error["status"] == fault.reply.status
    assert methods(tenant) == ["GET"]


def test_control_characters_of_a_response_never_reach_the_terminal(
    segments: Segments, tenant: TenantServer
) -> None:
    tenant.script = always(reply(500, b'{"message": "\\u001b[31mred\\u0007"}'))
    shown = segments.shown("list", NO_COLOR="1").stdout
    assert "\\x1b[31mred\\x07" in shown
    assert "\x1b" not in shown


def test_a_slow_response_ends_at_the_timeout(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP")
    tenant.script = always(Fault(drip=0.05))
    done = segments("get", "VIP", "--timeout", "1")
    assert done.code == 6
    assert "no complete response within 1 s" in done.stderr


def test_a_missing_response_ends_at_the_timeout(segments: Segments, tenant: TenantServer) -> None:
    tenant.script = always(Fault(delay=5))
    done = segments("get", "VIP", "--timeout", "0.5")
    assert done.code == 6
    assert "no complete response within 0.5 s" in done.stderr


def test_a_rate_limit_longer_than_the_timeout_is_reported_at_once(
    segments: Segments, tenant: TenantServer
) -> None:
    tenant.script = always(reply(429, Retry_After="3600"))
    done = segments("get", "VIP", "-o", "json")
    assert done.code == 6
    assert (done.error["code"], done.error["status"]) == ("TOO_MANY_REQUESTS", 429)
    assert methods(tenant) == ["GET"]


def test_a_wait_for_the_rate_limit_is_shown(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP")
    tenant.script = first_of("GET", reply(429, Retry_After="2"))
    done = segments.ok("get", "VIP", "-o", "code")
    assert done.stdout == "VIP\n"
    assert done.stderr == "rate limited; resuming in 2 s\n"
    tenant.script = first_of("GET", reply(429, Retry_After="2"))
    assert segments.ok("get", "VIP", "-q").stderr == ""


def test_on_a_terminal_the_wait_counts_down_and_is_erased(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP")
    tenant.script = first_of("GET", reply(429, Retry_After="2"))
    shown = segments.shown("get", "VIP", "-o", "code").stdout
    assert "resuming in 2 s" in shown
    assert "resuming in 1 s" in shown
    assert shown.endswith("\r\x1b[KVIP\n")


def test_a_refused_connection_is_exit_6(segments: Segments) -> None:
    done = segments("list", "--timeout", "2", KIBO_API_HOST=unused_url())
    assert done.code == 6
    assert "cannot be reached: Connection refused" in done.stderr


@pytest.mark.parametrize("ignored", [True, False])
def test_if_a_tenant_ignores_or_rejects_the_filter_all_segments_are_read(
    segments: Segments, tenant: TenantServer, ignored: bool
) -> None:
    for code in ("A", "B", "C"):
        segments.ok("add", code)
    if ignored:
        tenant.applies_filter = False
    else:
        refusal = reply(400, b'{"errorCode": "MISSING_OR_INVALID_PARAMETER", "message": "no filter"}')
        tenant.script = lambda request: refusal if "filter" in request.parameters else None
    assert segments.ok("get", "C", "-o", "id").stdout == "3\n"
    assert segments("get", "c").code == 3
    assert segments("get", "NOPE").code == 3


def test_a_code_is_looked_up_case_sensitively(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "vip")
    assert segments("get", "VIP").code == 3
    segments.ok("add", "VIP")
    assert segments.ok("get", "VIP", "-o", "id").stdout == "2\n"


def test_unknown_members_of_a_response_are_kept_in_json(segments: Segments, tenant: TenantServer) -> None:
    segment = (
        b'{"id": 7, "code": "VIP", "tier": {"gold": true}, "auditInfo": {"createBy": "x", "via": "app"}}'
    )
    tenant.script = always(reply(200, segment))
    document = segments.ok("get", "7", "-o", "json").json
    assert document["tier"] == {"gold": True}
    assert document["auditInfo"] == {
        "createDate": None,
        "updateDate": None,
        "createBy": "x",
        "updateBy": None,
        "via": "app",
    }
    assert segments.ok("get", "7", "-o", "tsv").stdout == "7\tVIP\t\t\t\t\tx\t\n"


def change_after_first_page(tenant: TenantServer, change: Callable[[], None]) -> None:
    """Calls `change` between the first and the second page."""
    begun: list[bool] = []

    def script(request: Request) -> Fault | None:
        if request.parameters.get("startindex", "0") != "0" and not begun:
            begun.append(True)
            change()
        return None

    tenant.script = script


def test_a_collection_that_shrinks_while_it_is_read_is_read_completely(
    segments: Segments, tenant: TenantServer
) -> None:
    backend = open_store(str(tenant.store), timeout=10)
    with backend.transaction():
        for number in range(1, 451):
            backend.add_segment(SegmentDraft(f"S{number}"))
    backend.close()

    def remove_early_ones() -> None:
        other = open_store(str(tenant.store), timeout=10)
        with other.transaction():
            for segment_id in range(1, 31):
                other.delete_segment(segment_id)
        other.close()

    change_after_first_page(tenant, remove_early_ones)
    listed = segments.ok("list", "--all", "-o", "id").lines
    assert len(listed) == len(set(listed))
    assert {str(number) for number in range(31, 451)} <= set(listed)
