"""AddSegmentAccounts, RemoveSegmentAccount and the list of a segment's accounts, on any backend."""

from typing import Any

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import ConflictError, NotFoundError, UsageError
from segcli.model import Segment
from segcli.query.tree import SegmentQuery
from tests.contract.helpers import CONFLICT, INVALID, NOT_FOUND, UNKNOWN_IDS, add, members, summary_of


@pytest.fixture
def vip(backend: Backend) -> Segment:
    return add(backend, "VIP")[0]


def is_member(backend: Backend, segment: Segment, account_id: int) -> bool:
    return segment in backend.get_account_segments(account_id, SegmentQuery()).items


def test_accounts_are_listed_in_order(backend: Backend, vip: Segment) -> None:
    backend.add_segment_accounts(vip.id, AccountSet([30, 2_147_483_647, 1, 7]))
    backend.add_segment_accounts(vip.id, AccountSet([8]))
    assert list(backend.get_segment_accounts(vip.id)) == [1, 7, 8, 30, 2_147_483_647]


def test_the_accounts_of_several_segments_are_counted(backend: Backend, vip: Segment) -> None:
    staff, empty = add(backend, "STAFF", "EMPTY")
    backend.add_segment_accounts(vip.id, AccountSet([1, 2, 3]))
    backend.add_segment_accounts(staff.id, AccountSet([3, 4]))
    counts = backend.count_segment_accounts([vip.id, staff.id, empty.id, 99])
    assert counts == {vip.id: 3, staff.id: 2, empty.id: 0, 99: 0}


def test_accounts_are_those_of_one_segment(backend: Backend, vip: Segment) -> None:
    (staff,) = add(backend, "STAFF")
    backend.add_segment_accounts(vip.id, AccountSet([1, 2]))
    backend.add_segment_accounts(staff.id, AccountSet([2, 3, 4]))
    assert members(backend, vip) == [1, 2]
    assert members(backend, staff) == [2, 3, 4]
    assert backend.count_segment_accounts([vip.id])[vip.id] in (2, None)


def test_a_look_at_the_accounts_shows_what_reading_them_does(backend: Backend, vip: Segment) -> None:
    (other,) = add(backend, "OTHER")
    assert backend.peek_segment_accounts(other.id) == AccountSet()
    for count in (1, 250):
        backend.add_segment_accounts(other.id, AccountSet(range(7, 7 + count)))
        assert backend.peek_segment_accounts(other.id) == AccountSet(range(7, 7 + count))


def test_adding_again_changes_nothing_and_is_counted(backend: Backend, vip: Segment) -> None:
    first = backend.add_segment_accounts(vip.id, AccountSet([1, 2, 2, 1]))
    assert first in (2, None)
    second = backend.add_segment_accounts(vip.id, AccountSet([2, 3]))
    assert second in (1, None)
    third = backend.add_segment_accounts(vip.id, AccountSet([1, 2, 3]))
    assert third in (0, None)
    assert members(backend, vip) == [1, 2, 3]


def test_adding_accounts_does_not_touch_the_segment(backend: Backend, vip: Segment) -> None:
    backend.add_segment_accounts(vip.id, AccountSet([1, 2]))
    backend.remove_segment_account(vip.id, 1)
    assert backend.get_segment(vip.id) == vip


REFUSED: dict[str, Any] = {
    "empty": [],
    "an empty iterator": iter([]),
    "zero": [0],
    "negative": [-1],
    "too large": [2_147_483_648],
    "far too large": [2**70],
    "text": ["5"],
    "a fraction": [1.5],
    "a whole fraction": [5.0],
    "true": [True],
    "missing": [None],
    "a list": [[5]],
    "one bad among good": [1, 2, 0, 3],
    "one bad after many good": [*range(1, 2_500), "x"],
}


@pytest.mark.parametrize("accounts", REFUSED.values(), ids=REFUSED)
def test_an_invalid_list_of_accounts_is_rejected_as_a_whole(
    backend: Backend, vip: Segment, accounts: Any
) -> None:
    backend.add_segment_accounts(vip.id, AccountSet([7]))
    with pytest.raises(UsageError) as caught:
        backend.add_segment_accounts(vip.id, AccountSet.of(accounts))
    assert summary_of(caught.value) == INVALID
    assert members(backend, vip) == [7]


