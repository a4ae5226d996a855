"""GetAccountSegments: one account's segments, filtered, sorted and paged, on any backend."""

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.model import SegmentDraft
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.contract.helpers import add

ACCOUNT = 1001


@pytest.fixture
def joined(backend: Backend) -> Backend:
    """Segments S0 to S4 with ACCOUNT and a member of their own each, and one with neither."""
    add(backend, "NONE")
    drafts = [SegmentDraft(f"S{number}", "odd" if number % 2 else "even") for number in range(5)]
    segments = [backend.add_segment(draft) for draft in drafts]
    for number, segment in reversed(list(enumerate(segments))):
        backend.add_segment_accounts(segment.id, AccountSet([ACCOUNT, 2000 + number]))
    return backend


def found(backend: Backend, account_id: int = ACCOUNT, filter: str = "", sort: str = "") -> list[str]:
    query = parse_query(filter=filter, sort_by=sort)
    return [segment.code for segment in backend.get_account_segments(account_id, query).items]


@pytest.mark.parametrize("account_id", [1, 2_147_483_647])
def test_an_account_in_no_segment_has_an_empty_collection(joined: Backend, account_id: int) -> None:
    page = joined.get_account_segments(account_id, SegmentQuery())
    assert page.head() == {"startIndex": 0, "pageSize": 20, "pageCount": 0, "totalCount": 0}
    assert page.items == ()


def test_segments_are_ordered_by_id_not_by_when_the_account_was_added(joined: Backend) -> None:
    assert found(joined) == ["S0", "S1", "S2", "S3", "S4"]
    assert found(joined, 2003) == ["S3"]


def test_segments_are_those_that_get_segment_returns(joined: Backend) -> None:
    items = joined.get_account_segments(ACCOUNT, SegmentQuery()).items
    assert [joined.get_segment(segment.id) for segment in items] == list(items)


def test_segments_of_an_account_are_filtered(joined: Backend) -> None:
    assert found(joined, filter="name eq ODD") == ["S1", "S3"]
    assert found(joined, filter="code eq NONE") == []
    assert found(joined, filter="code eq none and name eq null") == []


def test_segments_of_an_account_are_sorted(joined: Backend) -> None:
    assert found(joined, sort="name desc, code desc") == ["S3", "S1", "S4", "S2", "S0"]


def test_segments_of_an_account_are_paged(joined: Backend) -> None:
    query = parse_query(filter="name eq EVEN", sort_by="code desc", start_index=1, page_size=1)
    page = joined.get_account_segments(ACCOUNT, query)
    assert [segment.code for segment in page.items] == ["S2"]
    assert page.head() == {"startIndex": 1, "pageSize": 1, "pageCount": 3, "totalCount": 3}
    beyond = joined.get_account_segments(ACCOUNT, parse_query(start_index=5))
    assert (beyond.items, beyond.total_count) == ((), 5)


def test_a_removed_account_is_no_longer_in_the_segment(joined: Backend) -> None:
    segments = joined.get_account_segments(ACCOUNT, SegmentQuery()).items
    joined.remove_segment_account(segments[0].id, ACCOUNT)
    joined.delete_segment(segments[4].id)
    assert found(joined) == ["S1", "S2", "S3"]
