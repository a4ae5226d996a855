"""GetSegments: filter and sort as the contract's query language has them, on any backend."""

import time
from datetime import datetime, timedelta, timezone

import pytest

from segcli.backends.base import Backend
from segcli.model import SegmentDraft
from segcli.query.filter import MAX_CLAUSES
from segcli.query.parse import parse_query

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
    'code eq "vip"': [3, 4],
    "code ne vip": [1, 2, 5, 6],
    "code cont I": [1, 3, 4],
    "code sw VI": [3, 4],
    "name eq very important": [3, 4],
    "name ne very important": [1, 2, 5, 6],
    "description cont %": [1],
    "description cont _": [1],
    "description cont *": [1],
    "description sw 100%": [1],
    "description sw %": [],
    "description sw _": [],
    "description cont 0_": [],
    'description eq "rock and roll"': [2],
    "description eq 'it''s'": [6],
    'description cont """hi"""': [5],
    "description eq it's": [6],
    "name eq null": [6],
    "name ne null": [1, 2, 3, 4, 5],
    'name eq "null"': [5],
    "description eq null": [3],
    "description ne null": [1, 2, 4, 5, 6],
    'description ne ""': [1, 2, 3, 5, 6],
    "name gt very": [1, 3, 4],
    'name lt "null"': [2],
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
def test_a_filter_matches(filled: Backend, filter: str) -> None:
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


def test_a_segment_is_found_by_the_dates_it_returned(filled: Backend) -> None:
    time.sleep(0.01)
    last = filled.update_segment(2, SegmentDraft("street", "new"))
    date = last.audit_info.update_date or ""
    east = datetime.fromisoformat(date).astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
    for written in (date, f'"{date}"', east):
        assert found(filled, f"updateDate eq {written}") == [2]
        assert found(filled, f"updateDate ge {written}") == [2]
        assert found(filled, f"updateDate gt {written}") == []
        assert found(filled, f"updateDate lt {written}") == found(filled, f"updateDate ne {written}")
        assert found(filled, f"updateDate lt {written}") == [1, 3, 4, 5, 6]
        assert found(filled, f"updateDate le {written} and id eq 2") == [2]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_ties_are_sorted_by_id(backend: Backend, direction: str) -> None:
    for code in ("c", "a", "b"):
        backend.add_segment(SegmentDraft(code, "the same name"))
    assert found(backend, sort=f"name {direction}") == [1, 2, 3]
    assert found(backend, sort=f"description {direction}, name") == [1, 2, 3]


def test_dates_are_sorted_chronologically(filled: Backend) -> None:
    for segment_id in (5, 1, 3):
        time.sleep(0.01)
        filled.update_segment(segment_id, SegmentDraft(f"new{segment_id}"))
    assert found(filled, sort="updateDate desc")[:3] == [3, 1, 5]
    assert found(filled, sort="auditInfo.updateDate")[-3:] == [5, 1, 3]
    assert found(filled, filter="id ge 3", sort="updateDate desc")[:2] == [3, 5]


def test_a_filter_can_have_many_clauses(filled: Backend) -> None:
    clauses = [f"name ne {number}" for number in range(MAX_CLAUSES - 1)]
    assert found(filled, " and ".join([*clauses, "id gt 4"])) == [5, 6]


def test_requested_fields_are_returned(filled: Backend) -> None:
    page = filled.get_segments(parse_query(response_fields="items(name,auditInfo(createDate)),totalCount"))
    assert page.total_count == 6
    assert [segment.name for segment in page.items] == [draft.name for draft in SEGMENTS]
    assert all(segment.audit_info.create_date for segment in page.items)
