"""Patterns for codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.expressions.globs import matcher

MATCHES = {
    "PROMO-*": (("PROMO-", "PROMO-1", "PROMO-A B\nC"), ("PROMO", "promo-1", "XPROMO-1")),
    "*": (("", "A", "a\nb"), ()),
    "?": (("A", "é", "\n", "🎉"), ("", "AB")),
    "A?C*": (("ABC", "A?CD"), ("AC", "BABC")),
    "*-26": (("SPRING-26", "-26"), ("SPRING-26\n", "SPRING-260")),
    "a*b*c": (("abc", "aXbXbXc"), ("acb", "ab")),
    "[ab]*": (("[ab]", "[ab]x"), ("a", "b")),
    "a.*": (("a.", "a.b"), ("ab",)),
    "\\*+": (("\\+", "\\x+"), ("+",)),
    "STRA*": (("STRASSE",), ("straße",)),
}


@pytest.mark.parametrize("pattern", MATCHES)
def test_a_pattern_matches(pattern: str) -> None:
    matches = matcher(pattern)
    yes, no = MATCHES[pattern]
    assert [code for code in yes if not matches(code)] == []
    assert [code for code in no if matches(code)] == []


@given(parts=st.lists(st.text(), min_size=1), between=st.lists(st.text(), min_size=9))
def test_text_with_anything_between_matches(parts: list[str], between: list[str]) -> None:
    pattern = "*".join(part.replace("*", "?") for part in parts)
    text = parts[0] + "".join(a + b for a, b in zip(between * len(parts), parts[1:], strict=False))
    assert matcher(pattern)(text)


def test_many_stars_take_no_exponential_time() -> None:
    assert not matcher("*a" * 500 + "b")("a" * 5000)