@pytest.mark.parametrize("accounts", REFUSED.values(), ids=REFUSED)
def test_the_list_is_checked_before_the_segment(backend: Backend, accounts: Any) -> None:
    with pytest.raises(UsageError) as caught:
        backend.add_segment_accounts(99, AccountSet.of(accounts))
    assert summary_of(caught.value) == INVALID


@pytest.mark.parametrize("unknown", UNKNOWN_IDS)
def test_a_valid_list_for_an_unknown_segment_is_not_found(backend: Backend, unknown: int) -> None:
    with pytest.raises(NotFoundError) as caught:
        backend.add_segment_accounts(unknown, AccountSet([1]))
    assert summary_of(caught.value) == NOT_FOUND
    assert backend.get_account_segments(1, SegmentQuery()).total_count == 0


def test_a_large_set_is_added_whole(backend: Backend, vip: Segment) -> None:
    """So large that every backend splits it, which must not be visible."""
    size = 45_000
    assert backend.add_segment_accounts(vip.id, AccountSet(range(size, 0, -1))) in (size, None)
    for end in (1, 1_000, 20_000, 40_000):
        assert is_member(backend, vip, end)
        assert is_member(backend, vip, end + 1)
    assert is_member(backend, vip, size)
    assert not is_member(backend, vip, size + 1)
    assert backend.count_segment_accounts([vip.id])[vip.id] == size
    assert backend.add_segment_accounts(vip.id, AccountSet(range(2, size + 2))) in (1, None)


def test_many_accounts_are_listed_each_once_in_order(backend: Backend, vip: Segment) -> None:
    (others,) = add(backend, "OTHERS")
    backend.add_segment_accounts(others.id, AccountSet(range(1, 1_001)))
    backend.add_segment_accounts(vip.id, AccountSet(range(3, 1_600, 3)))
    assert members(backend, vip) == list(range(3, 1_600, 3))


def test_a_set_that_was_read_does_not_change(backend: Backend, vip: Segment) -> None:
    backend.add_segment_accounts(vip.id, AccountSet(range(1, 501)))
    accounts = backend.get_segment_accounts(vip.id)
    backend.remove_segment_account(vip.id, 1)
    assert list(accounts) == list(range(1, 501))


def test_removing_an_account_removes_no_other_membership(backend: Backend, vip: Segment) -> None:
    (staff,) = add(backend, "STAFF")
    for segment in (vip, staff):
        backend.add_segment_accounts(segment.id, AccountSet([1, 2]))
    backend.remove_segment_account(vip.id, 1)
    assert members(backend, vip) == [2]
    assert members(backend, staff) == [1, 2]


def test_a_removed_account_can_be_added_again(backend: Backend, vip: Segment) -> None:
    backend.add_segment_accounts(vip.id, AccountSet([1]))
    backend.remove_segment_account(vip.id, 1)
    assert backend.add_segment_accounts(vip.id, AccountSet([1])) in (1, None)
    assert members(backend, vip) == [1]


@pytest.mark.parametrize("account_id", [1, 7, 2_147_483_647])
def test_removing_a_non_member_is_a_conflict(backend: Backend, vip: Segment, account_id: int) -> None:
    """Account 1 never was one, 7 is one of another segment, the last one was a member before."""
    (staff,) = add(backend, "STAFF")
    backend.add_segment_accounts(staff.id, AccountSet([7]))
    backend.add_segment_accounts(vip.id, AccountSet([5, 2_147_483_647]))
    backend.remove_segment_account(vip.id, 2_147_483_647)
    with pytest.raises(ConflictError) as caught:
        backend.remove_segment_account(vip.id, account_id)
    assert summary_of(caught.value) == CONFLICT
    assert members(backend, vip) == [5]
    assert members(backend, staff) == [7]


@pytest.mark.parametrize("unknown", UNKNOWN_IDS)
def test_removing_from_an_unknown_segment_is_a_conflict(backend: Backend, vip: Segment, unknown: int) -> None:
    backend.add_segment_accounts(vip.id, AccountSet([1]))
    with pytest.raises(ConflictError) as caught:
        backend.remove_segment_account(unknown, 1)
    assert summary_of(caught.value) == CONFLICT
    assert members(backend, vip) == [1]
