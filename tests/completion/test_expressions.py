"""Completion inside a set expression: what `segments completion values` offers after each beginning."""

import pytest

from segcli.completion.expressions import _Typed
from segcli.expressions.assertions import parse_assertion
from segcli.expressions.parse import parse
from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.stores import fill

CODES = ["VIP", "STAFF", "SPRING-26", "VIP club", "2026", 'say "hi"', "and", "x*y", "bell\x07"]
WORDS = ["all", "file:", "none", "not "]
OPERATORS = ["and ", "minus ", "or ", "xor "]
COMPARISONS = ["!=", "<", "<=", "==", ">", ">="]
WRITTEN = ["VIP", "STAFF", "SPRING-26", '"VIP club"', 'code:"2026"', '"say ""hi"""', '"and"', '"x*y"']


@pytest.fixture
def shop(segments: Segments, monkeypatch: pytest.MonkeyPatch) -> Segments:
    fill(segments, map(SegmentDraft, CODES))
    folder = segments.home / "lists"
    folder.mkdir()
    for name in ("buyers.csv", "my list.csv", ".hidden"):
        (folder / name).touch()
    monkeypatch.chdir(segments.home)
    return segments


def offered(segments: Segments, typed: str, kind: str = "expressions") -> list[str]:
    done = segments("completion", "values", kind, "--", typed)
    assert (done.code, done.stderr) == (0, "")
    return done.lines


@pytest.mark.parametrize(
    ("typed", "base", "endings"),
    [
        ("", "", sorted([*WRITTEN, *WORDS])),
        ("STAFF and ", "STAFF and ", sorted([*WRITTEN, *WORDS])),
        ("not (", "not (", sorted([*WRITTEN, *WORDS])),
        ("STAFF&VI", "STAFF&", ["VIP"]),
        ("STA", "", ["STAFF"]),
        ("STAFF ", "STAFF ", OPERATORS),
        ("STAFF m", "STAFF ", ["minus (", "minus "]),
        ('"VIP', "", ['"VIP club"', '"VIP"']),
        ("'VIP c", "", ["'VIP club'"]),
        ('"say ""h', "", ['"say ""hi"""']),
        ('"VIP club"', '"VIP club" ', OPERATORS),
        ("(STAFF", "", ["(STAFF ", "(STAFF)"]),
        ("(STAFF ", "(STAFF ", [*OPERATORS, ")"]),
        ("(STAFF)", "(STAFF) ", OPERATORS),
        ("code:VIP", "", ["code:VIP", "code:VIP club"]),
        ('code:"20', "", ['code:"2026"']),
        ("file:li", "", ["file:lists/buyers.csv", 'file:"lists/my list.csv"']),
        ("VIP or file:lists/b", "VIP or ", ["file:lists/buyers.csv"]),
        ('file:"lists/my', "", ['file:"lists/my list.csv"']),
        ("no", "", ["none", "not "]),
        ("not", "", ["not ", "not ("]),
        ("NOPE", "", []),
    ],
)
def test_expressions(shop: Segments, typed: str, base: str, endings: list[str]) -> None:
    expected = [base + ending for ending in endings if (base + ending).startswith(typed)]
    assert offered(shop, typed) == sorted(expected)


@pytest.mark.parametrize(
    ("typed", "base", "endings"),
    [
        ("STA", "STAFF ", COMPARISONS),
        ("STAFF ", "STAFF ", [*OPERATORS, *COMPARISONS]),
        ("STAFF or VI", "STAFF or VIP ", COMPARISONS),
        ("STAFF == ", "", []),
        ("STAFF == 5", "", []),
        ("STAFF <= 5% ", "STAFF <= 5% ", ["of ", "of ("]),
        ("STAFF <= 5% of VI", "STAFF <= 5% of ", ["VIP"]),
        ("STAFF <= 5% of VIP ", "STAFF <= 5% of VIP ", OPERATORS),
        ("code:VI", "", []),
    ],
)
def test_assertions(shop: Segments, typed: str, base: str, endings: list[str]) -> None:
    assert offered(shop, typed, "assertions") == sorted(base + ending for ending in endings)


@pytest.mark.parametrize("typed", ["STAFF and ", "not (", "STAFF xor V", '"VIP', "code:", "file:lists/"])
def test_what_is_offered_can_be_parsed(shop: Segments, typed: str) -> None:
    for text in offered(shop, typed):
        if not text.endswith((" ", ":")):
            parse(text + ")" * (text.count("(") - text.count(")")))
    for text in offered(shop, "STA", "assertions"):
        parse_assertion(f"{text} 1")


@pytest.mark.parametrize(
    "typed", ["'", '"', "((((", ")", "&&", "@", "file:'", 'code:"', "\ud800", "= <", "x" * 9999]
)
def test_any_text_can_be_completed(typed: str) -> None:
    at = _Typed(typed)
    assert typed == at.base + at.token
