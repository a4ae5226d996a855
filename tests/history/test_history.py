"""segments history and segments change: what they show, in every format, and what is recorded."""

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import requests
from jsonschema_rs import validator_for

from segcli.recorded import command_text
from segcli.schemas import schema_of
from tests.support.command import Segments
from tests.support.serving import SEGMENTS, served


@pytest.fixture
def changed(segments: Segments) -> Segments:
    """VIP (1) gets 1 to 3 (2), loses 2 (3), becomes GOLD (4); STAFF is added (5) and deleted (6)."""
    segments.ok("add", "VIP", "--name", "Very important", "--reason", "the summer campaign")
    segments.ok("accounts", "add", "VIP", "1", "2", "3")
    segments.ok("accounts", "remove", "VIP", "2", USER="mira", LOGNAME="mira")
    segments.ok("update", "VIP", "--code", "GOLD", "--description", "two\nlines")
    segments.ok("add", "STAFF")
    segments.ok("delete", "STAFF", "--yes")
    return segments


def ids(segments: Segments, *arguments: str) -> list[int]:
    return list(map(int, segments.ok("history", *arguments, "-o", "id").lines))


def test_changes_are_listed_newest_first(changed: Segments) -> None:
    document = changed.ok("history", "-o", "json").json
    assert validator_for(schema_of(["history"]) or False).is_valid(document)
    items = document["items"]
    assert [item["id"] for item in items] == [6, 5, 4, 3, 2, 1]
    assert [item["kind"] for item in items] == ["delete", "add", "update", "accounts", "accounts", "add"]
    assert [item["by"] for item in items] == ["tester"] * 3 + ["mira"] + ["tester"] * 2
    assert [(item["joined"], item["left"]) for item in items] == [(0, 0)] * 3 + [(0, 1), (3, 0), (0, 0)]
    assert [item["reason"] for item in items] == [None] * 5 + ["the summer campaign"]
    assert items[2]["before"]["code"] == "VIP"
    assert items[2]["after"]["code"] == "GOLD"
    assert items[0]["after"] is items[5]["before"] is None
    assert items[4]["command"] == "segments accounts add VIP 1 2 3"
    assert items[5]["command"] == "segments add VIP --name 'Very important' --reason 'the summer campaign'"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["VIP"], [4, 3, 2, 1]),
        (["GOLD"], [4, 3, 2, 1]),
        (["1"], [4, 3, 2, 1]),
        (["id:2"], [6, 5]),
        (["code:STAFF"], [6, 5]),
        (["--account", "2"], [3, 2]),
        (["--account", "3"], [2]),
        (["--account", "2", "--limit", "1"], [3]),
        (["--account", "99"], []),
        (["--user", "mira"], [3]),
        (["VIP", "--user", "tester", "--limit", "2"], [4, 2]),
        (["--since", "-1h"], [6, 5, 4, 3, 2, 1]),
        (["--until", "-1h"], []),
        (["--since", "2100-01-01"], []),
        (["--limit", "1"], [6]),
    ],
    ids=str,
)
def test_conditions(changed: Segments, arguments: list[str], expected: list[int]) -> None:
    assert ids(changed, *arguments) == expected


def test_since_and_until_are_inclusive(changed: Segments) -> None:
    items = {item["id"]: item["at"] for item in changed.ok("history", "-o", "json").json["items"]}
    assert ids(changed, "--since", items[2], "--until", items[4]) == [4, 3, 2]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["NOPE"], 3, "there is no segment with code NOPE"),
        (["--account", "x"], 2, "'x' is not a valid account id"),
        (["--since", "soon"], 2, "'soon' is not a valid moment"),
        (["--until=-7y"], 2, "'-7y' is not a valid moment"),
        (["--limit", "0"], 2, "--limit"),
    ],
    ids=str,
)
def test_errors_of_history(changed: Segments, arguments: list[str], code: int, message: str) -> None:
    done = changed("history", *arguments)
    assert (done.code, done.stdout) == (code, "")
    assert message in done.stderr


def test_an_empty_history_says_so(segments: Segments) -> None:
    assert "the history is empty" in segments.ok("history").stderr
    assert segments.ok("history", "-o", "json").json == {"items": []}
    segments.ok("add", "VIP")
    assert "no change matches" in segments.ok("history", "--user", "nobody").stderr


def test_flat_formats(changed: Segments) -> None:
    rows = list(csv.DictReader(changed.ok("history", "-o", "csv").lines))
    assert list(rows[0]) == [
        *("id", "run", "at", "by", "kind", "segmentId", "code", "joined", "left", "command", "reason")
    ]
    assert rows[3]["command"] == "segments accounts remove VIP 2"
    assert changed.ok("history", "--limit", "1").stdout.split("\t")[4:7] == ["delete", "2", "STAFF"]
    assert changed.ok("history", "--limit", "1", "-o", "code").lines == ["STAFF"]


