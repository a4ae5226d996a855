"""Pages of GetSegments, and all of them in a row as iter_segments streams them, on any backend."""

import pytest

from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.model import Segment
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.contract.helpers import add

MANY = [f"S{number}" for number in range(90)]  # pages of four: more than anyone asks for ahead


@pytest.fixture
def seven(backend: Backend) -> Backend:
    """Segments with the ids 1 to 7."""
    add(backend, "g", "F", "e", "D", "c", "B", "a")
    return backend


def ids(segments: tuple[Segment, ...] | list[Segment]) -> list[int]:
    return [segment.id for segment in segments]


# startIndex, pageSize: the ids on that page, and pageCount
PAGES = {
    (0, 1): ([1], 7),
    (6, 1): ([7], 7),
    (0, 3): ([1, 2, 3], 3),
    (3, 3): ([4, 5, 6], 3),
    (6, 3): ([7], 3),
    (2, 3): ([3, 4, 5], 3),
    (0, 6): ([1, 2, 3, 4, 5, 6], 2),
    (0, 7): ([1, 2, 3, 4, 5, 6, 7], 1),
    (0, 8): ([1, 2, 3, 4, 5, 6, 7], 1),
    (5, 200): ([6, 7], 1),
    (7, 3): ([], 3),
    (60, 200): ([], 1),
    (2_147_483_647, 1): ([], 7),
}


@pytest.mark.parametrize(("start", "size"), PAGES)
def test_a_page_is_cut_from_the_collection(seven: Backend, start: int, size: int) -> None:
    expected, count = PAGES[start, size]
    page = seven.get_segments(parse_query(start_index=start, page_size=size))
    assert ids(page.items) == expected
    assert page.head() == {"startIndex": start, "pageSize": size, "pageCount": count, "totalCount": 7}


def test_a_page_has_20_items_by_default_and_200_at_most(backend: Backend) -> None:
    segments = add(backend, *(f"S{number}" for number in range(201)))
    assert backend.get_segments(SegmentQuery()).items == tuple(segments[:20])
    largest = backend.get_segments(parse_query(page_size=200))
    assert largest.items == tuple(segments[:200])
    assert (largest.total_count, largest.page_count) == (201, 2)


def test_the_total_counts_what_the_filter_matches(seven: Backend) -> None:
    page = seven.get_segments(parse_query(filter="id gt 2", page_size=2, start_index=4))
    assert ids(page.items) == [7]
    assert page.head() == {"startIndex": 4, "pageSize": 2, "pageCount": 3, "totalCount": 5}


def test_an_empty_backend_has_an_empty_collection(backend: Backend) -> None:
    page = backend.get_segments(SegmentQuery())
    assert page.head() == {"startIndex": 0, "pageSize": 20, "pageCount": 0, "totalCount": 0}
    assert page.items == ()
    total, items = backend.iter_segments(SegmentQuery())
    assert (total, list(items)) == (0, [])


@pytest.mark.parametrize(
    ("start", "size"), [(0, 0), (0, -1), (0, 201), (0, 2**31), (-1, 20), (2**31, 20), (2**70, 20)]
)
def test_a_page_size_out_of_range_is_rejected(start: int, size: int) -> None:
    with pytest.raises(UsageError):
        parse_query(start_index=start, page_size=size)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 200])
def test_all_segments_are_the_pages_in_sequence(seven: Backend, size: int) -> None:
    query = parse_query(filter="id ne 4", sort_by="code", page_size=size)
    pages = [seven.get_segments(query._replace(start_index=start)) for start in range(0, 6, size)]
    total, items = seven.iter_segments(query)
    assert total == 6
    streamed = list(items)
    assert streamed == [segment for page in pages for segment in page.items]
    assert ids(streamed) == [7, 6, 5, 3, 2, 1]


@pytest.mark.parametrize("start", [0, 1, 3, 6, 7, 50])
def test_all_segments_begin_at_the_start_index(seven: Backend, start: int) -> None:
    total, items = seven.iter_segments(parse_query(start_index=start, page_size=2))
    assert total == 7
    assert ids(list(items)) == [1, 2, 3, 4, 5, 6, 7][start:]


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 4, 5, 100])
@pytest.mark.parametrize("start", [0, 3])
def test_a_limit_bounds_the_items_but_not_the_total(seven: Backend, start: int, limit: int) -> None:
    total, items = seven.iter_segments(parse_query(start_index=start, page_size=2), limit)
    assert total == 7
    assert ids(list(items)) == [1, 2, 3, 4, 5, 6, 7][start:][:limit]


def test_many_segments_are_streamed_each_once_in_order(backend: Backend) -> None:
    segments = add(backend, *MANY)
    total, items = backend.iter_segments(SegmentQuery(page_size=4))
    assert total == 90
    assert list(items) == segments


def test_segments_are_a_stream_that_is_read_once(seven: Backend) -> None:
    items = seven.iter_segments(SegmentQuery(page_size=2)).items
    assert next(items).id == 1
    assert ids(list(items)) == [2, 3, 4, 5, 6, 7]
    assert list(items) == []


def test_a_stream_skips_nothing_when_segments_are_deleted_meanwhile(backend: Backend) -> None:
    segments = add(backend, *MANY)
    items = backend.iter_segments(SegmentQuery(page_size=4)).items
    first = next(items)
    backend.delete_segment(first.id)
    assert [first, *items] == segments


def test_a_stream_repeats_nothing_when_segments_are_added_meanwhile(backend: Backend) -> None:
    segments = add(backend, *MANY)
    items = backend.iter_segments(parse_query(sort_by="id desc", page_size=4)).items
    first = next(items)
    add(backend, "NEW")
    assert [first, *items] == segments[::-1]
