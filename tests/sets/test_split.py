"""accounts split: disjoint segments whose union is the expression."""

from itertools import count
from typing import Any

import pytest

from tests.support.command import Segments
from tests.support.fault_scripts import reply
from tests.support.sets import KNOWN, SETS, fill_sets
from tests.support.tenant_server import TenantServer

A, B = set(SETS["A"]), set(SETS["B"])
SPLIT = ("accounts", "split")


def members(segments: Segments, code: str) -> set[int]:
    return {int(line) for line in segments.ok("accounts", "list", code).lines}


def split(segments: Segments, *arguments: str) -> Any:
    return segments.ok(*SPLIT, *arguments, "--yes", "-o", "json").json["items"]


def test_the_parts_are_disjoint_and_together_the_expression(each: Segments) -> None:
    items = split(each, "A or B", "X=50%", "C=20%", "Y=rest", "--create")
    parts = [members(each, code) for code in ("X", "C", "Y")]
    assert set.union(*parts) == KNOWN
    assert sum(map(len, parts)) == len(KNOWN)
    assert items == [
        {
            "id": segment_id, "code": code, "share": share, "accounts": len(part), "added": len(part),
            "removed": 0, "unchanged": 0,
        }
        for segment_id, code, share, part in zip((4, 3, 5), "XCY", ("50%", "20%", "rest"), parts, strict=True)
    ]  # fmt: skip
    again = split(each, "A or B", "X=50%", "C=20%", "Y=rest")
    assert [item["unchanged"] for item in again] == list(map(len, parts))
    assert [members(each, code) for code in ("X", "C", "Y")] == parts


def test_targets_are_set_even_if_the_expression_names_them(each: Segments) -> None:
    items = split(each, "A", "A=50%", "B=rest")
    first, second = members(each, "A"), members(each, "B")
    assert (first | second, first & second) == (A, set())
    assert [item["removed"] for item in items] == [len(A - first), len(B - second)]
    assert [item["added"] for item in items] == [0, len(second - B)]
    assert [item["unchanged"] for item in items] == [len(first), len(second & B)]


def test_a_dry_run_counts_as_the_run_does_and_changes_nothing(each: Segments) -> None:
    line = ("A", "B=50%", "NEW=rest", "--create")
    dry = each.ok(*SPLIT, *line, "--dry-run", "-o", "json")
    assert "dry run: nothing was changed" in dry.stderr
    assert members(each, "B") == B
    assert each("get", "NEW").code == 3
    planned = dry.json["items"]
    assert [item["id"] for item in planned] == [2, None]
    done = split(each, *line)
    assert [{**item, "id": 0} for item in planned] == [{**item, "id": 0} for item in done]


def test_a_missing_segment_is_not_found_without_create(each: Segments) -> None:
    done = each(*SPLIT, "A", "B=50%", "NEW=rest", "--yes")
    assert (done.code, "--create" in done.stderr) == (3, True)
    assert members(each, "B") == B
    assert each(*SPLIT, "A", "B=50%", "id:99=rest", "--yes", "--create").code == 3
    assert each(*SPLIT, "NOPE", "B=50%", "NEW=rest", "--yes", "--create").code == 3
    assert each("get", "NEW").code == 3


@pytest.mark.parametrize(
    "shares",
    [
        ("B=50%",), ("B=50%", "C=60%"), ("B=rest", "C=rest"), ("B",), ("B=x", "C=rest"), ("B=50%", "B=rest"),
        ("B=50%", "id:2=rest"), ("=50%", "C=rest"),
    ],
    ids=str,
)  # fmt: skip
def test_invalid_shares(store: Segments, shares: tuple[str, ...]) -> None:
    done = store(*SPLIT, "A", *shares, "--yes")
    assert (done.code, done.stdout) == (2, "")
    assert members(store, "B") == B


def test_an_expression_without_accounts_empties_nothing(each: Segments) -> None:
    done = each(*SPLIT, "C", "A=50%", "B=rest", "--yes")
    assert (done.code, "there is nothing to split" in done.stderr) == (2, True)
    assert members(each, "A") == A


def test_max_remove_is_a_limit_for_each_segment(each: Segments) -> None:
    done = each(*SPLIT, "A or B", "C=50%", "B=rest", "--yes", "--max-remove", "10%")
    assert done.code == 2
    assert f"of the {len(B)} accounts of B would be removed, more than --max-remove allows" in done.stderr
    assert (members(each, "C"), members(each, "B")) == (set(), B)
    assert each(*SPLIT, "A", "C=50%", "B=rest", "--yes", "--max-remove", "x").code == 2


def test_without_a_terminal_it_refuses(store: Segments) -> None:
    done = store(*SPLIT, "A", "B=50%", "C=rest")
    assert (done.code, "without confirmation" in done.stderr) == (2, True)
    assert members(store, "B") == B


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_the_confirmation_names_each_segment(store: Segments, answer: str, code: int) -> None:
    child = store.terminal(*SPLIT, "A", "B=50%", "NEW=rest", "--create", columns=250)
    child.expect(
        rf"Split the accounts of 'A' into B \(id 2\): add \d+, remove \d+ of its {len(B)};"
        r" NEW \(new\): add \d+, remove 0 of its 0\? \[y/N\]"
    )
    child.sendline(answer)
    child.read()
    child.close()
    assert child.exitstatus == code
    assert (members(store, "B") == B) == (answer == "n")
    assert store("get", "NEW").code == (0 if answer == "y" else 3)


