"""What each command records, and that recording sends no request and is not loaded for reading."""

import stat

import pytest

from tests.support.bulk import Tenant, write_ids
from tests.support.command import Segments
from tests.support.ledgers import Recorded, ledgers, recorded
from tests.support.modules import loaded

READS = ("get VIP", "list", "list --all", "accounts list VIP", "accounts count VIP", "accounts of 1")


def only(tenant: Tenant) -> Recorded:
    [entry] = recorded(tenant.segments)
    return entry


@pytest.mark.parametrize("line", READS)
def test_reading_neither_creates_nor_loads_a_ledger(tenant: Tenant, line: str) -> None:
    modules = loaded(tenant.segments, *line.split(), "-o", "json")
    assert {each for each in modules if each.startswith(("segcli.ledger", "segcli.backends.sqlite"))} == set()
    assert ledgers(tenant.segments) == []


def test_a_new_segment(tenant: Tenant) -> None:
    tenant.segments.ok("add", "NEW", "--name", "New")
    entry = only(tenant)
    assert entry.state == ("add", True, True)
    assert entry.change.before is None
    assert entry.change.after is not None
    assert (entry.change.segment_id, entry.change.after.id, entry.change.after.name) == (3, 3, "New")
    assert entry.change.by == "tester"


def test_an_update_has_the_segment_before_and_after(tenant: Tenant) -> None:
    tenant.segments.ok("update", "VIP", "--code", "TOP")
    entry = only(tenant)
    assert entry.state == ("update", True, True)
    assert entry.change.before is not None
    assert entry.change.after is not None
    assert (entry.change.before.code, entry.change.after.code, entry.change.code) == ("VIP", "TOP", "VIP")
    assert entry.change.after.name == "The VIP"


def test_an_addition_is_recorded_as_sent(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "VIP", "3", "4", "5")
    entry = only(tenant)
    assert (entry.state, entry.joined, entry.left) == (("accounts", False, True), [3, 4, 5], [])
    assert entry.change.before == entry.change.after is not None


def test_a_removal_is_exact(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "remove", "VIP", "2", "3", "4")
    entry = only(tenant)
    assert (entry.state, entry.joined, entry.left) == (("accounts", True, True), [], [2, 3])


def test_an_addition_is_exact_if_the_members_were_read(tenant: Tenant) -> None:
    file = write_ids(tenant.segments.home / "ids.txt", [3, 4])
    tenant.segments.ok("accounts", "add", "VIP", "--from", f"VIP or file:{file}")
    entry = only(tenant)
    assert (entry.state, entry.joined) == (("accounts", True, True), [4])


def test_set_is_one_exact_change(tenant: Tenant) -> None:
    file = write_ids(tenant.segments.home / "ids.txt", [2, 3, 7, 8])
    tenant.segments.ok("accounts", "set", "VIP", "--file", file, "--yes")
    entry = only(tenant)
    assert (entry.state, entry.joined, entry.left) == (("accounts", True, True), [7, 8], [1])


def test_many_chunks_are_one_change(tenant: Tenant) -> None:
    file = write_ids(tenant.segments.home / "ids.txt", range(1, 2_001))
    tenant.segments.ok("accounts", "add", "VIP", "--file", file, "--chunk-size", "50")
    assert len(tenant.chunks) == 40
    entry = only(tenant)
    assert (entry.state, entry.joined) == (("accounts", False, True), list(range(1, 2_001)))


def test_a_split_is_one_run_with_a_change_for_each_segment(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "split", "VIP", "A=50%", "STAFF=rest", "--create", "--yes")
    entries = recorded(tenant.segments)
    assert {entry.change.run for entry in entries} == {entries[0].change.id}
    kinds = {entry.change.code: entry.state for entry in entries}
    assert kinds == {"A": ("add", True, True), "STAFF": ("accounts", True, True)}
    assert sorted(account for entry in entries for account in entry.joined) == [1, 2, 3]


@pytest.mark.parametrize(
    "line",
    [
        "accounts remove VIP 99",
        "add VIP --exists skip",
        "accounts add VIP 9 --dry-run",
        "delete VIP --dry-run",
        "accounts set VIP --from VIP --yes",
    ],
)
def test_what_changes_nothing_is_not_recorded(tenant: Tenant, line: str) -> None:
    tenant.segments.ok(*line.split())
    assert recorded(tenant.segments) == []


@pytest.mark.parametrize("line", ["add VIP", "update VIP --code STAFF"])
def test_a_rejected_change_is_not_recorded(tenant: Tenant, line: str) -> None:
    assert tenant.segments(*line.split()).code == 4
    assert recorded(tenant.segments) == []


def test_only_the_owner_can_read_the_ledger(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "VIP", "9")
    [path] = ledgers(tenant.segments)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)]
    assert modes == [0o600, 0o700]
    assert path.name.startswith("127.0.0.1")


def test_another_tenant_has_another_ledger(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "VIP", "9")
    tenant.segments.ok("accounts", "add", "VIP", "9", KIBO_TENANT="77")
    assert len(ledgers(tenant.segments)) == 2


def test_a_store_has_no_ledger(vip: Segments) -> None:
    vip.ok("accounts", "add", "VIP", "9")
    assert ledgers(vip) == []
