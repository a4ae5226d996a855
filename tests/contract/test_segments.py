"""AddSegment, GetSegment, UpdateSegment, DeleteSegment: the contract's rows, on any backend."""

import re

import pytest

from segcli.backends import Backend
from segcli.errors import AlreadyExistsError, ConflictError, NotFoundError, SegcliError
from segcli.model import Segment, SegmentDraft, SegmentRef
from segcli.query import SegmentQuery

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def as_told(error: SegcliError) -> tuple[str, int | None, int]:
    return error.code, error.status, error.exit_code


def test_a_new_segment_is_answered_whole(backend: Backend) -> None:
    segment = backend.add_segment(SegmentDraft("VIP", "Very important", "Spends much"))
    assert segment[:4] == (segment.id, "VIP", "Very important", "Spends much")
    assert segment.id >= 1
    assert RFC3339.fullmatch(segment.audit_info.create_date or "")
    assert segment.audit_info.create_date == segment.audit_info.update_date
    assert backend.get_segment(segment.id) == segment
    assert list(backend.get_segment_accounts(segment.id).items) == []


def test_what_is_not_given_is_missing_and_what_is_empty_is_empty(backend: Backend) -> None:
    assert backend.add_segment(SegmentDraft("A"))[2:4] == (None, None)
    assert backend.add_segment(SegmentDraft("B", "", ""))[2:4] == ("", "")


@pytest.mark.parametrize("code", [None, "", " ", "\t\n"])
def test_a_segment_without_a_code_is_a_validation_conflict(backend: Backend, code: str | None) -> None:
    with pytest.raises(ConflictError) as caught:
        backend.add_segment(SegmentDraft(code, "A name"))
    assert as_told(caught.value) == ("VALIDATION_CONFLICT", 409, 4)
    with pytest.raises(ConflictError) as caught:
        backend.update_segment(99, SegmentDraft(code, "A name"))
    assert as_told(caught.value) == ("VALIDATION_CONFLICT", 409, 4)
    assert backend.get_segments(SegmentQuery()).total_count == 0


def test_a_code_is_unique(backend: Backend) -> None:
    backend.add_segment(SegmentDraft("VIP"))
    with pytest.raises(AlreadyExistsError) as caught:
        backend.add_segment(SegmentDraft("VIP", "another"))
    assert as_told(caught.value) == ("ITEM_ALREADY_EXISTS", 409, 4)
    assert backend.get_segments(SegmentQuery()).total_count == 1


def test_codes_that_differ_in_case_are_two(backend: Backend) -> None:
    upper = backend.add_segment(SegmentDraft("VIP"))
    lower = backend.add_segment(SegmentDraft("vip"))
    assert backend.find_segment(SegmentRef(code="VIP")) == upper
    assert backend.find_segment(SegmentRef(code="vip")) == lower
    with pytest.raises(NotFoundError):
        backend.find_segment(SegmentRef(code="Vip"))


def test_an_id_is_never_given_twice(backend: Backend) -> None:
    first = backend.add_segment(SegmentDraft("A"))
    last = backend.add_segment(SegmentDraft("B"))
    backend.delete_segment(last.id)
    assert backend.add_segment(SegmentDraft("B")).id > last.id > first.id


def test_an_unknown_id_is_not_found(backend: Backend) -> None:
    for call in (
        lambda: backend.get_segment(99),
        lambda: backend.find_segment(SegmentRef(id=99)),
        lambda: backend.find_segment(SegmentRef(code="NOPE")),
        lambda: backend.update_segment(99, SegmentDraft("VIP")),
        lambda: backend.delete_segment(99),
        lambda: backend.get_segment_accounts(99),
    ):
        with pytest.raises(NotFoundError) as caught:
            call()
        assert as_told(caught.value) == ("ITEM_NOT_FOUND", 404, 3)


def test_an_update_replaces_the_whole(backend: Backend) -> None:
    old = backend.add_segment(SegmentDraft("VIP", "Very important", "Spends much"))
    new = backend.update_segment(old.id, SegmentDraft("GOLD"))
    assert new[:4] == (old.id, "GOLD", None, None)
    assert new.audit_info.create_date == old.audit_info.create_date
    assert (new.audit_info.update_date or "") >= (old.audit_info.update_date or "")
    assert backend.get_segment(old.id) == new


