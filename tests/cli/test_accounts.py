"""segments accounts add, remove, list, of"""

from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.stores import fill, fill_accounts, members_of, numbered
from tests.support.tenant_server import serving

INVALID_IDS = ["0", "-1", "2147483648", "1e3", "x", "", "1.0", "٣", "9" * 5000]


def members(segments: Segments, ref: str = "VIP") -> list[str]:
    return segments.ok("accounts", "list", ref).lines


def assert_rate(rate: int, processed: int, seconds: float) -> None:
    """`rate` is processed / seconds, where both were rounded: to 1 and to 0.001."""
    assert processed / (seconds + 0.0005) - 0.5 <= rate <= processed / (seconds - 0.0005) + 0.5


def test_adding_reports_how_many_were_new(vip: Segments) -> None:
    done = vip.ok("accounts", "add", "VIP", "1003", "1002", "1003", "7", "-o", "json")
    report = done.json
    seconds, rate = report.pop("seconds"), report.pop("accountsPerSecond")
    assert seconds > 0
    assert_rate(rate, 3, seconds)
    assert report == {
        "id": 1, "code": "VIP", "requested": 4, "unique": 3, "added": 2, "alreadyMembers": 1,
        "invalid": 0, "failed": 0, "resumed": 0, "chunks": 1, "retries": 0,
    }  # fmt: skip
    assert members(vip) == ["7", "1001", "1002", "1003"]


def test_the_rate_counts_accounts_that_were_already_members(vip: Segments) -> None:
    path = vip.home / "ids.txt"
    path.write_text("".join(f"{n}\n" for n in range(1, 20_001)))
    arguments = ("accounts", "add", "VIP", "--file", str(path), "-o", "json")
    for unchanged in (2, 20_000):
        report = vip.ok(*arguments).json
        assert report["alreadyMembers"] == unchanged
        assert_rate(report["accountsPerSecond"], 20_000, report["seconds"])


@pytest.mark.parametrize("account", ["1", "2147483647"])
def test_the_smallest_and_the_largest_account_id_are_valid(vip: Segments, account: str) -> None:
    vip.ok("accounts", "add", "STAFF", account)
    assert account in members(vip, "STAFF")


BOUNDARIES = ["1", "2", "2147483646", "2147483647"]


@pytest.mark.parametrize("format", ["tsv", "json"])
def test_a_listing_contains_the_smallest_and_the_largest_account(vip: Segments, format: str) -> None:
    vip.ok("add", "EDGE")
    vip.ok("accounts", "add", "EDGE", *BOUNDARIES)
    listed = vip.ok("accounts", "list", "EDGE", "-o", format)
    assert (listed.lines if format == "tsv" else list(map(str, listed.json["items"]))) == BOUNDARIES
    assert vip.ok("accounts", "list", "EDGE", "-o", "json").json["totalCount"] == len(BOUNDARIES)


def test_a_listing_over_http_contains_the_smallest_and_the_largest_account(
    segments: Segments, tmp_path: Path
) -> None:
    with serving(tmp_path / "tenant.db") as server:
        segments.env |= server.environ
        segments.ok("add", "EDGE")
        segments.ok("accounts", "add", "EDGE", *BOUNDARIES)
        assert members(segments, "EDGE") == BOUNDARIES
        segments.ok("accounts", "add", "EDGE", *map(str, range(1, 451)))  # more than two pages
        assert members(segments, "EDGE") == [*map(str, range(1, 451)), *BOUNDARIES[2:]]


@pytest.mark.parametrize("account", INVALID_IDS)
@pytest.mark.parametrize("verb", ["add", "remove"])
def test_one_invalid_account_id_changes_nothing(vip: Segments, verb: str, account: str) -> None:
    done = vip("accounts", verb, "VIP", "--", "1001", "5", account)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: '{account}' is not a valid account id: expected 1 to 2147483647")
    assert members_of(vip.store) == [1001, 1002]


@pytest.mark.parametrize("arguments", [("add", "NOPE", "1"), ("remove", "NOPE", "1"), ("list", "NOPE")])
def test_an_unknown_segment_is_not_found(vip: Segments, arguments: tuple[str, ...]) -> None:
    done = vip("accounts", *arguments, "-o", "json")
    assert (done.code, done.stdout, done.error["code"]) == (3, "", "ITEM_NOT_FOUND")


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_accounts_are_required(vip: Segments, verb: str) -> None:
    assert vip("accounts", verb, "VIP").code == 2


