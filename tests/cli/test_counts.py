"""segments list --counts: how many accounts each segment has, in every format."""

import csv
import json
from pathlib import Path

import pytest
from jsonschema_rs import validator_for

from segcli.schemas import schema_of
from tests.support.command import Segments
from tests.support.stores import fill, fill_accounts, numbered

COUNTS = [("VIP", 2), ("STAFF", 1), ("EMPTY", 0)]


@pytest.fixture
def counted(vip: Segments) -> Segments:
    """VIP with two accounts, STAFF with one, EMPTY with none."""
    vip.ok("add", "EMPTY")
    return vip


def test_a_count_is_a_member_of_each_segment(counted: Segments) -> None:
    document = counted.ok("list", "--counts", "-o", "json").json
    assert [(item["code"], item["accounts"]) for item in document["items"]] == COUNTS
    assert document["totalCount"] == 3
    valid = validator_for(schema_of(["list"]) or False)
    assert valid.is_valid(document)
    assert valid.is_valid(counted.ok("list", "-o", "json").json)
    document["items"][0]["accounts"] = "2"
    assert not valid.is_valid(document)


def test_without_the_option_nothing_is_counted(counted: Segments) -> None:
    assert "accounts" not in counted.ok("list", "-o", "json").json["items"][0]
    assert "accounts" not in counted.ok("list", "-o", "csv").lines[0]


@pytest.mark.parametrize("pages", [[], ["--all"], ["--limit", "3"], ["--page-size", "3"]])
def test_a_count_is_the_last_column(counted: Segments, pages: list[str]) -> None:
    rows = list(csv.DictReader(counted.ok("list", "--counts", "-o", "csv", *pages).lines))
    assert [(row["code"], int(row["accounts"])) for row in rows] == COUNTS
    assert list(rows[0])[-1] == "accounts"
    assert [line.split("\t")[-1] for line in counted.ok("list", "--counts", *pages).lines] == ["2", "1", "0"]
    lines = counted.ok("list", "--counts", "-o", "jsonl", *pages).lines
    assert [json.loads(line)["accounts"] for line in lines] == [2, 1, 0]
    head, *rest = counted.ok("list", "--counts", "-o", "table", *pages).lines
    assert head.split()[-1] == "accounts"
    assert [line.split()[-1] for line in rest] == ["2", "1", "0"]


FIELDS = {
    "code": ["code", "accounts"],
    "accounts,code": ["accounts", "code"],
    "ACCOUNTS": ["accounts"],
    "createBy,accounts,code": ["createBy", "accounts", "code"],
    "-accounts,-auditInfo": ["id", "code", "name", "description"],
    "-auditInfo": ["id", "code", "name", "description", "accounts"],
    "totalCount,items(code)": ["code", "accounts"],
    "totalCount,items(accounts,id)": ["accounts", "id"],
}


@pytest.mark.parametrize("fields", FIELDS)
def test_fields_place_the_count(counted: Segments, fields: str) -> None:
    header = counted.ok("list", "--counts", f"--fields={fields}", "-o", "csv").lines[0]
    assert header.split(",") == FIELDS[fields]
    item = counted.ok("list", "--counts", f"--fields={fields}", "-o", "json").json["items"][0]
    assert ("accounts" in item) == ("accounts" in FIELDS[fields])


def test_a_collection_without_segments_counts_nothing(counted: Segments) -> None:
    line = ["list", "--counts", "--fields", "totalCount", "-o", "json", "-v"]
    done = counted.ok(*line)
    assert done.json == {"totalCount": 3}
    assert "membership_size" not in done.stderr
    assert "membership_size" in counted.ok("list", "--counts", "-v").stderr


def test_the_count_is_not_a_field_of_other_commands(counted: Segments) -> None:
    for line in ("get VIP --fields accounts", "accounts of 1002 --fields accounts", "list --fields accounts"):
        done = counted(*line.split())
        assert done.code == 2
        assert "unknown field 'accounts'" in done.stderr


def test_a_query_sees_the_counts(counted: Segments) -> None:
    line = ["list", "--counts", "--query", "items[?accounts > `0`].code", "-o", "json"]
    assert counted.ok(*line).json == ["VIP", "STAFF"]


def test_the_counts_of_many_segments_are_those_of_each(segments: Segments, tmp_path: Path) -> None:
    """More than one batch; those at the ends of a batch are not mixed up."""
    fill(segments, numbered(2_001))
    sizes = {1: 1, 999: 2, 1_000: 3, 1_001: 4, 2_000: 5, 2_001: 6}
    for segment_id, size in sizes.items():
        fill_accounts(segments, segment_id, range(1, size + 1))
    lines = segments.ok("list", "--all", "--counts", "--fields", "id", "-o", "tsv").lines
    assert lines == [f"{number}\t{sizes.get(number, 0)}" for number in range(1, 2_002)]
