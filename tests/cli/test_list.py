"""segments list"""

import csv
import io
import json

import pytest
import yaml

from tests.support.command import Segments

CODES = [f"S{n:04}" for n in range(1, 451)]


def test_a_page_has_twenty_segments(pages: Segments) -> None:
    page = pages.ok("list", "-o", "json").json
    assert [item["code"] for item in page.pop("items")] == CODES[:20]
    assert page == {"startIndex": 0, "pageSize": 20, "pageCount": 23, "totalCount": 450}


def test_the_size_and_start_of_a_page_can_be_set(pages: Segments) -> None:
    page = pages.ok("list", "--start-index", "400", "--page-size", "200", "-o", "json").json
    assert [item["code"] for item in page.pop("items")] == CODES[400:]
    assert page == {"startIndex": 400, "pageSize": 200, "pageCount": 3, "totalCount": 450}


def test_a_page_beyond_the_end_is_empty(pages: Segments) -> None:
    page = pages.ok("list", "--start-index", "450", "-o", "json").json
    assert (page["totalCount"], page["items"]) == (450, [])


def test_all_as_json_is_one_document_over_every_page(pages: Segments) -> None:
    document = pages.ok("list", "--all", "-o", "json").json
    assert [item["code"] for item in document["items"]] == CODES
    assert (document["startIndex"], document["totalCount"], document["pageCount"]) == (0, 450, 1)


def test_all_on_a_terminal_is_one_document_too(pages: Segments) -> None:
    document = json.loads(pages.shown("list", "--all", "-o", "json").stdout)
    assert [item["code"] for item in document["items"]] == CODES


@pytest.mark.parametrize("format", ["code", "tsv", "csv", "jsonl", "yaml", "table"])
def test_all_shows_every_segment_once(pages: Segments, format: str) -> None:
    text = pages.ok("list", "--all", "-o", format).stdout
    assert [text.count(code) for code in CODES] == [1] * 450


def test_all_begins_at_the_start_index(pages: Segments) -> None:
    assert pages.ok("list", "--all", "--start-index", "445", "-o", "code").lines == CODES[445:]


def test_a_limit_may_exceed_a_page(pages: Segments) -> None:
    assert pages.ok("list", "--limit", "205", "-o", "code").lines == CODES[:205]


def test_a_limit_bounds_all(pages: Segments) -> None:
    assert pages.ok("list", "--all", "--limit", "3", "-o", "code").lines == CODES[:3]


def test_a_limit_beyond_the_end_shows_all(pages: Segments) -> None:
    assert pages.ok("list", "--limit", "1000", "-o", "code").lines == CODES


def test_a_query_sees_the_whole_set(pages: Segments) -> None:
    assert pages.ok("list", "--all", "--query", "length(items)", "-o", "json").json == 450
    assert pages.ok("list", "--all", "--query", "items[-1].code", "-o", "json").json == "S0450"


def test_a_query_without_all_sees_the_page(pages: Segments) -> None:
    assert pages.ok("list", "--query", "length(items)", "-o", "json").json == 20


def test_a_query_applies_to_any_format(pages: Segments) -> None:
    query = "items[:2].{called: name, code: code}"
    rows = list(csv.reader(io.StringIO(pages.ok("list", "--query", query, "-o", "csv").stdout)))
    assert rows == [["called", "code"], ["Segment 1", "S0001"], ["Segment 2", "S0002"]]


def test_a_note_says_that_not_all_are_shown(pages: Segments) -> None:
    note = pages.ok("list").stderr
    assert note.count("\n") == 1
    for word in ("20", "450", "--all"):
        assert word in note


@pytest.mark.parametrize(
    "arguments",
    [
        ["--all"],
        ["-q"],
        ["--limit", "450"],
        ["--start-index", "440"],
        ["--filter", "id le 5"],
    ],
)
def test_no_note_if_nothing_is_omitted(pages: Segments, arguments: list[str]) -> None:
    assert pages.ok("list", *arguments).stderr == ""


def test_a_filter_selects_segments(pages: Segments) -> None:
    done = pages.ok("list", "--filter", "code sw 's004' and name ne 'segment 41'", "-o", "json")
    assert [item["id"] for item in done.json["items"]] == [40, 42, 43, 44, 45, 46, 47, 48, 49]
    assert done.json["totalCount"] == 9


def test_a_filter_without_matches_is_not_an_error(pages: Segments) -> None:
    assert pages.ok("list", "--filter", "code eq 'nope'", "-o", "json").json["totalCount"] == 0


def test_all_segments_are_sorted_before_paging(pages: Segments) -> None:
    assert pages.ok("list", "--sort", "code desc", "-o", "code").lines == CODES[:-21:-1]


FIELDS = [
    ("tsv", "S0001\t1\n"),
    ("csv", "code,id\r\nS0001,1\r\n"),
    ("jsonl", '{"id":1,"code":"S0001"}\n'),
    ("id", "1\n"),
    ("code", "S0001\n"),
    ("table", "code   id\nS0001   1\n"),
]


@pytest.mark.parametrize(("format", "expected"), FIELDS)
def test_fields_choose_what_is_shown(pages: Segments, format: str, expected: str) -> None:
    done = pages.raw("list", "--page-size", "1", "--fields", "code,id", "-o", format)
    assert (
        "".join(f"{line.rstrip(' ')}" for line in done.stdout.decode().splitlines(keepends=True)) == expected
    )


def test_fields_keep_the_collection_around_json_and_yaml(pages: Segments) -> None:
    expected = {
        "startIndex": 0, "pageSize": 1, "pageCount": 450, "totalCount": 450,
        "items": [{"id": 1, "code": "S0001"}],
    }  # fmt: skip
    arguments = ("list", "--page-size", "1", "--fields", "id,code", "-o")
    assert pages.ok(*arguments, "json").json == expected
    assert yaml.safe_load(pages.ok(*arguments, "yaml").stdout) == expected


def test_fields_may_name_the_collection(pages: Segments) -> None:
    done = pages.ok("list", "--page-size", "1", "--fields", "items(code),totalCount", "-o", "json")
    assert done.json == {"totalCount": 450, "items": [{"code": "S0001"}]}


def test_the_second_column_in_a_pipe_is_the_code(pages: Segments) -> None:
    rows = [line.split("\t") for line in pages.ok("list").lines]
    assert [row[1] for row in rows] == CODES[:20]
    assert {len(row) for row in rows} == {8}


BAD = [
    ["--start-index", "-1"],
    ["--page-size", "0"],
    ["--page-size", "201"],
    ["--page-size", "x"],
    ["--limit", "0"],
    ["--filter", "nope eq 1"],
    ["--sort", "nope"],
    ["--fields", "id("],
    ["--query", "items["],
]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_an_invalid_value_is_a_usage_error(pages: Segments, arguments: list[str]) -> None:
    done = pages("list", *arguments)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
