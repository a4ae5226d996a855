"""Any text is stored unchanged or rejected, on any backend."""

import pytest

from segcli.backends.base import Backend
from segcli.errors import NotFoundError, UsageError
from segcli.model import SegmentDraft, SegmentRef
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.contract.helpers import INVALID, add, summary_of

NASTY = {
    "markup": "[bold]x[/bold] [red] [/]",
    "white space": " tab\t newline\n return\r ",
    "line ends": "a\r\nb\u2028c\u0085d\x0b\x0c",
    "escapes": "\x1b[31mred\x1b]0;title\x07 \x9b31m",
    "quotes": "'\"`$(x);--\\",
    "JSON": '{"code": "\\u0041\\n"}',
    "emoji": "👩‍👩‍👧 🇩🇪 é e\u0301",
    "direction": "\u202eabc\u2066",
    "NUL": "a\x00b",
    "no characters": "\ufffe\uffff\U0010ffff\ufeff",
    "SQL": "'); DROP TABLE segment; --",
    "wildcards": "%_*?",
    "URL": "%2525&a=b+c#d?e;f/../g",
    "long": "x" * 100_000,
    "long and wide": "重🎉" * 50_000,
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_any_text_is_stored_unchanged(backend: Backend, text: str) -> None:
    add(backend, "other")
    segment = backend.add_segment(SegmentDraft("VIP" + text[:200], text, text))
    assert segment[1:4] == ("VIP" + text[:200], text, text)
    assert backend.get_segment(segment.id) == segment
    assert backend.find_segment(SegmentRef(code=segment.code)) == segment
    assert backend.update_segment(segment.id, SegmentDraft("VIP", text, text))[2:4] == (text, text)


@pytest.mark.parametrize("text", [text[:200] for text in NASTY.values()], ids=NASTY)
def test_a_filter_finds_any_text(backend: Backend, text: str) -> None:
    add(backend, "other")
    segment = backend.add_segment(SegmentDraft("VIP", text))
    quoted = text.replace("'", "''")
    for operator in ("eq", "cont", "sw"):
        assert backend.get_segments(parse_query(filter=f"name {operator} '{quoted}'")).items == (segment,)


# The last one is an emoji as two surrogates: JSON would join them, so it would not be unchanged.
HALVES = {"first": "a\ud800", "second": "\udcff", "both": "\ud83d\ude00"}
DRAFTS = {
    "code": lambda half: SegmentDraft(half),
    "name": lambda half: SegmentDraft("NEW", half),
    "description": lambda half: SegmentDraft("NEW", None, half),
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
@pytest.mark.parametrize("member", DRAFTS)
def test_a_lone_surrogate_is_rejected(backend: Backend, member: str, half: str) -> None:
    (vip,) = add(backend, "VIP")
    draft = DRAFTS[member](half)
    with pytest.raises(UsageError) as caught:
        backend.add_segment(draft)
    assert summary_of(caught.value) == INVALID
    with pytest.raises(UsageError) as caught:
        backend.update_segment(vip.id, draft)
    assert summary_of(caught.value) == INVALID
    assert backend.get_segments(SegmentQuery()).items == (vip,)


def test_no_code_contains_a_lone_surrogate(backend: Backend) -> None:
    add(backend, "VIP")
    with pytest.raises((NotFoundError, UsageError)):
        backend.find_segment(SegmentRef(code="\ud800"))


def test_a_filter_with_a_lone_surrogate_is_rejected(backend: Backend) -> None:
    with pytest.raises(UsageError):
        backend.get_segments(parse_query(filter="name eq '\ud800'"))
