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
    (account,) = joined.get_accounts(parse_query(filter="id eq 9")).items
    assert account.segments == joined.get_account_segments(9, SegmentQuery()).items


def test_accounts_are_paged(joined: Backend) -> None:
    page = joined.get_accounts(parse_query(start_index=1, page_size=3))
    assert [account.id for account in page.items] == [7, 9, 30]
    assert page.head() == {"startIndex": 1, "pageSize": 3, "pageCount": 2, "totalCount": 4}
    beyond = joined.get_accounts(parse_query(start_index=4))
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
    page = joined.get_accounts(parse_query(filter=filter, page_size=2))
    assert [account.id for account in page.items] == FILTERS[filter][:2]
    assert page.total_count == len(FILTERS[filter])


@pytest.mark.parametrize("filter", ["code eq VIP", "id gt 1 and createDate gt 2026-01-01"])
def test_accounts_can_only_be_filtered_by_id(joined: Backend, filter: str) -> None:
    with pytest.raises(UsageError) as caught:
        joined.get_accounts(parse_query(filter=filter))
    assert summary_of(caught.value) == INVALID


def test_a_removed_account_no_longer_shows_the_segment(joined: Backend) -> None:
    staff, vip = joined.get_segments(SegmentQuery()).items
    joined.remove_segment_account(staff.id, 7)
    joined.delete_segment(vip.id)
    shown = found(joined, parse_query(filter="id lt 10"))
    assert {account_id: codes for account_id, codes in shown.items() if codes} == {5: ["STAFF"], 9: ["STAFF"]}


def test_without_members_no_account_shows_segments(backend: Backend) -> None:
    (vip,) = add(backend, "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([5]))
    backend.remove_segment_account(vip.id, 5)
    assert found(backend, SegmentQuery()) in ({}, {5: []})  # a tenant has accounts without segments
