"""GetAccounts: the accounts and the segments that each is in, on any backend."""

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.contract.helpers import INVALID, add, summary_of


@pytest.fixture
def joined(backend: Backend) -> Backend:
    """STAFF, created first, with 5, 7 and 9; VIP with 7, 9 and 30."""
    staff, vip = add(backend, "STAFF", "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([30, 7, 9]))
    backend.add_segment_accounts(staff.id, AccountSet([9, 5, 7]))
    return backend


def found(backend: Backend, query: SegmentQuery) -> dict[int, list[str]]:
    """The accounts of a page, in its order, with the codes of their segments."""
    items = backend.get_accounts(query).items
    return {account.id: [segment.code for segment in account.segments] for account in items}


def test_accounts_are_in_order_with_their_segments(joined: Backend) -> None:
    shown = found(joined, SegmentQuery())
    assert list(shown.items()) == [
        (5, ["STAFF"]),
        (7, ["STAFF", "VIP"]),
        (9, ["STAFF", "VIP"]),
        (30, ["VIP"]),
    ]


def test_the_segments_of_an_account_are_complete(joined: Backend) -> None:
    (account,) = joined.get_accounts(parse_query(filter="id eq 9", accounts=True)).items
    assert account.segments == joined.get_account_segments(9, SegmentQuery()).items


def test_accounts_are_paged(joined: Backend) -> None:
    page = joined.get_accounts(parse_query(start_index=1, page_size=3, accounts=True))
    assert [account.id for account in page.items] == [7, 9, 30]
    assert page.head() == {"startIndex": 1, "pageSize": 3, "pageCount": 2, "totalCount": 4}
    beyond = joined.get_accounts(parse_query(start_index=4, accounts=True))
    assert (beyond.items, beyond.total_count) == ((), 4)


FILTERS = {
    "id eq 7": [7],
    "id ne 7": [5, 9, 30],
    "id gt 7": [9, 30],
    "id le 7 and id ge 6": [7],
    "id eq 8": [],
}


@pytest.mark.parametrize("filter", FILTERS)
def test_accounts_are_filtered_by_id(joined: Backend, filter: str) -> None:
    page = joined.get_accounts(parse_query(filter=filter, page_size=2, accounts=True))
    assert [account.id for account in page.items] == FILTERS[filter][:2]
    assert page.total_count == len(FILTERS[filter])


BY_SEGMENT = {
    "segments.id eq 1": [5, 7, 9],
    "segments.id eq 2": [7, 9, 30],
    "segments.id ne 1": [30],
    "segments.id ne 2": [5],
    "segments.id eq 1 and segments.id eq 2": [7, 9],
    "segments.id eq 1 and segments.id ne 2": [5],
    "segments.id ne 1 and segments.id ne 2": [],
    "segments.id eq 1 and segments.id eq 1": [5, 7, 9],
    "segments.id eq 99": [],
    "segments.id eq -1": [],
    "segments.id ne 99": [5, 7, 9, 30],
    "segments.id eq 1 and id gt 5 and id ne 7": [9],
    "id lt 9 and segments.id eq 2": [7],
    "id eq 5 and segments.id eq 2": [],
    "segments.code eq STAFF": [5, 7, 9],
    "segments.code eq 'staff'": [5, 7, 9],
    "segments.code eq VI": [],
    "segments.code ne VIP": [5],
    "segments.code eq STAFF and segments.id eq 2": [7, 9],
    "segments.code ne NOBODY and id ge 9": [9, 30],
    "SEGMENTS.ID eq 1 and Segments.Code eq vip and ID le 7": [7],
}


@pytest.mark.parametrize("filter", BY_SEGMENT)
def test_accounts_are_filtered_by_segment(joined: Backend, filter: str) -> None:
    first, second = (
        joined.get_accounts(parse_query(filter=filter, start_index=start, page_size=2, accounts=True))
        for start in (0, 2)
    )
    shown = [account.id for account in (*first.items, *second.items)]
    assert shown == BY_SEGMENT[filter]
    assert first.total_count == second.total_count == len(shown)


def test_a_filtered_account_shows_all_of_its_segments(joined: Backend) -> None:
    shown = found(joined, parse_query(filter="segments.id eq 2 and id lt 9", accounts=True))
    assert shown == {7: ["STAFF", "VIP"]}


def test_codes_that_differ_only_in_case_are_one_value_to_a_filter(backend: Backend) -> None:
    lower, upper = add(backend, "vip", "VIP")
    backend.add_segment_accounts(lower.id, AccountSet([1, 2]))
    backend.add_segment_accounts(upper.id, AccountSet([2, 3]))
    for code in ("vip", "VIP", "Vip"):
        assert list(found(backend, parse_query(filter=f"segments.code eq {code}", accounts=True))) == [
            1,
            2,
            3,
        ]
        assert not found(backend, parse_query(filter=f"segments.code ne {code}", accounts=True))


@pytest.mark.parametrize("sort", ["id", "ID asc", ""])
def test_accounts_are_sorted_by_id(joined: Backend, sort: str) -> None:
    assert list(found(joined, parse_query(sort_by=sort, accounts=True))) == [5, 7, 9, 30]


@pytest.mark.parametrize("filter", ["code eq VIP", "id gt 1 and createDate gt 2026-01-01"])
def test_accounts_cannot_be_filtered_by_the_fields_of_a_segment(joined: Backend, filter: str) -> None:
    with pytest.raises(UsageError) as caught:
        joined.get_accounts(parse_query(filter=filter, accounts=True))
    assert summary_of(caught.value) == INVALID


def test_a_removed_account_no_longer_shows_the_segment(joined: Backend) -> None:
    staff, vip = joined.get_segments(SegmentQuery()).items
    joined.remove_segment_account(staff.id, 7)
    joined.delete_segment(vip.id)
    shown = found(joined, parse_query(filter="id lt 10", accounts=True))
    assert {account_id: codes for account_id, codes in shown.items() if codes} == {5: ["STAFF"], 9: ["STAFF"]}


def test_without_members_no_account_shows_segments(backend: Backend) -> None:
    (vip,) = add(backend, "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([5]))
    backend.remove_segment_account(vip.id, 5)
    assert found(backend, SegmentQuery()) in ({}, {5: []})  # a tenant has accounts without segments
