"""`segments overlap`: pairs, findings, the heat map on a terminal and as a picture."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from segcli.model import SegmentDraft
from segcli.text import UNSAFE, visible
from tests.support.command import Segments
from tests.support.names import NASTY
from tests.support.pictures import OVERLAP, SHOP, draw_overlap
from tests.support.serving import served
from tests.support.stores import fill, fill_accounts, numbered
from tests.support.tenant_server import TenantServer

ACCOUNTS = {
    "BIG": range(1, 101),
    "PART": range(1, 51),
    "TINY": range(1, 11),
    "SAME": range(1, 51),
    "EMPTY": range(0),
    "OTHER": range(500, 511),
    "CROSS": range(91, 111),
}
FINDINGS = [
    {"kind": "equal", "segments": ["PART", "SAME"]},
    {"kind": "contained", "segments": ["TINY", "PART"]},
    {"kind": "contained", "segments": ["PART", "BIG"]},
    {"kind": "empty", "segments": ["EMPTY"]},
    {"kind": "disjoint", "segments": ["OTHER"]},
]


def stock(segments: Segments) -> Segments:
    for code, accounts in ACCOUNTS.items():
        segments.ok("add", code)
        if accounts:
            segments.ok("accounts", "add", code, *map(str, accounts))
    return segments


@pytest.fixture(params=["store", "tenant", "serve"])
def stocked(request: pytest.FixtureRequest, segments: Segments, tenant: TenantServer) -> Iterator[Segments]:
    """The segments on each kind of backend."""
    if request.param == "serve":
        with served(segments.home) as server:
            segments.env |= server.environ
            yield stock(segments)
        return
    if request.param == "tenant":
        segments.env |= tenant.environ
    yield stock(segments)


@pytest.fixture
def store(segments: Segments) -> Segments:
    fill(segments, map(SegmentDraft, ACCOUNTS))
    for segment_id, accounts in enumerate(ACCOUNTS.values(), 1):
        if accounts:
            fill_accounts(segments, segment_id, accounts)
    return segments


def pair(a: str, b: str) -> dict[str, Any]:
    """What Python's sets say about a pair."""
    left, right = set(ACCOUNTS[a]), set(ACCOUNTS[b])
    either = len(left | right)
    return {
        "a": a,
        "b": b,
        "both": len(left & right),
        "onlyA": len(left - right),
        "onlyB": len(right - left),
        "jaccard": round(len(left & right) / either, 6) if either else None,
    }


def test_every_pair_and_finding_on_every_backend(stocked: Segments) -> None:
    found = stocked.ok("overlap", "-o", "json").json
    codes = list(ACCOUNTS)
    pairs = [pair(a, b) for place, a in enumerate(codes) for b in codes[place + 1 :]]
    assert sorted(found["items"], key=str) == sorted(pairs, key=str)
    assert found["findings"] == FINDINGS


@pytest.mark.parametrize(
    ("measure", "first"),
    [("count", ("BIG", "PART")), ("share", ("BIG", "PART")), ("jaccard", ("PART", "SAME"))],
)
def test_the_most_overlapping_pair_is_first(store: Segments, measure: str, first: tuple[str, str]) -> None:
    items = store.ok("overlap", "--measure", measure, "-o", "json").json["items"]
    assert (items[0]["a"], items[0]["b"]) == first
    keys = {
        "count": lambda item: item["both"],
        "share": lambda item: item["both"] / (item["both"] + min(item["onlyA"], item["onlyB"]) or 1),
        "jaccard": lambda item: item["jaccard"],
    }
    ranks = list(map(keys[measure], items))
    assert ranks == sorted(ranks, reverse=True)


def test_segments_are_named_by_code_id_pattern_and_stdin(store: Segments) -> None:
    assert store.ok("overlap", "TINY", "id:1", "1").lines == ["TINY\tBIG\t10\t0\t90\t0.1"]
    assert (
        store.ok("overlap", "?????", "*IG").lines
        == [
            "CROSS\tBIG\t10\t10\t90\t0.090909",
            "EMPTY\tOTHER\t0\t0\t11\t0.0",
        ]
        or len(store.ok("overlap", "?????", "*IG").lines) == 6
    )
    assert store("overlap", "-", stdin="BIG\nTINY\n").lines == ["BIG\tTINY\t10\t90\t0\t0.1"]


def test_a_code_that_looks_like_a_pattern(store: Segments) -> None:
    store.ok("add", "B*")
    assert store.ok("overlap", "code:B*", "TINY", "-o", "csv").lines[1] == "B*,TINY,0,0,10,0.0"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["NOPE", "BIG"], 3, "there is no segment with code NOPE"),
        (["NOPE*"], 3, "no segment has a code that matches NOPE*"),
        (["--top", "0"], 2, "0"),
        (["--measure", "cosine"], 2, "cosine"),
        (["--svg", "."], 1, "cannot write .: Is a directory"),
    ],
)
def test_errors(store: Segments, words: list[str], code: int, message: str) -> None:
    done = store("overlap", *words)
    assert (done.code, done.stdout) == (code, "")
    assert message in done.stderr


def test_more_segments_than_can_be_compared_or_drawn(segments: Segments) -> None:
    fill(segments, numbered(1001))
    done = segments("overlap")
    assert (done.code, done.stdout) == (2, "")
    assert "at most 1,000" in done.stderr
    done = segments("overlap", "S000*", "S00*", "S01*", "--svg", str(segments.home / "x.svg"))
    assert (done.code, (segments.home / "x.svg").exists()) == (2, False)
    assert "at most 100" in done.stderr


