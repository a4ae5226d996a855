"""segments add"""

import re

import pytest

from tests.support.command import Segments


def test_the_new_segment_is_printed(segments: Segments) -> None:
    done = segments.ok("add", "VIP", "--name", "Very important", "--description", "Spent a lot", "-o", "json")
    segment = done.json
    assert list(segment) == ["id", "code", "name", "description", "auditInfo"]
    audit = segment.pop("auditInfo")
    assert segment == {"id": 1, "code": "VIP", "name": "Very important", "description": "Spent a lot"}
    assert audit["createBy"] == audit["updateBy"] == "tester"
    assert audit["createDate"] == audit["updateDate"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", audit["createDate"])
    assert done.stderr == f"created the store {segments.store}\n"
    assert segments.ok("add", "STAFF").stderr == ""


def test_the_printed_segment_is_the_stored_one(segments: Segments) -> None:
    shown = segments.ok("add", "VIP", "--name", "ÉLITE 👑", "-o", "json").json
    assert segments.ok("get", "VIP", "-o", "json").json == shown


def test_a_segment_needs_no_name_or_description(segments: Segments) -> None:
    segment = segments.ok("add", "VIP", "-o", "json").json
    assert segment["name"] is None
    assert segment["description"] is None


def test_an_empty_name_is_not_set(segments: Segments) -> None:
    assert segments.ok("add", "VIP", "--name", "", "-o", "json").json["name"] is None


def test_a_new_segment_has_no_accounts(segments: Segments) -> None:
    segments.ok("add", "VIP")
    assert segments.ok("accounts", "list", "VIP", "-o", "json").json == {"totalCount": 0, "items": []}


@pytest.mark.parametrize(("format", "shown"), [("id", "1\n"), ("code", "VIP\n")])
def test_scripts_can_print_only_the_id_or_the_code(segments: Segments, format: str, shown: str) -> None:
    assert segments.ok("add", "VIP", "-o", format).stdout == shown


def test_a_terminal_shows_a_line_for_each_field(segments: Segments) -> None:
    lines = segments.shown("add", "VIP", "--name", "Very important", NO_COLOR="1").lines
    assert lines.pop(0) == f"created the store {segments.store}"
    assert [line.split(maxsplit=1)[0] for line in lines] == [
        "id", "code", "name", "description", "createDate", "updateDate", "createBy", "updateBy",
    ]  # fmt: skip
    assert lines[2].split(maxsplit=1)[1].rstrip() == "Very important"


def test_an_existing_code_is_a_conflict_and_changes_nothing(vip: Segments) -> None:
    before = vip.ok("get", "VIP", "-o", "json").json
    done = vip("add", "VIP", "--name", "Another", "-o", "json")
    assert (done.code, done.stdout, done.error["code"]) == (4, "", "ITEM_ALREADY_EXISTS")
    assert vip.ok("get", "VIP", "-o", "json").json == before


def test_codes_differ_by_case(segments: Segments) -> None:
    segments.ok("add", "VIP")
    assert segments.ok("add", "vip", "-o", "id").stdout == "2\n"


@pytest.mark.parametrize("code", ["", "  ", "\t"])
def test_a_blank_code_is_a_usage_error_and_creates_no_store(segments: Segments, code: str) -> None:
    done = segments("add", code, "-o", "json")
    assert (done.code, done.error["code"], done.error["status"]) == (2, "MISSING_OR_INVALID_PARAMETER", 400)
    assert not segments.store.exists()


def test_ids_are_never_reused(segments: Segments) -> None:
    segments.ok("add", "FIRST")
    segments.ok("delete", "FIRST", "--yes")
    assert segments.ok("add", "FIRST", "-o", "id").stdout == "2\n"


def test_a_code_may_look_like_an_option(segments: Segments) -> None:
    assert segments.ok("add", "-o", "code", "--", "--all").stdout == "code:--all\n"


def test_a_code_may_look_like_an_id(segments: Segments) -> None:
    segments.ok("add", "2026")
    assert segments.ok("get", "code:2026", "-o", "id").stdout == "1\n"
    assert segments("get", "2026").code == 3


def test_invalid_unicode_is_a_usage_error(segments: Segments) -> None:
    done = segments("add", "VIP", "--name", "caf\udce9")
    assert done.code == 2
    assert done.stderr.startswith("error: ")
    assert not segments.store.exists()