def test_a_change_during_the_confirmation_is_a_conflict(store: Segments) -> None:
    child = store.terminal(*SPLIT, "A", "B=50%", "NEW=rest", "--create", columns=250)
    child.expect_exact("[y/N]")
    store.ok("accounts", "add", "A", "99998")
    child.sendline("y")
    assert "changed during the confirmation; nothing was changed" in child.read()
    child.close()
    assert (child.exitstatus, members(store, "B"), store("get", "NEW").code) == (4, B, 3)


def test_on_a_store_an_error_undoes_everything(store: Segments) -> None:
    long = "x" * 300
    done = store(*SPLIT, "A", "B=50%", f"{long}=rest", "--create", "--yes")
    assert (done.code, members(store, "B")) == (2, B)


def test_on_a_tenant_additions_precede_removals_and_an_error_stops(
    segments: Segments, tenant: TenantServer
) -> None:
    fill_sets(tenant.store)
    segments.env |= tenant.environ
    tenant.script = lambda request: (
        reply(403, b'{"errorCode": "FORBIDDEN"}') if request.method == "DELETE" else None
    )
    done = segments(*SPLIT, "A", "B=50%", "C=rest", "--yes", "-o", "json")
    assert done.code == 5
    (item,) = done.json["items"]
    assert (item["code"], item["removed"]) == ("B", 0)
    assert item["added"] == len(members(segments, "B") - B) > 0
    assert done.error["message"].startswith("B: ")
    assert members(segments, "C") == set()
    tenant.script = None
    split(segments, "A", "B=50%", "C=rest")
    assert members(segments, "B") | members(segments, "C") == A


def test_on_a_tenant_only_the_differences_are_sent(segments: Segments, tenant: TenantServer) -> None:
    fill_sets(tenant.store)
    segments.env |= tenant.environ
    (b, c) = split(segments, "A", "B=50%", "C=rest")
    sent = [request for request in tenant.requests if request.method != "GET"]
    assert sum(len(request.body) for request in sent if request.method == "POST") == b["added"] + c["added"]
    assert sum(request.method == "DELETE" for request in sent) == b["removed"]
    tenant.requests.clear()
    split(segments, "A", "B=50%", "C=rest")
    assert {request.method for request in tenant.requests} == {"GET"}


def test_shares_are_close_and_an_account_keeps_its_segment_as_the_set_grows(segments: Segments) -> None:
    segments.store.parent.mkdir(parents=True)
    old, new = set(range(1, 100_001)), set(range(1, 150_001))
    fill_sets(segments.store, {"OLD": old, "NEW": new})
    codes = {"X": 45, "Y": 45, "HOLDOUT": 10}
    shares = ("X=45%", "Y=45%", "HOLDOUT=rest", "--create")
    split(segments, "OLD", *shares)
    before = {code: members(segments, code) for code in codes}
    for code, percent in codes.items():
        assert abs(len(before[code]) - 1_000 * percent) < 600
    items = split(segments, "NEW", *shares)
    after = {code: members(segments, code) for code in codes}
    assert all(after[code] & old == before[code] for code in codes)
    assert [item["removed"] for item in items] == [0, 0, 0]
    split(segments, "NEW", *shares, "--seed", "another")
    assert members(segments, "X") != after["X"]


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ((*SPLIT, "A", "A=10%", "B=rest"), "the expression names A: "),
        ((*SPLIT, "A or C", "B=10%", "X=rest", "--create"), "run the same command again"),
        (("accounts", "set", "A", "--from", "B minus A"), "the expression names A: "),
        (("accounts", "set", "A", "--from", "B"), "run the same command again"),
        (("accounts", "remove", "A", "--from", "A"), "run the same command again"),
    ],
)
def test_the_hint_of_a_stopped_run_says_whether_the_expression_changed(
    segments: Segments, tenant: TenantServer, command: tuple[str, ...], hint: str
) -> None:
    fill_sets(tenant.store)
    segments.env |= tenant.environ
    deletes = count()
    tenant.script = lambda request: (
        reply(403, b'{"errorCode": "FORBIDDEN"}')
        if request.method == "DELETE" and next(deletes) >= 2  # some are done before it
        else None
    )
    confirmed = () if command[1] == "remove" else ("--yes",)
    done = segments(*command, *confirmed, "-o", "json")
    assert done.code == 5
    assert hint in done.error["hint"]


def test_on_a_tenant_a_stopped_split_of_a_target_loses_no_account(
    segments: Segments, tenant: TenantServer
) -> None:
    fill_sets(tenant.store)
    segments.env |= tenant.environ
    deletes = count()
    tenant.script = lambda request: (
        reply(403, b'{"errorCode": "FORBIDDEN"}')
        if request.method == "DELETE" and next(deletes) >= 2
        else None
    )
    done = segments(*SPLIT, "A", "A=10%", "X=rest", "--create", "--yes", "-o", "json")
    assert done.code == 5
    assert [item["code"] for item in done.json["items"]] == ["A", "X"]
    assert members(segments, "A") < A
    assert members(segments, "A") | members(segments, "X") == A
