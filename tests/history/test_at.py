"""--at MOMENT and SEGMENT@MOMENT: a store as it was."""

import time

import pytest

from tests.support.command import Segments


@pytest.fixture
def past(segments: Segments) -> tuple[Segments, list[str]]:
    """A store that was changed, and the moments before its changes from the second one on.

    VIP has 1 to 3, then 1 and 3, and becomes GOLD; PROMO-A has 7 and is deleted; another VIP is added.
    """
    commands = [
        ["add", "VIP"],
        ["accounts", "add", "VIP", "1", "2", "3"],
        ["add", "PROMO-A"],
        ["accounts", "add", "PROMO-A", "7"],
        ["accounts", "remove", "VIP", "2"],
        ["update", "VIP", "--code", "GOLD", "--name", "Gold"],
        ["delete", "PROMO-A", "--yes"],
        ["add", "VIP"],
    ]
    for command in commands:
        segments.ok(*command)
        time.sleep(0.002)  # so that no two changes have the same moment
    items = segments.ok("history", "-o", "json").json["items"]
    return segments, [item["at"] for item in reversed(items)]


def test_accounts_of_a_segment(past: tuple[Segments, list[str]]) -> None:
    segments, at = past
    assert segments.ok("accounts", "list", "VIP", "--at", at[0]).lines == []
    assert segments.ok("accounts", "list", "VIP", "--at", at[1]).lines == ["1", "2", "3"]
    assert segments.ok("accounts", "list", "VIP", "--at", at[4]).lines == ["1", "3"]
    assert segments.ok("accounts", "list", "1", "--at", at[3], "--limit", "1", "-o", "json").json == {
        "totalCount": 3,
        "items": [1],
    }
    assert segments.ok("accounts", "list", "PROMO-A", "--at", at[5]).lines == ["7"]
    assert segments.ok("accounts", "list", "all minus VIP", "--at", at[3]).lines == ["7"]
    assert segments.ok("accounts", "list", "VIP").lines == []


def test_counts_and_memberships(past: tuple[Segments, list[str]]) -> None:
    segments, at = past
    counts = segments.ok("accounts", "count", "VIP", "PROMO-*", "all", "--at", at[3], "-o", "json").json
    assert [item["accounts"] for item in counts["items"]] == [3, 1, 4]
    of = segments.ok("accounts", "of", "2", "--at", at[3], "-o", "json").json
    assert [item["code"] for item in of["items"]] == ["VIP"]
    assert segments.ok("accounts", "of", "2", "--at", at[4], "-o", "json").json["items"] == []
    assert len(segments.ok("accounts", "of", "1", "7", "--at", at[5]).lines) == 2


def test_segments(past: tuple[Segments, list[str]]) -> None:
    segments, at = past
    was = segments.ok("get", "VIP", "--at", at[4], "-o", "json").json
    assert (was["id"], was["name"]) == (1, None)
    assert segments.ok("get", "GOLD", "--at", at[5], "--fields", "name").stdout == "Gold\n"
    several = segments.ok("get", "VIP", "PROMO-A", "--at", at[4], "-o", "code")
    assert several.lines == ["VIP", "PROMO-A"]
    assert segments.ok("list", "--at", at[4], "-o", "code").lines == ["VIP", "PROMO-A"]
    assert segments.ok("list", "--at", at[5], "--sort", "code desc", "-o", "code").lines == [
        "PROMO-A",
        "GOLD",
    ]
    listed = segments.ok(
        "list", "--all", "--counts", "--filter", "name ne 'x'", "--fields", "code,accounts", "--at", at[3]
    )
    assert listed.lines == ["VIP\t3", "PROMO-A\t1"]
    assert segments.ok("list", "--at", at[6], "--limit", "1", "-o", "code").lines == ["GOLD"]


def test_expressions_combine_moments(past: tuple[Segments, list[str]]) -> None:
    segments, at = past
    gone = segments.ok("accounts", "list", f"VIP@{at[1]} minus GOLD")
    assert gone.lines == ["2"]
    assert segments.ok("accounts", "list", f"PROMO-*@{at[5]} or 1").lines == ["1", "3", "7"]
    assert segments.ok("accounts", "list", f'"VIP"@{at[1]} xor VIP@{at[4]}').lines == ["2"]
    assert segments.ok("accounts", "list", f"VIP minus VIP@{at[4]}", "--at", at[1]).lines == ["2"]
    assert segments.ok("check", f"VIP@{at[1]} == 3", f"VIP@{at[1]} and VIP == 0").code == 0
    segments.ok("accounts", "set", "GOLD", "--from", f"VIP@{at[1]}", "--yes")
    assert segments.ok("accounts", "list", "GOLD").lines == ["1", "2", "3"]
    segments.ok("accounts", "split", f"1@{at[1]}", "A=50%", "B=rest", "--create", "--yes")
    assert segments.ok("accounts", "list", "A or B").lines == ["1", "2", "3"]


COMMANDS = [
    ("get", "VIP"),
    ("list",),
    ("list", "--all", "--counts"),
    ("accounts", "list", "VIP"),
    ("accounts", "list", "VIP or 1"),
    ("accounts", "count", "VIP"),
    ("accounts", "of", "1"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_moments_that_cannot_be_read(past: tuple[Segments, list[str]], command: tuple[str, ...]) -> None:
    segments, at = past
    early = segments(*command, "--at", "2020-01-01")
    assert early.code == 3
    assert f"there is no history of 2020-01-01T00:00:00.000Z: the first change is of {at[0]}" in early.stderr
    late = segments(*command, "--at", "2100-01-01")
    assert late.code == 2
    assert "'2100-01-01' is in the future: expected at most " in late.stderr
    wrong = segments(*command, "--at", "yesterday")
    assert wrong.code == 2
    assert "'yesterday' is not a valid moment" in wrong.stderr
    assert early.stdout == late.stdout == wrong.stdout == ""


def test_a_segment_that_did_not_exist(past: tuple[Segments, list[str]]) -> None:
    segments, at = past
    done = segments("get", "GOLD", "--at", at[4])
    assert done.code == 3
    assert f"there was no segment with code GOLD at {at[4]}" in done.stderr
    assert segments("accounts", "list", f"GOLD@{at[4]}").code == 3
    assert segments("accounts", "list", f"X*@{at[4]}").code == 3


def test_without_history(segments: Segments) -> None:
    done = segments("list", "--at", "-1m")
    assert done.code == 3
    assert "there is no history yet" in done.stderr


@pytest.mark.usefixtures("tenant_variables")
def test_a_tenant_has_no_past(segments: Segments) -> None:
    segments.ok("add", "VIP")
    for command in (*COMMANDS, ("accounts", "list", "VIP@-1m")):
        at = [] if "@" in command[-1] else ["--at", "-1m"]
        done = segments(*command, *at)
        assert (done.code, done.stdout) == (2, ""), done.stderr
        assert "history" in done.stderr