def test_a_terminal_shows_who_did_what_when(changed: Segments) -> None:
    text = changed.shown("history", columns=100, NO_COLOR="1").stdout
    heading, first, *_ = [line for line in text.splitlines() if not line.startswith("not shown")]
    assert heading.split()[:7] == ["id", "at", "by", "kind", "code", "joined", "left"]
    assert "tester" in first
    assert ".000Z" not in first


def test_history_reads_no_sets_of_accounts(changed: Segments) -> None:
    done = changed("history", "-o", "json", "-v")
    assert "FROM change " in done.stderr
    assert "change_accounts" not in done.stderr


def test_one_change_in_full(changed: Segments) -> None:
    document = changed.ok("change", "4", "-o", "json").json
    valid = validator_for(schema_of(["change"]) or False)
    assert valid.is_valid(document)
    assert (document["before"]["description"], document["after"]["description"]) == (None, "two\nlines")
    text = changed.shown("change", "4", columns=100).stdout
    assert 'code: "VIP" → "GOLD"; description: null → "two\\nlines"' in text
    assert changed.ok("change", "2", "--joined", "-o", "id").lines == ["1", "2", "3"]
    assert changed.ok("change", "3", "--left").lines == ["2"]
    assert changed.ok("change", "3", "--joined").lines == []
    accounts = changed.ok("change", "2", "--joined", "-o", "json").json
    assert accounts == {"totalCount": 3, "items": [1, 2, 3]}
    assert valid.is_valid(accounts)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["99"], 3, "there is no change 99"),
        (["9" * 30], 2, "is not a valid change: expected its id"),
        (["x"], 2, "'x' is not a valid change"),
        (["2", "--joined", "--left"], 2, "cannot be used together"),
    ],
    ids=str,
)
def test_errors_of_change(changed: Segments, arguments: list[str], code: int, message: str) -> None:
    done = changed("change", *arguments)
    assert (done.code, done.stdout) == (code, "")
    assert message in done.stderr


DAMAGE = [
    "UPDATE change SET kind = 'x'",
    "UPDATE change SET segment_before = '[]'",
    "UPDATE change SET segment_after = '{'",
    f"UPDATE change SET segment_after = '{'[' * 100_000}'",
    "UPDATE change SET changed_at = 9000000000000000000",
    "UPDATE change SET reason = CAST(x'ff' AS TEXT)",
    "UPDATE change SET joined = 7",
    "UPDATE change_accounts SET joined = x'00'",
    "UPDATE change_accounts SET checksum = 1",
    "DELETE FROM change_accounts",
]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda text: text[:60])
def test_damage_is_reported(changed: Segments, damage: str) -> None:
    with closing(sqlite3.connect(changed.store)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = on")
        connection.execute(damage)
    codes = [changed("change", "2", "-o", "json").code]
    for arguments in (["history", "-o", "json"], ["history", "--account", "2"], ["list", "--at", "-0m"]):
        done = changed(*arguments)
        assert done.code in (0, 3, 7), done.stderr
        assert "bug" not in done.stderr
        codes.append(done.code)
    assert 7 in codes


def test_the_reason_is_data_and_bounded(segments: Segments) -> None:
    segments.ok("add", "A", "--reason", "\x1b[31m\nred")
    segments.ok("add", "B", SEGMENTS_REASON="from the variable")
    segments.ok("add", "C", "--reason", "of the option", SEGMENTS_REASON="from the variable")
    segments.ok("add", "D", "--reason", "é" * 512)
    items = segments.ok("history", "-o", "json").json["items"]
    assert [item["reason"] for item in items] == [
        "é" * 512,
        "of the option",
        "from the variable",
        "\x1b[31m\nred",
    ]
    assert "\x1b[31m" not in segments.shown("history", columns=200).stdout
    done = segments("add", "E", "--reason", "x" * 1025)
    assert done.code == 2
    assert "--reason has 1,025 bytes: expected at most 1,024" in done.stderr
    assert "SEGMENTS_REASON has" in segments("add", "E", SEGMENTS_REASON="x" * 1025).stderr
    assert segments("get", "E").code == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["update", "VIP", "--name", "x"],
        ["edit", "VIP"],
        ["delete", "VIP", "--yes"],
        ["accounts", "add", "VIP", "7"],
        ["accounts", "remove", "VIP", "1001"],
        ["accounts", "set", "VIP", "--from", "none", "--allow-empty", "--yes"],
        ["accounts", "split", "VIP", "VIP=50%", "B=rest", "--create", "--yes"],
        ["undo", "--yes"],
    ],
    ids=" ".join,
)
def test_every_command_that_writes_takes_a_reason(vip: Segments, arguments: list[str]) -> None:
    vip.ok("update", "VIP", "--description", "new")
    editor = vip.home / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/^name:.*/name: Edited/' \"$1\"\n")
    editor.chmod(0o700)
    vip.env["VISUAL"] = str(editor)
    if arguments[0] == "edit":
        assert vip.shown(*arguments, "--reason", "because").code == 0
    else:
        vip.ok(*arguments, "--reason", "because")
    change = vip.ok("history", "--limit", "1", "-o", "json").json["items"][0]
    assert change["reason"] == "because"
    assert change["command"] == f"segments {' '.join(arguments)} --reason because"


