"""Deleting a segment of a tenant: its accounts are read first, if that is cheap or the user agrees."""

import re

import pytest

from tests.ledger.conftest import Fill
from tests.support.bulk import Tenant
from tests.support.fault_scripts import reply
from tests.support.ledgers import recorded
from tests.support.shell import ended


def reads(tenant: Tenant) -> int:
    return sum(request.path.endswith("/accounts") for request in tenant.server.requests)


def test_the_accounts_of_a_deleted_segment_are_recorded(tenant: Tenant) -> None:
    done = tenant.segments.ok("delete", "VIP", "--yes", "-o", "json")
    assert done.json["items"][0]["accounts"] == 3
    [entry] = recorded(tenant.segments)
    assert (entry.state, entry.left) == (("delete", True, True), [1, 2, 3])
    assert entry.change.before is not None
    assert (entry.change.before.code, entry.change.after) == ("VIP", None)


def test_five_thousand_accounts_take_25_requests(tenant: Tenant, fill: Fill) -> None:
    fill(2, range(1, 5_001))
    tenant.segments.ok("delete", "STAFF", "--yes")
    assert reads(tenant) == 25
    assert len(recorded(tenant.segments)[0].left) == 5_000


def test_the_question_names_the_accounts(tenant: Tenant) -> None:
    child = tenant.segments.terminal("delete", "VIP", columns=120)
    child.expect(re.escape("Delete VIP (id 1) and its 3 account associations? [y/N] "))
    child.sendline("n")
    assert ended(child)[0] == 1
    assert recorded(tenant.segments) == []


def test_no_ledger_reads_nothing_and_the_change_is_not_exact(tenant: Tenant) -> None:
    tenant.segments.ok("delete", "VIP", "--yes", "--no-ledger")
    assert reads(tenant) == 0
    [entry] = recorded(tenant.segments)
    assert (entry.state, entry.left) == (("delete", False, True), [])


@pytest.fixture
def large(tenant: Tenant, fill: Fill) -> Tenant:
    """STAFF has as many accounts as 101 requests return."""
    fill(2, range(1, 20_002))
    return tenant


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_more_than_a_hundred_requests_are_asked_for(large: Tenant, answer: str, code: int) -> None:
    child = large.segments.terminal("delete", "STAFF", columns=120)
    child.expect(
        re.escape(
            "Reading the accounts of STAFF, which undo needs, takes 101 requests (--no-ledger skips that)."
            " Continue? [y/N] "
        )
    )
    assert reads(large) == 1
    child.sendline(answer)
    if answer == "y":
        child.expect(re.escape("Delete STAFF (id 2) and its 20,001 account associations? [y/N] "))
        child.sendline("y")
    assert ended(child)[0] == code
    assert [len(entry.left) for entry in recorded(large.segments)] == [20_001] * (not code)


def test_yes_answers_both_questions(large: Tenant) -> None:
    done = large.segments.ok("delete", "STAFF", "--yes")
    assert "reading the accounts of STAFF, which undo needs, takes 101 requests" in done.stderr
    assert len(recorded(large.segments)[0].left) == 20_001


def test_the_requests_of_several_segments_count_together(large: Tenant, fill: Fill) -> None:
    fill(1, range(1, 15_001))
    done = large.segments.ok("delete", "VIP", "STAFF", "--yes")
    assert "the accounts of VIP and STAFF, which undo needs, takes at least 1" in done.stderr
    assert [len(entry.left) for entry in recorded(large.segments)] == [15_000, 20_001]


def test_accounts_that_cannot_be_read_are_not_lost(tenant: Tenant) -> None:
    broken = reply(200, b'{"totalCount": 5, "items": []}')
    tenant.play(lambda request: broken if request.path.endswith("customer/accounts") else None)
    done = tenant.segments("delete", "VIP", "--yes", "--timeout", "2")
    assert done.code == 6
    assert "nothing was deleted" in done.stderr
    assert "--no-ledger" in done.stderr
    tenant.segments.ok("delete", "VIP", "--yes", "--no-ledger")
