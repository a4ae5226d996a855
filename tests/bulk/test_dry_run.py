"""--dry-run: counts what a change would do, and changes nothing."""

import pytest

from tests.support.bulk import Tenant, members_in
from tests.support.command import Segments


@pytest.fixture
def vip(each: Segments) -> Segments:
    each.ok("add", "VIP")
    each.ok("accounts", "add", "VIP", "1", "2")
    return each


def test_an_addition_is_only_counted(vip: Segments) -> None:
    report = vip.ok("accounts", "add", "VIP", "2", "3", "3", "--dry-run", "-o", "json").json
    assert report == {
        "id": 1, "code": "VIP", "dryRun": True,
        "requested": 3, "unique": 2, "added": 1, "alreadyMembers": 1, "invalid": 0,
    }  # fmt: skip
    assert members_in(vip) == [1, 2]


def test_a_removal_is_only_counted(vip: Segments) -> None:
    report = vip.ok("accounts", "remove", "VIP", "2", "3", "--dry-run", "-o", "json").json
    assert (report["removed"], report["notMembers"]) == (1, 1)
    assert members_in(vip) == [1, 2]


def test_invalid_values_are_counted_too(vip: Segments) -> None:
    arguments = ("accounts", "add", "VIP", "--file", "-", "--skip-invalid", "--dry-run", "-o", "json")
    done = vip(*arguments, stdin="x\n5\n")
    assert (done.json["added"], done.json["invalid"]) == (1, 1)


def test_a_tenant_is_only_read(tenant: Tenant) -> None:
    tenant.report("add", "VIP", "1", "2")
    tenant.server.requests.clear()
    report = tenant.report("add", "VIP", "2", "3", "--dry-run")
    assert (report["added"], report["alreadyMembers"]) == (1, 1)
    report = tenant.report("remove", "VIP", "2", "3", "--dry-run")
    assert (report["removed"], report["notMembers"]) == (1, 1)
    assert {request.method for request in tenant.server.requests} == {"GET"}


def test_an_unknown_segment_is_not_found(vip: Segments) -> None:
    assert vip("accounts", "add", "NOPE", "1", "--dry-run").code == 3