MASKED = {
    ("get", "a b", "it's"): "segments get 'a b' 'it'\"'\"'s'",
    ("--backend", "postgresql://me:s3cret@db/x"): "segments --backend 'postgresql://me:***@db/x'",
    ("--backend=postgresql://me:p@ss@db",): "segments '--backend=postgresql://me:***@db'",
    ("postgresql://db/x?user=a&password=b&sslmode=c",): (
        "segments 'postgresql://db/x?user=a&password=***&sslmode=c'"
    ),
    ("email:jane.doe@shop.example.com",): "segments 'email:***'",
    ("add", "--by", "email", "o'hara@localhost", "5"): "segments add --by email '***' 5",
    ("EMAIL:o'hara@localhost",): "segments 'email:***'",
    ("email:o'hara@localhost", "x"): "segments 'email:***' x",
    ("--name", "mail to jane@example.com, joe@example.org"): (
        "segments --name 'mail to j***@example.com, j***@example.org'"
    ),
    ("--name=jane@example.com", "o'hara@example.com", "<jane@example.com>"): (
        "segments '--name=j***@example.com' 'o'\"'\"'h***@example.com' '<j***@example.com>'"
    ),
    ("--reason", "asked by 'jane@example.com', see https://me@wiki.example.com/x"): (
        "segments --reason 'asked by '\"'\"'j***@example.com'\"'\"', see https://me@wiki.example.com/x'"
    ),
    ("http://h/?mail=jane@example.com&api_key=b#token=c",): (
        "segments 'http://h/?mail=j***@example.com&api_key=***#token=***'"
    ),
    ("VIP@-7d", "code:a@b"): "segments VIP@-7d code:a@b",
}


@pytest.mark.parametrize("words", MASKED, ids=str)
def test_secrets_and_addresses_are_masked(words: tuple[str, ...]) -> None:
    assert command_text(words) == MASKED[words]


def test_a_long_command_is_cut(segments: Segments) -> None:
    segments.ok("add", "VIP")
    segments.ok("accounts", "add", "VIP", *map(str, range(1, 3000)))
    command = segments.ok("history", "--limit", "1", "-o", "json").json["items"][0]["command"]
    assert command.startswith("segments accounts add VIP 1 2 3")
    assert command.endswith("…")
    assert len(command.encode()) == 1024
    assert len((command_text(["é" * 3000]) or "").encode()) <= 1024
    assert command_text([]) is None


def test_a_request_is_recorded_with_its_operation_and_client(tmp_path: Path) -> None:
    with served(tmp_path, "--client-id", "shop") as server:
        headers = server.fetch_headers()
        url = f"{server.url}{SEGMENTS}"
        requests.post(url, json={"code": "VIP"}, headers=headers, timeout=10).raise_for_status()
        requests.post(f"{url}/1/accounts", json=[1, 2], headers=headers, timeout=10).raise_for_status()
        requests.delete(f"{url}/1/accounts/2", headers=headers, timeout=10).raise_for_status()
        requests.put(f"{url}/1", json={"code": "GOLD"}, headers=headers, timeout=10).raise_for_status()
        requests.delete(f"{url}/1", headers=headers, timeout=10).raise_for_status()
        client = Segments(tmp_path / "client")
        (tmp_path / "client").mkdir()
        client.env |= server.environ
        client.ok("add", "A")
    lines = Segments(tmp_path).ok("history", "-o", "jsonl").lines
    assert [(item["by"], item["command"]) for item in map(json.loads, reversed(lines))] == [
        ("shop", "AddSegment"),
        ("shop", "AddSegmentAccounts"),
        ("shop", "RemoveSegmentAccount"),
        ("shop", "UpdateSegment"),
        ("shop", "DeleteSegment"),
        ("shop", "AddSegment"),
    ]
