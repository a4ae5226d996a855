"""`add --exists`, and --dry-run of add, update and delete: on a store and on a tenant."""

import pytest

from tests.support.command import Segments
from tests.support.tenant_server import TenantServer


@pytest.fixture(params=["store", "tenant"])
def shop(request: pytest.FixtureRequest, segments: Segments, tenant: TenantServer) -> Segments:
    """A command with the segment VIP."""
    if request.param == "tenant":
        segments.env |= tenant.environ
    segments.ok("add", "VIP", "--name", "Old", "--description", "Kept")
    return segments


def without_dates(segment: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in segment.items() if name != "auditInfo"}


def test_update_creates_a_segment(shop: Segments) -> None:
    shown = shop.ok("add", "NEW", "--name", "N", "--exists", "update", "-o", "json").json
    assert without_dates(shown) == {"id": 2, "code": "NEW", "name": "N", "description": None}


def test_update_changes_the_given_fields(shop: Segments) -> None:
    shown = shop.ok("add", "VIP", "--name", "New", "--exists", "update", "-o", "json").json
    assert without_dates(shown) == {"id": 1, "code": "VIP", "name": "New", "description": "Kept"}
    assert shop.ok("get", "VIP", "-o", "json").json == shown


@pytest.mark.parametrize(
    "options", [("--exists", "skip", "--name", "New"), ("--exists", "update", "--name", "Old")]
)
def test_skip_and_equal_fields_change_nothing(shop: Segments, options: tuple[str, ...]) -> None:
    before = shop.ok("get", "VIP", "-o", "json").json
    assert shop.ok("add", "VIP", *options, "-o", "json").json == before
    assert shop.ok("get", "VIP", "-o", "json").json == before


def test_fail_is_the_default(shop: Segments) -> None:
    assert shop("add", "VIP", "--exists", "fail").code == shop("add", "VIP").code == 4
    assert shop("add", "VIP", "--exists", "maybe").code == 2


def test_dry_runs_print_what_would_be_and_change_nothing(shop: Segments) -> None:
    before = shop.ok("list", "-o", "json").json
    added = shop.ok("add", "NEW", "--name", "N", "--dry-run", "-o", "json")
    assert without_dates(added.json) == {"id": None, "code": "NEW", "name": "N", "description": None}
    updated = shop.ok("update", "VIP", "--code", "GOLD", "--description", "", "--dry-run", "-o", "json")
    assert without_dates(updated.json) == {"id": 1, "code": "GOLD", "name": "Old", "description": None}
    upserted = shop.ok("add", "VIP", "--name", "X", "--exists", "update", "--dry-run", "-o", "json")
    assert without_dates(upserted.json) == {"id": 1, "code": "VIP", "name": "X", "description": "Kept"}
    deleted = shop.ok("delete", "VIP", "--dry-run", "-o", "json")
    (item,) = deleted.json["items"]
    assert (item["code"], item["result"]) == ("VIP", "would be deleted")
    for done in (added, updated, upserted, deleted):
        assert done.stderr == "dry run: nothing was changed\n"
    assert shop.ok("list", "-o", "json").json == before


def test_a_dry_run_fails_as_the_run_would(shop: Segments) -> None:
    shop.ok("add", "STAFF")
    assert shop("add", "VIP", "--dry-run").code == 4
    assert shop("update", "VIP", "--code", "STAFF", "--dry-run").code == 4
    assert shop("update", "NOPE", "--name", "x", "--dry-run").code == 3
    assert shop("delete", "NOPE", "--dry-run").code == 3


def test_a_dry_run_creates_no_store(segments: Segments) -> None:
    segments.ok("add", "VIP", "--dry-run")
    assert not segments.store.exists()


@pytest.mark.parametrize("code", ["", " ", "\t"])
def test_a_blank_code_is_a_usage_error(shop: Segments, code: str) -> None:
    for arguments in (("add", code), ("add", code, "--exists", "update"), ("update", "VIP", "--code", code)):
        done = shop(*arguments, "-o", "json")
        assert (done.code, done.error["code"]) == (2, "MISSING_OR_INVALID_PARAMETER")
