"""segments undo, prune-history and forget on a tenant: what the ledger makes possible."""

import pytest

from tests.support.bulk import Tenant
from tests.support.ledgers import ledgers, recorded
from tests.support.rows import rows
from tests.support.shell import ended


def members(tenant: Tenant, code: str = "VIP") -> list[str]:
    return tenant.segments.ok("accounts", "list", code).lines


def test_removals_are_undone(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "remove", "VIP", "1", "2", "9")
    done = tenant.segments.ok("undo", "--yes", "-o", "json")
    assert [(item["action"], item["joined"]) for item in done.json["items"]] == [("accounts", 2)]
    assert members(tenant) == ["1", "2", "3"]
    last = recorded(tenant.segments)[-1]
    assert (last.change.kind, last.change.undoes, last.joined) == ("undo", 1, [1, 2])
    assert tenant.segments("undo", "--yes").code == 3


def test_a_set_is_undone_in_both_directions(tenant: Tenant) -> None:
    file = tenant.segments.home / "ids.txt"
    file.write_text("3\n4\n5\n")
    tenant.segments.ok("accounts", "set", "VIP", "--file", str(file), "--yes")
    tenant.segments.ok("undo", "--yes")
    assert members(tenant) == ["1", "2", "3"]


def test_accounts_that_were_only_sent_cannot_be_taken_back(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "VIP", "3", "4")
    done = tenant.segments("undo", "--yes")
    assert (done.code, "already members" in done.stderr) == (4, True)
    assert members(tenant) == ["1", "2", "3", "4"]


def test_a_deleted_segment_is_created_again_with_a_new_id(tenant: Tenant) -> None:
    tenant.segments.ok("delete", "VIP", "--yes")
    done = tenant.segments.ok("undo", "--yes", "-o", "json")
    (item,) = done.json["items"]
    assert (item["action"], item["segmentId"], item["joined"]) == ("restore", 1, 3)
    assert item["id"] not in (1, None)
    assert f"VIP has a new id: {item['id']} (it was 1)" in done.stderr
    assert members(tenant) == ["1", "2", "3"]
    tenant.segments.ok("undo", f"run:{recorded(tenant.segments)[-1].change.run}", "--yes")
    assert tenant.segments("get", "VIP").code == 3


def test_an_update_and_an_add_are_undone(tenant: Tenant) -> None:
    tenant.segments.ok("update", "VIP", "--name", "Other", "--description", "x")
    tenant.segments.ok("add", "NEW")
    tenant.segments.ok("undo", "--yes")
    assert tenant.segments("get", "NEW").code == 3
    tenant.segments.ok("undo", "--yes")
    shown = tenant.segments.ok("get", "VIP", "-o", "json").json
    assert (shown["name"], shown["description"]) == ("The VIP", None)


def test_a_conflict_changes_nothing(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "remove", "VIP", "1", "2")
    tenant.segments.ok("accounts", "add", "VIP", "2")
    done = tenant.segments("undo", "1", "--yes")
    assert (done.code, "account 2 is again a member of VIP" in done.stderr) == (4, True)
    assert members(tenant) == ["2", "3"]


@pytest.mark.parametrize("named", [[], ["1"]])
def test_an_interrupted_undo_is_completed_by_running_it_again(tenant: Tenant, named: list[str]) -> None:
    """As if the run that restored the segment had been killed before it added the last two accounts."""
    tenant.segments.ok("delete", "VIP", "--yes")
    tenant.segments.ok("undo", "--yes")
    (ledger,) = ledgers(tenant.segments)
    undone = recorded(tenant.segments)[-1].change
    tenant.segments.ok("accounts", "remove", f"id:{undone.segment_id}", "2", "3")
    rows(ledger, "DELETE FROM change_accounts WHERE change_id > 1")
    rows(ledger, f"DELETE FROM change WHERE id > {undone.id}")
    rows(ledger, f"UPDATE change SET is_complete = 0, joined = 0 WHERE id = {undone.id}")
    tenant.segments.ok("accounts", "remove", f"id:{undone.segment_id}", "1")
    rows(ledger, "DELETE FROM change_accounts WHERE change_id > 1")
    rows(ledger, f"DELETE FROM change WHERE id > {undone.id}")
    done = tenant.segments.ok("undo", *named, "--yes", "-o", "json")
    assert [(item["id"], item["joined"]) for item in done.json["items"]] == [(undone.segment_id, 3)]
    assert members(tenant) == ["1", "2", "3"]


def test_the_ledger_is_pruned_without_baselines(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "remove", "VIP", "1")
    (ledger,) = ledgers(tenant.segments)
    rows(ledger, "UPDATE change SET changed_at = 1577836800000000")
    tenant.segments.ok("accounts", "remove", "VIP", "2")
    done = tenant.segments.ok("prune-history", "--before", "2021-01-01", "--yes", "-o", "json")
    assert (done.json["changes"], done.json["baselines"]) == (1, 0)
    assert [each.left for each in recorded(tenant.segments)] == [[2]]


def test_an_account_is_forgotten_by_the_tenant_and_the_ledger(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "STAFF", "1", "2")
    done = tenant.segments.ok("forget", "1", "--yes", "-o", "json")
    assert [item["count"] for item in done.json["items"]] == [2, 1, 0, 0]
    assert (members(tenant), members(tenant, "STAFF")) == (["2", "3"], ["2"])
    assert [each.joined for each in recorded(tenant.segments)] == [[2]]


@pytest.mark.parametrize(
    ("other", "code", "error"),
    [
        (["prune-history", "--before", "2021-01-01"], 3, "there is no change 1; 0 of 1 changes were undone"),
        (["forget", "2"], 4, "change 1 was altered by another process; 0 of 1 changes were undone"),
    ],
)
def test_a_change_that_is_removed_during_the_confirmation_is_not_damage(
    tenant: Tenant, other: list[str], code: int, error: str
) -> None:
    tenant.segments.ok("accounts", "remove", "VIP", "1", "2")
    [path] = ledgers(tenant.segments)
    rows(path, "UPDATE change SET changed_at = 1577836800000000")
    child = tenant.segments.terminal("undo", columns=200)
    child.expect_exact("[y/N] ")
    tenant.segments.ok(*other, "--yes")
    child.sendline("y")
    ending, text = ended(child)
    assert (ending, error in text, "for the rest" in text) == (code, True, False)
    assert members(tenant) == ["3"]
