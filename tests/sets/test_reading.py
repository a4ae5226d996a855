"""accounts list EXPRESSION, count and has."""

import subprocess
import sysconfig

import pytest

from segcli.model import SegmentDraft
from tests.support.bulk import write_ids
from tests.support.command import Segments
from tests.support.sets import KNOWN, SETS, fill_sets
from tests.support.stores import fill, fill_accounts

A, B = set(SETS["A"]), set(SETS["B"])


def listed(segments: Segments, *arguments: str) -> list[int]:
    return [int(line) for line in segments.ok("accounts", "list", *arguments).lines]


def test_an_expression_is_listed_in_ascending_order(anywhere: Segments) -> None:
    assert listed(anywhere, "A and not B") == sorted(A - B)
    assert listed(anywhere, "(A ^ B) minus C") == sorted(A ^ B)
    assert listed(anywhere, "all") == sorted(KNOWN)
    assert listed(anywhere, "none") == listed(anywhere, "C") == []


def test_a_file_is_an_operand(anywhere: Segments) -> None:
    path = write_ids(anywhere.home / "my list.txt", [1, 2, 3, 999])
    assert listed(anywhere, f"file:'{path}' minus A") == [2, 999]
    assert anywhere("accounts", "list", "file:- and A", stdin="3\n4\n").lines == ["3"]


def test_limit_and_after_are_a_page(anywhere: Segments) -> None:
    expected = sorted(A | B)
    for expression, accounts in (("A or B", expected), ("A", sorted(A))):
        page = anywhere.ok("accounts", "list", expression, "--limit", "3", "--after", "7", "-o", "json").json
        assert page == {"totalCount": len(accounts), "items": [each for each in accounts if each > 7][:3]}
    assert listed(anywhere, "A", "--after", "2147483647") == []
    pages: list[int] = []
    while page := listed(anywhere, "A or B", "--limit", "20", "--after", str(pages[-1] if pages else 0)):
        pages += page
    assert pages == expected


@pytest.mark.parametrize(
    "options",
    [
        ("--seed", "x"), ("--sample", "0"), ("--sample", "101%"), ("--sample", "x"), ("--sample=-1"),
        ("--limit", "0"), ("--after=-1",), ("--after", "2147483648"),
    ],
    ids=str,
)  # fmt: skip
def test_invalid_options(store: Segments, options: tuple[str, ...]) -> None:
    done = store("accounts", "list", "A", *([options] if isinstance(options, str) else options))
    assert (done.code, done.stdout) == (2, "")


def test_a_mistake_is_marked(anywhere: Segments) -> None:
    for verb in ("list", "count"):
        done = anywhere("accounts", verb, "A and and B")
        assert (done.code, done.stdout) == (2, "")
        assert "\n  A and and B\n        ^^^\n" in done.stderr


@pytest.mark.parametrize("expression", ["NOPE", "A and NOPE", "A or id:99", "NOPE-*"])
def test_an_unknown_segment_is_not_found(anywhere: Segments, expression: str) -> None:
    for verb in ("list", "count"):
        done = anywhere("accounts", verb, expression, "-o", "json")
        assert (done.code, done.stdout, done.error["code"]) == (3, "", "ITEM_NOT_FOUND")


def test_what_0_1_0_read_as_a_code(store: Segments) -> None:
    fill(store, map(SegmentDraft, ["all", "my code", "PROMO-*", "R&D", "x@y"]))
    for segment_id in range(4, 9):
        fill_accounts(store, segment_id, [segment_id])
    for text in ("all", "my code", "R&D", "x@y"):
        done = store("accounts", "list", text)
        assert (done.code in (2, 3), done.stdout) == (True, "")
    assert "'all' is a keyword and the code of a segment" in store("accounts", "list", "all").stderr
    assert "write 'code:my code'" in store("accounts", "list", "my code").stderr
    assert listed(store, '"all"') == listed(store, "code:all") == [4]
    assert listed(store, "code:my code") == listed(store, "'my code'") == [5]
    assert listed(store, "code:PROMO-*") == listed(store, "PROMO-*") == [6]
    assert listed(store, "code:R&D") == [7]
    assert listed(store, '"x@y"') == [8]
    assert store("accounts", "list", "ALL").code == 0


