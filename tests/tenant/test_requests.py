"""Requests: how many a command sends, what is in them, and how they are logged."""

import re

import pytest

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.stores import open_store
from tests.support.tenant_server import TenantServer, unused_url


@pytest.fixture(autouse=True)
def _vip(segments: Segments, tenant: TenantServer, tenant_variables: None) -> None:
    """VIP with two accounts at the tenant, which is the command's backend."""
    segments.ok("add", "VIP", "--name", "Very important")
    segments.ok("accounts", "add", "VIP", "1001", "1002")
    tenant.requests.clear()


REQUESTS = {
    "get VIP": 1,
    "get 1": 1,
    "list": 1,
    "list --all": 1,
    "update VIP --name x": 2,
    "accounts add VIP 1 2 3": 2,
    "accounts remove VIP 1001": 2,
    "accounts of 1001": 1,
    "delete VIP --yes --no-ledger": 2,
    "delete VIP --yes": 3,
    "add STAFF": 1,
}


@pytest.mark.parametrize("line", REQUESTS)
def test_a_command_sends_this_many_requests(segments: Segments, tenant: TenantServer, line: str) -> None:
    segments.ok(*line.split())
    assert len(tenant.requests) == REQUESTS[line]


def fill(tenant: TenantServer, count: int) -> None:
    backend = open_store(str(tenant.store), timeout=10)
    with backend.transaction():
        for number in range(count):
            backend.add_segment(SegmentDraft(f"S{number:04}"))
    backend.close()


def test_all_pages_become_one_document(segments: Segments, tenant: TenantServer) -> None:
    fill(tenant, 450)
    document = segments.ok("list", "--all", "-o", "json").json
    assert document["totalCount"] == len(document["items"]) == 451
    assert {request.parameters["startindex"] for request in tenant.requests} == {"0", "200", "400"}
    assert len(tenant.requests) == 3
    assert segments.ok("list", "--all", "--query", "length(items)").stdout == "451\n"
    assert len(segments.ok("list", "--all", "-o", "jsonl").lines) == 451


def test_a_limit_requests_no_more_items(segments: Segments, tenant: TenantServer) -> None:
    fill(tenant, 450)
    assert len(segments.ok("list", "--limit", "5").lines) == 5
    assert [request.parameters["pagesize"] for request in tenant.requests] == ["5"]
    assert len(segments.ok("list", "--limit", "250").lines) == 250


def test_fields_are_requested_from_the_tenant(segments: Segments, tenant: TenantServer) -> None:
    assert segments.ok("list", "--fields", "name", "-o", "csv").lines == ["name", "Very important"]
    assert tenant.requests[0].parameters["responsefields"] == (
        "startIndex,pageSize,pageCount,totalCount,items(id,code,name)"
    )


def test_a_filter_reaches_the_tenant_quoted(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("list", "--filter", 'name eq say "hi" and createDate ge 2026-01-01 and name ne null')
    assert tenant.requests[0].parameters["filter"] == (
        'name eq "say ""hi""" and createDate ge 2026-01-01T00:00:00.000000Z and name ne null'
    )


def test_accounts_are_one_document_with_the_total(segments: Segments) -> None:
    assert segments.ok("accounts", "list", "VIP", "-o", "json").stdout == (
        '{"totalCount":2,"items":[1001,1002]}\n'
    )
    assert segments.ok("accounts", "list", "VIP", "--query", "totalCount").stdout == "2\n"
    shown = segments.shown("accounts", "list", "VIP", "-o", "json").stdout
    assert shown == '{\n  "totalCount": 2,\n  "items": [\n    1001,\n    1002\n  ]\n}\n'


def test_verbose_logs_each_request_on_stderr(segments: Segments) -> None:
    done = segments.ok("get", "VIP", "-v", "-o", "code")
    assert done.stdout == "VIP\n"
    assert re.fullmatch(
        r"GET http://127.0.0.1:\d+/api/commerce/customer/segments\?\S+ 200 \d+ ms try 1 corr-\d+\n",
        done.stderr,
    )


def test_an_error_shows_the_correlation_id(segments: Segments) -> None:
    done = segments("add", "VIP")
    assert done.code == 4
    assert re.search(r"\(correlation id corr-\d+\)$", done.stderr.splitlines()[0])


def test_requests_respect_the_rate_limit(segments: Segments, tenant: TenantServer) -> None:
    fill(tenant, 900)
    segments.ok("list", "--all", "--rps", "1000")
    assert len(tenant.requests) == 5


def test_doctor_exits_with_the_code_of_the_first_failure(segments: Segments) -> None:
    rows = segments.ok("doctor", "-o", "json").json["items"]
    assert [(row["check"], row["ok"]) for row in rows] == [
        (check, True)
        for check in ("configuration", "backend", "host", "ticket", "segments", "clock", "ledger")
    ]
    refused = segments("doctor", "-o", "json", KIBO_SHARED_SECRET="x", XDG_CACHE_HOME="/nowhere")
    assert refused.code == 5
    assert [row["ok"] for row in refused.json["items"]] == [True, True, True, False, None, None, None]
    unreachable = segments("doctor", "--timeout", "1", "--backend", unused_url())
    assert unreachable.code == 6


def test_doctor_checks_a_local_store(segments: Segments) -> None:
    store = segments.home / "here.db"
    backend = f"sqlite:{store}"
    assert "has no data yet" in segments.ok("doctor", "--backend", backend).stdout
    assert not store.exists()
    segments.ok("add", "VIP", "--backend", backend)
    assert f"{store} is intact" in segments.ok("doctor", "--backend", backend).stdout
    store.write_bytes(b"no database at all, but long enough" * 40)
    assert segments("doctor", "--backend", backend).code == 7
