"""segments update"""

from typing import Any

import pytest

from tests.support.command import Segments


def without_dates(segment: Any) -> Any:
    return {name: value for name, value in segment.items() if name != "auditInfo"}


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        (["--name", "Gold"], {"name": "Gold"}),
        (["--code", "GOLD"], {"code": "GOLD"}),
        (["--description", "New"], {"description": "New"}),
        (["--name", ""], {"name": None}),
        (["--description", ""], {"description": None}),
        (
            ["--code", "G", "--name", "N", "--description", "D"],
            {"code": "G", "name": "N", "description": "D"},
        ),
    ],
)
def test_only_the_given_fields_change(
    vip: Segments, arguments: list[str], changed: dict[str, str | None]
) -> None:
    before = vip.ok("get", "1", "-o", "json").json
    shown = vip.ok("update", "VIP", *arguments, "-o", "json").json
    assert without_dates(shown) == {**without_dates(before), **changed}
    assert vip.ok("get", "1", "-o", "json").json == shown


def test_it_records_who_changed_it_and_keeps_who_created_it(vip: Segments) -> None:
    before = vip.ok("get", "VIP", "-o", "json").json["auditInfo"]
    vip.ok("update", "VIP", "--name", "Gold", LOGNAME="other", USER="other")
    after = vip.ok("get", "VIP", "-o", "json").json["auditInfo"]
    assert (after["createBy"], after["updateBy"]) == (before["createBy"], "other")
    assert after["createDate"] == before["createDate"]
    assert after["updateDate"] > before["updateDate"]


def test_its_accounts_are_kept(vip: Segments) -> None:
    vip.ok("update", "VIP", "--code", "GOLD")
    assert vip.ok("accounts", "list", "GOLD").lines == ["1001", "1002"]


def test_its_own_code_is_not_a_conflict(vip: Segments) -> None:
    assert vip.ok("update", "1", "--code", "VIP", "-o", "code").stdout == "VIP\n"


def test_an_existing_code_is_a_conflict_and_changes_nothing(vip: Segments) -> None:
    before = vip.ok("list", "-o", "json").json
    done = vip("update", "VIP", "--code", "STAFF", "--name", "Gold", "-o", "json")
    assert (done.code, done.error["code"]) == (4, "ITEM_ALREADY_EXISTS")
    assert vip.ok("list", "-o", "json").json == before


def test_a_code_cannot_be_cleared(vip: Segments) -> None:
    done = vip("update", "VIP", "--code", "", "-o", "json")
    assert (done.code, done.error["code"]) == (2, "MISSING_OR_INVALID_PARAMETER")
    assert vip.ok("get", "1", "-o", "code").stdout == "VIP\n"


def test_nothing_to_change_is_a_usage_error(vip: Segments) -> None:
    done = vip("update", "VIP")
    assert done.code == 2
    assert "--name" in done.stderr


def test_an_unknown_segment_is_not_found(vip: Segments) -> None:
    assert vip("update", "NOPE", "--name", "x").code == 3
