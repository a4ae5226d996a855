"""AddSegment, GetSegment, UpdateSegment, DeleteSegment: the contract's rows, on any backend."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import AlreadyExistsError, ConflictError, NotFoundError
from segcli.model import Segment, SegmentDraft, SegmentRef
from segcli.query.tree import SegmentQuery
from tests.contract.helpers import CONFLICT, EXISTS, NOT_FOUND, UNKNOWN_IDS, add, codes, members, summary_of

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def dates(segment: Segment) -> tuple[datetime, datetime]:
    """createDate and updateDate, as moments."""
    created, updated = segment.audit_info[:2]
    assert created is not None
    assert updated is not None
    return datetime.fromisoformat(created), datetime.fromisoformat(updated)


def test_a_new_segment_is_returned_complete(backend: Backend) -> None:
    segment = backend.add_segment(SegmentDraft("VIP", "Very important", "Spends much"))
    assert segment[:4] == (segment.id, "VIP", "Very important", "Spends much")
    assert segment.id >= 1
    assert segment.audit_info.create_date == segment.audit_info.update_date
    assert segment.audit_info.create_by == segment.audit_info.update_by
    assert backend.get_segment(segment.id) == segment
    assert backend.get_segments(SegmentQuery()).items == (segment,)
    assert members(backend, segment) == []


def test_an_omitted_field_is_none_and_an_empty_one_is_empty(backend: Backend) -> None:
    assert backend.add_segment(SegmentDraft("A"))[2:4] == (None, None)
    assert backend.add_segment(SegmentDraft("B", "", ""))[2:4] == ("", "")


def test_dates_are_in_utc_whatever_the_time_zone(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "EAST-14")
    time.tzset()
    try:
        segment = backend.add_segment(SegmentDraft("VIP"))
        segment = backend.update_segment(segment.id, SegmentDraft("VIP"))
    finally:
        monkeypatch.undo()
        time.tzset()
    for written in segment.audit_info[:2]:
        assert RFC3339.fullmatch(written or "")
    for moment in dates(segment):
        assert abs(datetime.now(UTC) - moment) < timedelta(hours=1)


@pytest.mark.parametrize("code", [None, "", " ", "\t\n", "\u00a0\u3000"])
def test_a_segment_without_a_code_is_a_validation_conflict(backend: Backend, code: str | None) -> None:
    (vip,) = add(backend, "VIP")
    with pytest.raises(ConflictError) as caught:
        backend.add_segment(SegmentDraft(code, "A name"))
    assert summary_of(caught.value) == CONFLICT
    for segment_id in (vip.id, *UNKNOWN_IDS):
        with pytest.raises(ConflictError) as caught:
            backend.update_segment(segment_id, SegmentDraft(code, "A name"))
        assert summary_of(caught.value) == CONFLICT
    assert backend.get_segments(SegmentQuery()).items == (vip,)


def test_a_code_is_unique(backend: Backend) -> None:
    add(backend, "VIP")
    with pytest.raises(AlreadyExistsError) as caught:
        backend.add_segment(SegmentDraft("VIP", "another"))
    assert summary_of(caught.value) == EXISTS
    assert codes(backend) == ["VIP"]


@pytest.mark.parametrize("other", ["vip", "VIP ", " VIP", "VIP\x00", "\uff36\uff29\uff30"])
def test_codes_that_only_look_alike_are_different(backend: Backend, other: str) -> None:
    first, second = add(backend, "VIP", other)
    assert backend.find_segment(SegmentRef(code="VIP")) == first
    assert backend.find_segment(SegmentRef(code=other)) == second
    with pytest.raises(NotFoundError):
        backend.find_segment(SegmentRef(code="Vip"))


def test_codes_are_not_unicode_normalized(backend: Backend) -> None:
    composed, combining = add(backend, "caf\u00e9", "cafe\u0301")
    assert backend.find_segment(SegmentRef(code="caf\u00e9")) == composed
    assert backend.find_segment(SegmentRef(code="cafe\u0301")) == combining


def test_a_code_of_digits_is_not_an_id(backend: Backend) -> None:
    first, second = add(backend, "2", "1")
    assert backend.find_segment(SegmentRef(id=first.id)) == first
    assert backend.find_segment(SegmentRef(code="2")) == first
    assert backend.find_segment(SegmentRef(code="1")) == second


@pytest.mark.parametrize(
    "code", ["null", "a and b", 'say "hi"', "it's", "%", "*", "items(id)", "a+b&c=d#e?/"]
)
def test_a_code_with_special_characters_is_found_literally(backend: Backend, code: str) -> None:
    _, segment = add(backend, "other", code)
    assert backend.find_segment(SegmentRef(code=code)) == segment
    backend.delete_segment(segment.id)
    with pytest.raises(NotFoundError):
        backend.find_segment(SegmentRef(code=code))


def test_a_code_is_found_among_many_that_differ_only_in_case(backend: Backend) -> None:
    alike = [
        "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate("abcdefgh"))
        for number in range(256)
    ]
    last = add(backend, *alike)[-1]
    assert backend.find_segment(SegmentRef(code="ABCDEFGH")) == last


def test_ids_ascend_and_are_never_reused(backend: Backend) -> None:
    given = [segment.id for segment in add(backend, "A", "B", "C")]
    backend.delete_segment(given[-1])
    given += [segment.id for segment in add(backend, "C")]
    for segment_id in (given[0], given[1], given[3]):
        backend.delete_segment(segment_id)
    given += [segment.id for segment in add(backend, "A")]
    assert given == sorted(set(given))


def test_an_id_is_not_reused_after_reopening(backend: Backend, another: Backend) -> None:
    (old,) = add(backend, "A")
    backend.delete_segment(old.id)
    backend.close()
    (new,) = add(another, "A")
    assert new.id > old.id


CALLS: dict[str, Callable[[Backend, int], object]] = {
    "get_segment": lambda backend, unknown: backend.get_segment(unknown),
    "find_segment": lambda backend, unknown: backend.find_segment(SegmentRef(id=unknown)),
    "find_segment by code": lambda backend, unknown: backend.find_segment(SegmentRef(code=str(unknown))),
    "update_segment": lambda backend, unknown: backend.update_segment(unknown, SegmentDraft("NEW")),
    "update_segment, code taken": lambda backend, unknown: backend.update_segment(
        unknown, SegmentDraft("VIP")
    ),
    "delete_segment": lambda backend, unknown: backend.delete_segment(unknown),
    "get_segment_accounts": lambda backend, unknown: backend.get_segment_accounts(unknown),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_unknown_segment_is_not_found(backend: Backend, call: Callable[[Backend, int], object]) -> None:
    vip, gone = add(backend, "VIP", "GONE")
    backend.delete_segment(gone.id)
    for segment_id in (gone.id, *UNKNOWN_IDS):
        with pytest.raises(NotFoundError) as caught:
            call(backend, segment_id)
        assert summary_of(caught.value) == NOT_FOUND
    assert backend.get_segments(SegmentQuery()).items == (vip,)


def test_an_update_replaces_all_fields(backend: Backend) -> None:
    old = backend.add_segment(SegmentDraft("VIP", "Very important", "Spends much"))
    new = backend.update_segment(old.id, SegmentDraft("GOLD"))
    assert new[:4] == (old.id, "GOLD", None, None)
    assert backend.get_segment(old.id) == new
    with pytest.raises(NotFoundError):
        backend.find_segment(SegmentRef(code="VIP"))
    assert backend.update_segment(old.id, SegmentDraft("GOLD", "", "x"))[2:4] == ("", "x")


def test_an_update_changes_the_update_date_but_not_the_create_date(backend: Backend) -> None:
    old = backend.add_segment(SegmentDraft("VIP"))
    time.sleep(0.01)
    new = backend.update_segment(old.id, SegmentDraft("VIP"))
    assert new.audit_info.create_date == old.audit_info.create_date
    assert new.audit_info.create_by == old.audit_info.create_by
    assert dates(new)[1] > dates(old)[1]


def test_an_update_changes_no_other_segment_and_no_membership(backend: Backend) -> None:
    vip, staff = add(backend, "VIP", "STAFF")
    for segment in (vip, staff):
        backend.add_segment_accounts(segment.id, AccountSet([1001]))
    gold = backend.update_segment(vip.id, SegmentDraft("GOLD"))
    assert backend.get_segment(staff.id) == staff
    assert members(backend, gold) == members(backend, staff) == [1001]


def test_an_update_to_a_taken_code_is_rejected_and_changes_nothing(backend: Backend) -> None:
    staff = backend.add_segment(SegmentDraft("STAFF"))
    vip = backend.add_segment(SegmentDraft("VIP", "name"))
    with pytest.raises(AlreadyExistsError) as caught:
        backend.update_segment(vip.id, SegmentDraft("STAFF", "new"))
    assert summary_of(caught.value) == EXISTS
    assert backend.get_segments(SegmentQuery()).items == (staff, vip)


def test_a_segment_can_keep_its_code_or_take_one_that_became_free(backend: Backend) -> None:
    vip, staff = add(backend, "VIP", "STAFF")
    assert backend.update_segment(vip.id, SegmentDraft("VIP", "new")).name == "new"
    assert backend.update_segment(vip.id, SegmentDraft("vip")).code == "vip"
    assert backend.update_segment(staff.id, SegmentDraft("VIP")).code == "VIP"


def test_deleting_a_segment_removes_only_its_own_memberships(backend: Backend) -> None:
    vip, staff = add(backend, "VIP", "STAFF")
    for segment in (vip, staff):
        backend.add_segment_accounts(segment.id, AccountSet([1001, 1002]))
    backend.delete_segment(vip.id)
    assert codes(backend) == ["STAFF"]
    assert members(backend, staff) == [1001, 1002]
    assert backend.get_account_segments(1001, SegmentQuery()).items == (staff,)
    (again,) = add(backend, "VIP")
    assert members(backend, again) == []


def test_writes_are_visible_to_another_connection(backend: Backend, another: Backend) -> None:
    (vip,) = add(backend, "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([1001]))
    assert another.get_segment(vip.id) == vip
    assert members(another, vip) == [1001]
    another.delete_segment(vip.id)
    assert codes(backend) == []