def test_counts_are_in_the_order_of_the_arguments(anywhere: Segments) -> None:
    done = anywhere.ok("accounts", "count", "A minus B", "C", "all", "A", "A", "-o", "tsv")
    numbers = [len(A - B), 0, len(KNOWN), len(A), len(A)]
    texts = ["A minus B", "C", "all", "A", "A"]
    assert done.lines == [f"{text}\t{number}" for text, number in zip(texts, numbers, strict=True)]


def test_nothing_is_counted_if_one_expression_is_wrong(store: Segments) -> None:
    assert [store("accounts", "count", "A", text).code for text in ("(", "NOPE")] == [2, 3]
    assert store("accounts", "count").code == 2


def test_has_says_which_accounts_are_members(anywhere: Segments) -> None:
    done = anywhere("accounts", "has", "A", "3", "2", "70000", "3", "-o", "json")
    assert (done.code, done.stderr) == (10, "")
    assert done.json["items"] == [
        {"accountId": 3, "member": True},
        {"accountId": 2, "member": False},
        {"accountId": 70000, "member": True},
    ]
    assert anywhere("accounts", "has", "A", "3", "2", "--query", "items[0].member", "-o", "json").code == 10
    assert anywhere("accounts", "has", "A", "2147483647", "70000").code == 0


def test_has_reads_accounts_from_stdin(anywhere: Segments) -> None:
    lines = "".join(f"{account}\n" for account in sorted(A))
    assert anywhere("accounts", "has", "A", "-", stdin=lines).code == 0
    done = anywhere("accounts", "has", "A", "-", "4", stdin=lines, SEGMENTS_OUTPUT="tsv")
    assert (done.code, done.lines[-1]) == (10, "4\tfalse")
    assert len(done.lines) == len(A) + 1


def test_for_has_errors_come_first(anywhere: Segments) -> None:
    assert anywhere("accounts", "has", "NOPE", "2").code == 3
    assert anywhere("accounts", "has", "A", "2", "x").code == 2
    assert anywhere("accounts", "has", "A").code == 2
    assert anywhere("accounts", "has", "A and B", "2").code == 3  # a SEGMENT: there is no such code
    assert anywhere("accounts", "has", "A", "2", "--query", "(").code == 2


def test_a_result_that_cannot_be_written_is_no_answer(store: Segments) -> None:
    line = ["bash", "-c", 'segments accounts has A 2 > /dev/full; echo "$?"']
    path = f"{sysconfig.get_path('scripts')}:{store.env['PATH']}"
    done = subprocess.run(line, env={**store.env, "PATH": path}, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


LARGE, LARGER = range(1, 100_001), range(1, 150_001)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """OLD with 100,000 accounts, and NEW with half as many more. Read only."""
    segments = Segments(tmp_path_factory.mktemp("home"))
    segments.store.parent.mkdir(parents=True)
    fill_sets(segments.store, {"OLD": LARGE, "NEW": LARGER})
    return segments


def test_a_sample_has_its_size_and_keeps_its_accounts_as_the_segment_grows(large: Segments) -> None:
    old, new = (set(listed(large, code, "--sample", "10%", "--seed", "s")) for code in ("OLD", "NEW"))
    assert 9_700 < len(old) < 10_300
    assert new & set(LARGE) == old
    assert old == set(listed(large, "OLD", "--sample", "10%", "--seed", "s"))
    other = set(listed(large, "OLD", "--sample", "10%", "--seed", "t"))
    assert 850 < len(old & other) < 1_150
    assert set(listed(large, "OLD and not none", "--sample", "10%")) != old
    smaller = set(listed(large, "OLD", "--sample", "5%", "--seed", "s"))
    assert smaller < old


def test_a_sample_of_a_number_is_paged_like_any_other_set(large: Segments) -> None:
    options = ("--sample", "1000", "-o", "json")
    whole = large.ok("accounts", "list", "NEW minus OLD", *options).json
    assert (whole["totalCount"], len(whole["items"]), whole["items"]) == (1000, 1000, sorted(whole["items"]))
    middle = whole["items"][400]
    page = large.ok(
        "accounts", "list", "NEW minus OLD", *options, "--after", str(middle), "--limit", "9"
    ).json
    assert page == {"totalCount": 1000, "items": whole["items"][401:410]}
