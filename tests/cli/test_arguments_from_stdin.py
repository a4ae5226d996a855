"""`-` as SEGMENT or ACCOUNT: one per line from stdin; and what -o code and -o id print can be read back."""

import json

import pytest

from segcli.inputs.words import MAX_LENGTH, MAX_LINES
from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.names import NASTY
from tests.support.stores import fill, members_of

CODES = [
    "GOLD", "1", "--yes", "-", "id:1", "code:1", "all", "NONE", "And", "xor", "minus", "or", "big spender",
    "VIP@2026", "SPRING-26", "a.b_c", "_x", "9a", "ünï", "a|b", "PROMO*", "C:\\x", "it's",
]  # fmt: skip
PLAIN = {"GOLD", "SPRING-26", "a.b_c", "ünï"}


@pytest.fixture
def coded(segments: Segments) -> Segments:
    fill(segments, map(SegmentDraft, CODES))
    return segments


def test_a_code_that_is_not_a_plain_word_gets_a_prefix(coded: Segments) -> None:
    lines = coded.ok("list", "--all", "-o", "code").lines
    assert lines == [code if code in PLAIN else f"code:{code}" for code in CODES]


def test_each_line_is_an_argument_for_the_same_segment(segments: Segments) -> None:
    texts = list(NASTY.values())
    fill(segments, map(SegmentDraft, texts))
    lines = segments.ok("list", "--all", "-o", "code").stdout.removesuffix("\n").split("\n")
    assert len(lines) == len(texts)
    shown = segments("get", "-", "-o", "json", stdin="\n".join(lines)).json
    assert [item["code"] for item in shown["items"]] == texts
    for line in (lines[1], lines[8], lines[10]):  # a code with spaces, a backslash, a control character
        assert segments.ok("get", line, "-o", "json").json["code"] == texts[lines.index(line)]


def test_a_code_that_starts_with_a_quote_is_not_taken_for_the_code_in_the_quotes(segments: Segments) -> None:
    fill(segments, map(SegmentDraft, ["q", '"q"', "'q'"]))
    for number, line in enumerate(segments.ok("list", "-o", "code").lines, 1):
        assert segments.ok("get", line, "-o", "id").lines == [str(number)]
        segments.ok("accounts", "add", line, str(number))
        assert segments.ok("accounts", "list", line).lines == [str(number)]


def test_codes_of_a_delete_report_and_of_a_query_are_arguments_too(coded: Segments) -> None:
    assert coded.ok("list", "--query", "items[1].code", "-o", "code").stdout == "code:1\n"
    assert coded.ok("delete", "code:1", "--yes", "-o", "code").stdout == "code:1\n"


def test_delete_does_not_take_a_code_of_digits_for_an_id(coded: Segments) -> None:
    codes = coded.ok("list", "--filter", "code eq '1'", "-o", "code").stdout
    assert coded("delete", "-", "--yes", stdin=codes).code == 0
    left = [item["code"] for item in coded.ok("list", "--all", "-o", "json").json["items"]]
    assert left == [code for code in CODES if code != "1"]


def test_get_from_stdin_is_a_collection_even_of_one(vip: Segments) -> None:
    shown = vip("get", "-", "-o", "json", stdin="\nVIP\r\n\n").json
    assert [item["code"] for item in shown["items"]] == ["VIP"]
    assert vip("get", "STAFF", "-", "-o", "id", stdin="VIP\n").lines == ["2", "1"]


def test_no_lines_are_no_segments(vip: Segments) -> None:
    assert vip("get", "-", "-o", "json").json == {"items": []}
    assert vip("delete", "-", "--yes").code == 0
    assert vip("accounts", "of", "-", "-o", "json").json == {"items": []}


def test_missing_segments_on_stdin(vip: Segments) -> None:
    done = vip("get", "-", "-o", "code", stdin="VIP\nNOPE\n")
    assert (done.code, done.lines) == (3, ["VIP"])
    assert "NOPE" in done.stderr


def test_accounts_of_stdin(vip: Segments) -> None:
    shown = vip("accounts", "of", "-", "--fields", "code", "-o", "json", stdin="1002\n").json
    assert shown == {"items": [{"accountId": 1002, "code": "VIP"}, {"accountId": 1002, "code": "STAFF"}]}


def test_accounts_add_and_remove_read_stdin(vip: Segments) -> None:
    assert vip("accounts", "add", "VIP", "-", stdin="5\n6\n").code == 0
    assert vip("accounts", "remove", "VIP", "-", stdin="1001\n1002\n").code == 0
    assert members_of(vip.store) == [5, 6]


@pytest.mark.parametrize(
    "arguments", [("update", "-", "--name", "x"), ("accounts", "list", "-"), ("accounts", "add", "-", "1")]
)
def test_one_segment_is_not_read_from_stdin(vip: Segments, arguments: tuple[str, ...]) -> None:
    done = vip(*arguments, stdin="VIP\n")
    assert (done.code, done.stdout) == (2, "")
    assert "code:-" in done.stderr


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (("-", "-"), "VIP\n"),
        (("-",), "x" * (MAX_LENGTH + 1)),
        (("-",), "x\n" * (MAX_LINES + 1)),
    ],
    ids=["twice", "a long line", "many lines"],
)
def test_stdin_has_limits(vip: Segments, words: tuple[str, ...], stdin: str) -> None:
    done = vip("get", *words, stdin=stdin)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")


def test_delete_from_stdin_needs_yes(vip: Segments) -> None:
    assert vip("delete", "-", stdin="VIP\n").code == 2
    assert json.loads(vip.ok("list", "-o", "json").stdout)["totalCount"] == 2
