"""Many accounts on a tenant: how they are split into requests, and how rejections are handled."""

import time
from pathlib import Path
from threading import Barrier

import pytest

from tests.support.bulk import Tenant, is_chunk, journals, write_ids
from tests.support.fault_scripts import reply
from tests.support.tenant_server import Fault, Request, Script

IDS = range(1, 2501)
TOO_LARGE = reply(413)
REJECTED = reply(400, b'{"errorCode": "MISSING_OR_INVALID_PARAMETER", "message": "not so"}')


def reject_longer_than(limit: int, fault: Fault) -> Script:
    return lambda request: fault if is_chunk(request) and len(request.body) > limit else None


def reject_account(account_id: int) -> Script:
    return lambda request: REJECTED if is_chunk(request) and account_id in request.body else None


@pytest.fixture
def file(tmp_path: Path) -> str:
    return write_ids(tmp_path / "ids.txt", IDS)


def test_accounts_are_sent_in_chunks_of_a_thousand(tenant: Tenant, file: str) -> None:
    report = tenant.report("add", "VIP", "--file", file)
    assert sorted(map(len, tenant.chunks)) == [500, 1000, 1000]
    assert tenant.members == list(IDS)
    counts = ("requested", "unique", "added", "alreadyMembers", "failed", "chunks", "retries", "resumed")
    assert [report[name] for name in counts] == [2500, 2500, 2500, None, 0, 3, 0, 0]


def test_the_chunk_size_can_be_set(tenant: Tenant, file: str) -> None:
    assert tenant.report("add", "VIP", "--file", file, "--chunk-size", "600")["chunks"] == 5
    assert sorted(map(len, tenant.chunks)) == [100, 600, 600, 600, 600]


@pytest.mark.parametrize("size", ["--chunk-size=0", "--concurrency=0", "--concurrency=33"])
def test_sizes_out_of_range_are_usage_errors(tenant: Tenant, file: str, size: str) -> None:
    assert tenant.segments("accounts", "add", "VIP", "--file", file, size).code == 2
    assert tenant.chunks == []


@pytest.mark.parametrize("fault", [TOO_LARGE, REJECTED], ids=["413", "400"])
def test_a_chunk_that_is_too_large_is_halved_and_later_ones_are_smaller(
    tenant: Tenant, file: str, fault: Fault
) -> None:
    tenant.play(reject_longer_than(250, fault))
    report = tenant.report("add", "VIP", "--file", file, "--concurrency", "1")
    assert tenant.members == list(IDS)
    assert (report["added"], report["failed"], report["chunks"]) == (2500, 0, 10)
    assert [len(chunk) for chunk in tenant.chunks if len(chunk) > 250] == [1000, 500]


def test_a_rejected_account_is_named_and_the_others_are_added(tenant: Tenant, tmp_path: Path) -> None:
    file = write_ids(tmp_path / "ids.txt", range(1, 65))
    tenant.play(reject_account(13))
    rejects = tmp_path / "rejects.txt"
    arguments = ("accounts", "add", "VIP", "-f", file, "--rejects", str(rejects), "-o", "json")
    done = tenant.segments(*arguments)
    assert done.code == 1
    report = done.json
    assert (report["added"], report["failed"]) == (63, 1)
    assert report["failures"] == [{"accountId": 13, "reason": "the tenant responded: not so"}]
    assert done.error["message"] == "account 13: the tenant responded: not so"
    assert tenant.members == [n for n in range(1, 65) if n != 13]
    assert rejects.read_text() == "# account 13: the tenant responded: not so\n13\n"
    tenant.play(None)
    assert tenant.report("add", "VIP", "--file", str(rejects))["added"] == 1


def test_of_many_rejected_accounts_the_first_are_named(tenant: Tenant, tmp_path: Path) -> None:
    file = write_ids(tmp_path / "ids.txt", range(1, 41))
    tenant.play(lambda request: REJECTED if is_chunk(request) and min(request.body) <= 30 else None)
    done = tenant.segments("accounts", "add", "VIP", "--file", file)
    assert done.code == 1
    assert len([line for line in done.stderr.splitlines() if line.startswith("error: account ")]) == 10
    assert "error: 20 more accounts were rejected" in done.stderr
    assert tenant.members == list(range(31, 41))