def test_fewer_than_two_segments_have_no_pairs(segments: Segments) -> None:
    assert segments.ok("overlap", "-o", "json").json == {"items": [], "findings": []}
    segments.ok("add", "ONE")
    assert segments.ok("overlap", "-o", "json").json == {
        "items": [],
        "findings": [{"kind": "empty", "segments": ["ONE"]}],
    }
    assert "no results" in segments.shown("overlap").stdout


def test_top_limits_the_pairs(store: Segments) -> None:
    every = store.ok("overlap", "-o", "jsonl").lines
    assert store.ok("overlap", "--top", "3", "-o", "jsonl").lines == every[:3]
    shown = store.shown("overlap", "--top", "1", NO_COLOR="1").stdout.splitlines()
    assert [line.split()[:2] for line in shown] == [["a", "b"], ["BIG", "PART"]]


def test_the_heat_map_is_readable_without_color(store: Segments) -> None:
    text = store.shown("overlap", "BIG", "TINY", "CROSS", NO_COLOR="1").stdout
    assert text.splitlines() == [
        "      accounts   BIG  TINY CROSS",
        "BIG        100     -   10%   10%",
        "TINY        10  100%     -    0%",
        "CROSS       20   50%    0%     -",
        "share: part of the row's accounts that are also in the column",
        "contained: TINY in BIG",
    ]
    colored = store.shown("overlap", "BIG", "TINY", "CROSS").stdout
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == text


def test_columns_are_numbered_if_their_codes_do_not_fit(store: Segments) -> None:
    lines = store.shown("overlap", columns=52, NO_COLOR="1").stdout.splitlines()
    assert lines[0].split() == ["size", *map(str, range(1, 8))]
    assert lines[1].split() == ["1", "BIG", "100", "-", "50%", "10%", "50%", "0%", "0%", "10%"]
    assert lines[5].split() == ["5", "EMPTY", "0", "-", "-", "-", "-", "-", "-", "-"]
    assert max(map(len, lines[:8])) <= 52


@pytest.mark.parametrize(("count", "drawn"), [(12, True), (14, False)])
def test_twelve_segments_fit_into_80_columns(segments: Segments, count: int, drawn: bool) -> None:
    fill(segments, (SegmentDraft(f"A-LONG-CODE-{number}") for number in range(count)))
    for segment_id in range(1, count + 1):
        fill_accounts(segments, segment_id, range(segment_id, 12_345_678, 7919))
    lines = segments.shown("overlap", NO_COLOR="1").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert ("size" in lines[0]) == drawn
    if not drawn:
        assert any("the 20 most overlapping of 91 pairs" in line for line in lines)
        assert sum(line.count("A-LONG-CODE") == 2 for line in lines) >= 20


def test_damaged_names_are_shown_safely(segments: Segments) -> None:
    names = list(NASTY.values())
    fill(segments, map(SegmentDraft, names))
    for segment_id in range(1, len(names) + 1):
        fill_accounts(segments, segment_id, [1, segment_id + 1])
    path = segments.home / "x.svg"
    for start in range(0, len(names), 10):
        ids = [f"id:{number}" for number in range(start + 1, min(start + 11, len(names) + 1))]
        text = segments.shown("overlap", *ids, NO_COLOR="1").stdout
        assert "size" in text
        assert re.search(UNSAFE, text.replace("\n", "")) is None
        assert all(visible(name)[:8] in text for name in names[start : start + 10] if name.isascii())
    segments.ok("overlap", "--svg", str(path), "-q")
    root = ElementTree.fromstring(path.read_text())
    drawn = {"".join(element.itertext()) for element in root.iter() if element.tag.endswith("}text")}
    assert {visible(name) for name in names} <= drawn
    assert {element.tag.partition("}")[2] for element in root.iter()} == {"svg", "title", "rect", "text", "g"}


def test_characters_that_xml_cannot_contain(segments: Segments) -> None:
    fill(segments, map(SegmentDraft, ["</text><script>alert(1)</script>", "a\ufffeb\uffff", "x" * 255]))
    path = segments.home / "x.svg"
    path.write_text("old")
    segments.ok("overlap", "--svg", str(path))
    texts = "".join(ElementTree.fromstring(path.read_text()).itertext())
    assert "</text><script>" in texts
    assert "a\\ufffeb\\uffff" in texts
    assert "<script" not in path.read_text()
    assert max(map(len, re.findall("x+", texts))) == 255  # in full where the mouse points


def test_the_picture_of_readme_is_what_the_command_draws(segments: Segments) -> None:
    path = segments.home / "overlap.svg"
    draw_overlap(segments, path)
    assert path.read_bytes() == OVERLAP.read_bytes(), "run: python -m tests.support.pictures"
    readme = Path(OVERLAP.parents[2] / "README.md").read_text()
    assert str(OVERLAP.relative_to(OVERLAP.parents[2])) in readme
    kinds = {each["kind"]: each["segments"] for each in segments.ok("overlap", "-o", "json").json["findings"]}
    assert kinds["equal"] == ["BLACK-FRIDAY", "CYBER-WEEK"]
    assert kinds["disjoint"] == ["STAFF"]
    assert len(SHOP) == 6


def test_the_requests_to_a_tenant(segments: Segments, tenant: TenantServer) -> None:
    segments.env |= tenant.environ
    stock(segments)
    for words, lookups in ((["BIG", "TINY"], 2), (["BIG", "TINY", "OTHER"], 3), ([], 1), (["*"], 1)):
        before = len(tenant.requests)
        segments.ok("overlap", *words)
        paths = [request.path.rpartition("/")[2] for request in tenant.requests[before:]]
        assert (paths.count("segments"), paths.count("accounts"), len(paths)) == (lookups, 1, lookups + 1)
