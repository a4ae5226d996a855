"""GetSegments: filter, sort and paging as the contract's query language has them, on any backend."""

import pytest

from segcli.backends import Backend
from segcli.errors import UsageError
from segcli.model import SegmentDraft
from segcli.query import SegmentQuery, parse_query

SEGMENTS = (
    SegmentDraft("elite", "ÉLITE", "100% of_them*"),
    SegmentDraft("street", "Große Straße", "rock and roll"),
    SegmentDraft("Vip", "Very important", None),
    SegmentDraft("vip", "very IMPORTANT", ""),
    SegmentDraft("null", "null", 'say "hi"'),
    SegmentDraft("none", None, "it's"),
)


@pytest.fixture
def filled(backend: Backend) -> Backend:
    for draft in SEGMENTS:
        backend.add_segment(draft)
    return backend


def found(backend: Backend, filter: str = "", sort: str = "") -> list[int]:
    return [s.id for s in backend.get_segments(parse_query(filter=filter, sort_by=sort)).items]


FILTERS = {
    "": [1, 2, 3, 4, 5, 6],
    "id eq 3": [3],
    "id ne 3": [1, 2, 4, 5, 6],
    "id gt 4": [5, 6],
    "id ge 4": [4, 5, 6],
    "id lt 2": [1],
    "id le 2 AND id gt 1": [2],
    'name eq "élite"': [1],
    'name eq "GROSSE STRASSE"': [2],
    "name cont STRASSE": [2],
    "name sw große": [2],
    "name sw straße": [],
    "code eq VIP": [3, 4],
    "name eq very important": [3, 4],
    "name ne very important": [1, 2, 5, 6],
    "description cont %": [1],
    "description cont _": [1],
    "description cont *": [1],
    "description sw 100%": [1],
    'description eq "rock and roll"': [2],
    "description eq 'it''s'": [6],
    'description cont """hi"""': [5],
    "description eq it's": [6],
    "name eq null": [6],
    "name ne null": [1, 2, 3, 4, 5],
    'name eq "null"': [5],
    "description eq null": [3],
    'description eq ""': [4],
    "code gt street": [3, 4],
    "code ge street": [2, 3, 4],
    "code lt elite": [],
    "code le ELITE": [1],
    "createDate ge 2026-01-01": [1, 2, 3, 4, 5, 6],
    "createDate lt 2026-01-01T00:00:00+02:00": [],
    "auditInfo.updateDate gt 0001-01-01T00:00:00+14:00": [1, 2, 3, 4, 5, 6],
    "createDate ne 2026-01-01T00:00:00.123456Z": [1, 2, 3, 4, 5, 6],
    "createBy ne null and name cont important and code eq vip and id gt 3": [4],
}


@pytest.mark.parametrize("filter", FILTERS)
def test_a_filter_finds(filled: Backend, filter: str) -> None:
    assert found(filled, filter) == FILTERS[filter]


SORTS = {
    "": [1, 2, 3, 4, 5, 6],
    "id desc": [6, 5, 4, 3, 2, 1],
    "code": [1, 6, 5, 2, 3, 4],
    "code desc": [4, 3, 2, 5, 6, 1],
    "name asc": [6, 2, 5, 3, 4, 1],
    "name desc, id desc": [1, 4, 3, 5, 2, 6],
    "description": [3, 4, 1, 6, 2, 5],
    "createDate, id desc": None,
}


@pytest.mark.parametrize("sort", SORTS)
def test_a_sort_orders(filled: Backend, sort: str) -> None:
    expected = SORTS[sort]
    ordered = found(filled, sort=sort)
    if expected is None:
        segments = [filled.get_segment(segment_id) for segment_id in ordered]
        expected = [s.id for s in sorted(segments, key=lambda s: (s.audit_info.create_date or "", -s.id))]
    assert ordered == expected


def test_pages_cut_the_collection(filled: Backend) -> None:
    page = filled.get_segments(parse_query(start_index=4, page_size=4))
    assert page.head() == {"startIndex": 4, "pageSize": 4, "pageCount": 2, "totalCount": 6}
    assert [segment.id for segment in page.items] == [5, 6]
    beyond = filled.get_segments(parse_query(start_index=60))
    assert (beyond.items, beyond.total_count) == ((), 6)


def test_an_empty_backend_has_an_empty_collection(backend: Backend) -> None:
    assert backend.get_segments(SegmentQuery()).head() == {
        "startIndex": 0,
        "pageSize": 20,
        "pageCount": 0,
        "totalCount": 0,
    }


@pytest.mark.parametrize(
    "parts",
    [{"page_size": 0}, {"page_size": 201}, {"start_index": -1}, {"start_index": 2**31}],
)
def test_a_page_out_of_bounds_is_refused(parts: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        parse_query(**parts)  # type: ignore[arg-type]  # only numbers are among these parts


def test_all_is_the_pages_in_a_row(filled: Backend) -> None:
    query = parse_query(filter="id ne 4", sort_by="code desc", page_size=2)
    pages = [filled.get_segments(query._replace(start_index=start)) for start in (0, 2, 4)]
    total, items = filled.iter_segments(query)
    assert total == 5
    assert list(items) == [segment for page in pages for segment in page.items]
    total, items = filled.iter_segments(query._replace(start_index=3))
    assert total == 5
    assert [segment.id for segment in items] == [6, 1]
    assert list(filled.iter_segments(query._replace(start_index=50)).items) == []


def test_fields_asked_for_are_there(filled: Backend) -> None:
    page = filled.get_segments(parse_query(response_fields="items(name,auditInfo(createDate)),totalCount"))
    assert page.total_count == 6
    assert [segment.name for segment in page.items] == [draft.name for draft in SEGMENTS]
    assert all(segment.audit_info.create_date for segment in page.items)