def test_a_run_stops_if_no_account_is_accepted(tenant: Tenant, file: str) -> None:
    tenant.play(lambda request: REJECTED if is_chunk(request) else None)
    done = tenant.segments("accounts", "add", "VIP", "--file", file)
    assert done.code == 2
    assert "not so" in done.stderr
    assert len(tenant.chunks) < 500
    assert tenant.members == []


def test_a_removal_is_one_request_per_account_and_counts_non_members(tenant: Tenant, tmp_path: Path) -> None:
    tenant.report("add", "VIP", *map(str, range(1, 31)))
    file = write_ids(tmp_path / "gone.txt", range(21, 41))
    report = tenant.report("remove", "VIP", "--file", file)
    assert (report["removed"], report["notMembers"], report["chunks"]) == (10, 10, 20)
    assert len([request for request in tenant.server.requests if request.method == "DELETE"]) == 20
    assert tenant.members == list(range(1, 21))


def test_a_strict_removal_names_accounts_that_are_not_members(tenant: Tenant) -> None:
    tenant.report("add", "VIP", "1", "2")
    done = tenant.segments("accounts", "remove", "VIP", "1", "7", "--strict", "-o", "json")
    assert done.code == 4
    assert (done.json["removed"], done.json["failed"]) == (1, 1)
    assert done.json["failures"] == [{"accountId": 7, "reason": "account 7 is not a member of VIP"}]
    assert tenant.members == [2]


def test_accounts_of_a_segment_deleted_meanwhile_are_not_reported_as_not_members(tenant: Tenant) -> None:
    tenant.report("add", "VIP", "1", "2")

    def delete_first(request: Request) -> None:
        if request.method == "DELETE":
            tenant.play(None)
            tenant.segments.ok("delete", "VIP", "--yes")

    tenant.play(delete_first)
    done = tenant.segments("accounts", "remove", "VIP", "1", "2")
    assert (done.code, done.stdout) == (3, "")


def test_requests_are_sent_in_parallel(tenant: Tenant, file: str) -> None:
    """Each of four chunks gets a response only after all four have arrived."""
    together = Barrier(4)

    def meet(request: Request) -> None:
        if is_chunk(request) and len(request.body) == 600:
            together.wait(timeout=20)

    tenant.play(meet)
    tenant.report("add", "VIP", "--file", file, "--chunk-size", "600", "--concurrency", "4")
    assert tenant.members == list(IDS)


def test_a_rate_limit_pauses_all_requests(tenant: Tenant, file: str) -> None:
    limited: list[float] = []
    early: list[Request] = []

    def limit(request: Request) -> Fault | None:
        if is_chunk(request) and not limited:
            limited.append(time.monotonic())
            return reply(429, Retry_After="2")
        # Requests that were already sent may still arrive; after a moment none may.
        if limited and 0.5 < time.monotonic() - limited[0] < 1.9:
            early.append(request)
        return None

    tenant.play(limit)
    report = tenant.report("add", "VIP", "--file", file, "--chunk-size", "10")
    assert early == []
    assert report["retries"] >= 1
    assert tenant.members == list(IDS)


def test_a_finished_run_leaves_no_journal(tenant: Tenant, file: str) -> None:
    tenant.report("add", "VIP", "--file", file)
    assert journals(tenant.segments) == []


def test_a_ticket_that_expires_meanwhile_is_renewed_once(tenant: Tenant, file: str) -> None:
    before = tenant.server.tickets

    def reject_the_first_ticket(request: Request) -> Fault | None:
        ended = is_chunk(request) and request.headers["Authorization"] == f"Bearer token-{before}"
        return reply(401, b'{"errorCode": "UNAUTHORIZED"}') if ended else None

    tenant.play(reject_the_first_ticket)
    tenant.report("add", "VIP", "--file", file, "--chunk-size", "10")
    assert tenant.members == list(IDS)
    assert tenant.server.tickets == before + 1
