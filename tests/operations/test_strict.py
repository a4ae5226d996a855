"""`accounts remove --strict`: exit 4 with the same words on every backend."""

import pytest

from tests.support.command import Segments
from tests.support.tenant_server import TenantServer


@pytest.mark.parametrize("format", ["tsv", "json"])
def test_a_store_removes_nothing(vip: Segments, format: str) -> None:
    done = vip("accounts", "remove", "VIP", "1001", "9", "--strict", "-o", format)
    assert (done.code, done.stdout) == (4, "")
    assert "account 9 is not a member of VIP; nothing was removed" in done.stderr
    assert vip.ok("accounts", "list", "VIP").lines == ["1001", "1002"]


def test_a_tenant_reports_what_it_removed(segments: Segments, tenant: TenantServer) -> None:
    segments.env |= tenant.environ
    segments.ok("add", "VIP")
    segments.ok("accounts", "add", "VIP", "1001", "1002")
    done = segments("accounts", "remove", "VIP", "1001", "9", "10", "--strict", "-o", "json")
    assert done.code == 4
    assert (done.json["removed"], done.json["failed"]) == (1, 2)
    first, second = done.stderr.splitlines()
    assert "account 9 is not a member of VIP; 1 of 3 accounts were removed" in first
    assert "account 10 is not a member of VIP" in second
    assert "account 10: account 10" not in second
    assert segments.ok("accounts", "list", "VIP").lines == ["1002"]


def test_failures_are_reported_in_the_order_of_the_accounts(segments: Segments, tenant: TenantServer) -> None:
    segments.env |= tenant.environ
    segments.ok("add", "VIP")
    segments.ok("accounts", "add", "VIP", "1")
    others = [str(number) for number in range(100, 140)]
    done = segments(
        "accounts", "remove", "VIP", "1", *others, "--strict", "--concurrency", "8", "-o", "json"
    )  # fmt: skip
    assert [failure["accountId"] for failure in done.json["failures"]] == list(map(int, others))
