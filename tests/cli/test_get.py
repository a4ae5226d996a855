"""segments get"""

import pytest

from tests.support.command import Segments


@pytest.mark.parametrize("ref", ["VIP", "1", "id:1", "code:VIP", "01"])
def test_one_segment_is_an_object(vip: Segments, ref: str) -> None:
    segment = vip.ok("get", ref, "-o", "json").json
    assert (segment["id"], segment["code"]) == (1, "VIP")


def test_several_segments_are_a_collection_in_the_order_asked(vip: Segments) -> None:
    items = vip.ok("get", "STAFF", "1", "-o", "json").json
    assert list(items) == ["items"]
    assert [item["id"] for item in items["items"]] == [2, 1]


def test_a_segment_named_twice_is_shown_once(vip: Segments) -> None:
    assert vip.ok("get", "VIP", "1", "STAFF", "-o", "code").lines == ["VIP", "STAFF"]


def test_a_segment_has_no_list_of_accounts(vip: Segments) -> None:
    segment = vip.ok("get", "VIP", "-o", "json").json
    assert set(segment) == {"id", "code", "name", "description", "auditInfo"}


@pytest.mark.parametrize("ref", ["vip", "VI", "3", "code:1", "id:3", "%", "V_P"])
def test_a_missing_segment_is_not_found(vip: Segments, ref: str) -> None:
    done = vip("get", ref, "-o", "json")
    assert (done.code, done.stdout) == (3, "")
    assert (done.error["code"], done.error["status"]) == ("ITEM_NOT_FOUND", 404)


def test_missing_segments_are_errors_after_the_existing_ones_were_printed(vip: Segments) -> None:
    done = vip("get", "VIP", "NOPE", "STAFF", "GONE", "-o", "code")
    assert (done.code, done.lines) == (3, ["VIP", "STAFF"])
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2
    assert "NOPE" in errors[0]
    assert "GONE" in errors[1]


def test_if_none_exists_it_is_not_found(vip: Segments) -> None:
    done = vip("get", "NOPE", "GONE")
    assert (done.code, done.stdout) == (3, "")
    assert "NOPE" in done.stderr
    assert "GONE" in done.stderr


def test_fields_choose_members_in_json(vip: Segments) -> None:
    assert vip.ok("get", "VIP", "--fields", "code,id", "-o", "json").json == {"id": 1, "code": "VIP"}


def test_fields_choose_columns_and_their_order(vip: Segments) -> None:
    assert vip.ok("get", "VIP", "--fields", "code,id", "-o", "tsv").stdout == "VIP\t1\n"


def test_a_field_is_excluded(vip: Segments) -> None:
    assert "description" not in vip.ok("get", "VIP", "--fields=-description", "-o", "json").json


def test_a_query_reshapes_one_segment(vip: Segments) -> None:
    assert vip.ok("get", "VIP", "--query", "auditInfo.keys(@)[0]", "-o", "json").json == "createDate"


def test_a_query_reshapes_several(vip: Segments) -> None:
    assert vip.ok("get", "VIP", "STAFF", "--query", "items[].code", "-o", "tsv").stdout == "VIP\nSTAFF\n"


def test_reading_creates_no_store(segments: Segments) -> None:
    assert segments("get", "VIP").code == 3
    assert list(segments.home.iterdir()) == []