def test_an_update_keeps_the_accounts(backend: Backend) -> None:
    segment = backend.add_segment(SegmentDraft("VIP"))
    backend.add_segment_accounts(segment.id, [1001])
    backend.update_segment(segment.id, SegmentDraft("GOLD"))
    assert list(backend.get_segment_accounts(segment.id).items) == [1001]


def test_an_update_to_a_code_of_another_is_refused_and_changes_nothing(backend: Backend) -> None:
    backend.add_segment(SegmentDraft("STAFF"))
    vip = backend.add_segment(SegmentDraft("VIP", "name"))
    with pytest.raises(AlreadyExistsError) as caught:
        backend.update_segment(vip.id, SegmentDraft("STAFF"))
    assert as_told(caught.value) == ("ITEM_ALREADY_EXISTS", 409, 4)
    assert backend.get_segment(vip.id) == vip
    assert backend.update_segment(vip.id, SegmentDraft("VIP", "new")).name == "new"


def test_a_deleted_segment_takes_its_associations_and_no_others(backend: Backend) -> None:
    vip, staff = (backend.add_segment(SegmentDraft(code)) for code in ("VIP", "STAFF"))
    for segment in (vip, staff):
        backend.add_segment_accounts(segment.id, [1001, 1002])
    backend.delete_segment(vip.id)
    with pytest.raises(NotFoundError):
        backend.get_segment(vip.id)
    assert list(backend.get_segment_accounts(staff.id).items) == [1001, 1002]
    assert backend.get_account_segments(1001, SegmentQuery()).items == (staff,)
    again = backend.add_segment(SegmentDraft("VIP"))
    assert list(backend.get_segment_accounts(again.id).items) == []


NASTY = {
    "markup": "[bold]x[/bold] [red] [/]",
    "white space": " tab\t newline\n return\r ",
    "escapes": "\x1b[31mred\x1b]0;title\x07 \x9b31m",
    "quotes": "'\"`$(x);--\\",
    "emoji": "👩‍👩‍👧 🇩🇪 é e\u0301",
    "direction": "\u202eabc\u2066",
    "NUL": "a\x00b",
    "SQL": "'); DROP TABLE segment; --",
    "wildcards": "%_*?",
    "long": "x" * 100_000,
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_any_text_comes_back_as_it_went(backend: Backend, text: str) -> None:
    segment = backend.add_segment(SegmentDraft("VIP" + text[:200], text, text))
    assert segment[1:4] == ("VIP" + text[:200], text, text)
    assert backend.find_segment(SegmentRef(code=segment.code)) == segment


def test_half_a_character_is_refused(backend: Backend) -> None:
    with pytest.raises(SegcliError) as caught:
        backend.add_segment(SegmentDraft("VIP", "\ud800"))
    assert as_told(caught.value) == ("MISSING_OR_INVALID_PARAMETER", 400, 2)


def write_and_stop(backend: Backend, segment: Segment) -> None:
    with backend.transaction():
        backend.add_segment(SegmentDraft("STAFF"))
        backend.add_segment_accounts(segment.id, [1])
        with backend.transaction():
            backend.update_segment(segment.id, SegmentDraft("GOLD"))
        raise KeyboardInterrupt


def test_what_leaves_a_transaction_by_an_error_was_never_there(backend: Backend) -> None:
    segment = backend.add_segment(SegmentDraft("VIP"))
    if backend.count_segment_accounts(segment.id) is None:
        return  # over HTTP each request stands alone, as the protocol says
    with pytest.raises(KeyboardInterrupt):
        write_and_stop(backend, segment)
    assert backend.get_segments(SegmentQuery()).items == (segment,)
    assert backend.count_segment_accounts(segment.id) == 0


def test_what_a_transaction_did_is_there_afterwards(backend: Backend) -> None:
    with backend.transaction():
        segment = backend.add_segment(SegmentDraft("VIP"))
        backend.add_segment_accounts(segment.id, [1, 2])
        with pytest.raises(AlreadyExistsError):
            backend.add_segment(SegmentDraft("VIP"))
    assert list(backend.get_segment_accounts(segment.id).items) == [1, 2]