def test_a_thousand_accounts_are_added_at_once(vip: Segments) -> None:
    ids = [str(n) for n in range(5000, 6000)]
    assert vip.ok("accounts", "add", "2", *reversed(ids), "--query", "added", "-o", "json").json == 1000
    assert members(vip, "STAFF") == ["1002", *ids]


def test_removing_counts_accounts_that_were_not_members(vip: Segments) -> None:
    done = vip.ok("accounts", "remove", "VIP", "1001", "5", "1001", "-o", "tsv")
    assert done.stdout.startswith("1\tVIP\t3\t2\t1\t1\t0\t0\t0\t1\t0\t")
    assert "5" in done.stderr
    assert members(vip) == ["1002"]


def test_removing_keeps_other_memberships(vip: Segments) -> None:
    vip.ok("accounts", "remove", "VIP", "1002")
    assert vip.ok("accounts", "of", "1002", "-o", "code").lines == ["STAFF"]


def test_removing_strictly_is_all_or_nothing(vip: Segments) -> None:
    done = vip("accounts", "remove", "VIP", "1001", "5", "--strict", "-o", "json")
    assert (done.code, done.stdout, done.error["code"]) == (4, "", "VALIDATION_CONFLICT")
    assert "5" in done.error["message"]
    assert members(vip) == ["1001", "1002"]


LISTS = {
    "json": '{"totalCount":2,"items":[1001,1002]}\n',
    "jsonl": "1001\n1002\n",
    "tsv": "1001\n1002\n",
    "id": "1001\n1002\n",
    "csv": "accountId\r\n1001\r\n1002\r\n",
    "yaml": "totalCount: 2\nitems:\n- 1001\n- 1002\n",
}


@pytest.mark.parametrize("format", LISTS)
def test_the_accounts_of_a_segment(vip: Segments, format: str) -> None:
    assert vip.raw("accounts", "list", "VIP", "-o", format).stdout.decode() == LISTS[format]


def test_the_accounts_of_a_segment_on_a_terminal(vip: Segments) -> None:
    lines = vip.shown("accounts", "list", "VIP", NO_COLOR="1").lines
    assert [line.strip() for line in lines] == ["accountId", "1001", "1002"]


def test_a_query_on_accounts_sees_them_all(vip: Segments) -> None:
    vip.ok("accounts", "add", "VIP", *map(str, range(1, 301)))
    assert vip.ok("accounts", "list", "VIP", "--query", "length(items)", "-o", "json").json == 302


def test_the_segments_of_one_account_are_a_collection(vip: Segments) -> None:
    document = vip.ok("accounts", "of", "1002", "-o", "json").json
    assert [item["code"] for item in document["items"]] == ["VIP", "STAFF"]
    assert (document["startIndex"], document["totalCount"]) == (0, 2)


def test_the_segments_of_several_accounts_are_a_list(vip: Segments) -> None:
    rows = vip.ok("accounts", "of", "1002", "1001", "--fields", "code", "-o", "tsv").lines
    assert rows == ["1002\tVIP", "1002\tSTAFF", "1001\tVIP"]


def test_an_account_in_no_segment_is_not_an_error(vip: Segments) -> None:
    done = vip.ok("accounts", "of", "5", "-o", "json")
    assert (done.json["totalCount"], done.json["items"]) == (0, [])


def test_of_several_accounts_those_in_no_segment_are_named(vip: Segments) -> None:
    done = vip.ok("accounts", "of", "1001", "5", "-o", "code")
    assert done.lines == ["VIP"]
    assert "5" in done.stderr


def test_the_segments_of_an_account_are_filtered_and_sorted(vip: Segments) -> None:
    assert vip.ok("accounts", "of", "1002", "--sort", "code", "-o", "code").lines == ["STAFF", "VIP"]
    assert vip.ok("accounts", "of", "1002", "--filter", "name ne null", "-o", "code").lines == ["VIP"]


def test_an_account_in_more_segments_than_a_page_holds(segments: Segments) -> None:
    fill(segments, numbered(205))
    for segment_id in range(1, 206):
        fill_accounts(segments, segment_id, [77])
    assert segments.ok("accounts", "of", "77", "-o", "id").lines == [str(n) for n in range(1, 206)]
