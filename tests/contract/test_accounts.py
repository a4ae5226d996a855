"""AddSegmentAccounts, RemoveSegmentAccount, GetAccountSegments, on any backend."""

from typing import Any

import pytest

from segcli.backends import Backend
from segcli.errors import ConflictError, NotFoundError, UsageError
from segcli.model import Segment, SegmentDraft
from segcli.query import SegmentQuery, parse_query


def members(backend: Backend, segment: Segment) -> list[int]:
    return list(backend.get_segment_accounts(segment.id).items)


@pytest.fixture
def vip(backend: Backend) -> Segment:
    return backend.add_segment(SegmentDraft("VIP"))


def test_accounts_are_listed_in_order(backend: Backend, vip: Segment) -> None:
    backend.add_segment_accounts(vip.id, [30, 2_147_483_647, 1, 7])
    assert members(backend, vip) == [1, 7, 30, 2_147_483_647]
    total, _ = backend.get_segment_accounts(vip.id)
    assert total in (4, None)
    assert backend.count_segment_accounts(vip.id) in (4, None)


def test_adding_again_changes_nothing_and_is_counted(backend: Backend, vip: Segment) -> None:
    assert backend.add_segment_accounts(vip.id, [1, 2, 2, 1]).unique == 2
    unique, added = backend.add_segment_accounts(vip.id, [2, 3])
    assert unique == 2
    assert added in (1, None)
    assert members(backend, vip) == [1, 2, 3]


INVALID: dict[str, list[Any]] = {
    "empty": [],
    "zero": [0],
    "negative": [-1],
    "too large": [2_147_483_648],
    "far too large": [2**70],
    "text": ["5"],
    "a fraction": [1.5],
    "true": [True],
    "missing": [None],
    "a list": [[5]],
    "one bad among good": [1, 2, 0],
}


@pytest.mark.parametrize("accounts", INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("known", [True, False])
def test_what_is_no_list_of_accounts_is_refused_whole(
    backend: Backend, vip: Segment, accounts: list[Any], known: bool
) -> None:
    with pytest.raises(UsageError) as caught:
        backend.add_segment_accounts(vip.id if known else 99, accounts)
    assert (caught.value.code, caught.value.status) == ("MISSING_OR_INVALID_PARAMETER", 400)
    assert members(backend, vip) == []


def test_a_good_list_for_an_unknown_segment_is_not_found(backend: Backend) -> None:
    with pytest.raises(NotFoundError) as caught:
        backend.add_segment_accounts(99, [1])
    assert (caught.value.code, caught.value.status) == ("ITEM_NOT_FOUND", 404)
    assert backend.get_account_segments(1, SegmentQuery()).total_count == 0


def test_a_membership_ends_alone(backend: Backend, vip: Segment) -> None:
    staff = backend.add_segment(SegmentDraft("STAFF"))
    for segment in (vip, staff):
        backend.add_segment_accounts(segment.id, [1, 2])
    backend.remove_segment_account(vip.id, 1)
    assert members(backend, vip) == [2]
    assert members(backend, staff) == [1, 2]


@pytest.mark.parametrize("known", [True, False])
def test_who_is_no_member_cannot_be_removed(backend: Backend, vip: Segment, known: bool) -> None:
    with pytest.raises(ConflictError) as caught:
        backend.remove_segment_account(vip.id if known else 99, 1)
    assert (caught.value.code, caught.value.status) == ("VALIDATION_CONFLICT", 409)
    assert caught.value.exit_code == 4


def test_an_account_in_no_segment_has_an_empty_collection(backend: Backend, vip: Segment) -> None:
    page = backend.get_account_segments(1001, SegmentQuery())
    assert (page.start_index, page.page_size, page.page_count, page.total_count) == (0, 20, 0, 0)
    assert page.items == ()


def test_an_accounts_segments_are_filtered_sorted_and_paged(backend: Backend) -> None:
    for number in range(5):
        segment = backend.add_segment(SegmentDraft(f"S{number}", "odd" if number % 2 else "even"))
        backend.add_segment_accounts(segment.id, [1001, 2000 + number])
    query = parse_query(filter="name eq EVEN", sort_by="code desc", start_index=1, page_size=1)
    page = backend.get_account_segments(1001, query)
    assert [segment.code for segment in page.items] == ["S2"]
    assert (page.total_count, page.page_count) == (3, 3)
    assert [s.code for s in backend.get_account_segments(2003, SegmentQuery()).items] == ["S3"]
