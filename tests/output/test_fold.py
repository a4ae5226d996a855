"""Folding: lines fit, no text is lost, accents and joined emoji stay together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.output.fold import cut, fold
from segcli.text import clusters, display_width

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1e9\U0001f1ea"
THUMB = "\U0001f44d\U0001f3fd"
HEART = "\u2764\ufe0f"
HANGUL = "\u1112\u1161\u11ab"  # one syllable, decomposed


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("short", 5, ["short"]),
        ("two words", 5, ["two", "words"]),
        ("a bc def", 4, ["a bc", "def"]),
        ("a  b", 4, ["a  b"]),
        ("abcd  ef", 4, ["abcd", "ef"]),
        ("ab    cd", 4, ["ab", "cd"]),
        ("  ab", 4, ["  ab"]),
        ("  abcd", 4, ["abcd"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("a bcdefgh i", 3, ["a", "bcd", "efg", "h i"]),
        ("abcdef gh", 3, ["abc", "def", "gh"]),
        ("a\u00a0b c", 3, ["a\u00a0b", "c"]),
        ("      ", 3, [""]),
        ("重要なお", 4, ["重要", "なお"]),
        ("重要なお", 5, ["重要", "なお"]),
        ("重要", 1, ["重", "要"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        (FAMILY + FAMILY, 2, [FAMILY, FAMILY]),
        (THUMB + HEART, 3, [THUMB, HEART]),
        (HANGUL * 2, 2, [HANGUL, HANGUL]),
    ],
)
def test_examples(text: str, width: int, lines: list[str]) -> None:
    assert fold(text, width) == lines


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("\u0301", 0),
        ("\u200b", 0),
        ("重", 2),
        ("ｶ", 1),
        ("👑", 2),
        (FAMILY, 2),
        (FLAG, 2),
        (THUMB, 2),
        (HEART, 2),
        ("\u2764", 1),
        (HANGUL, 2),
    ],
)
def test_widths(text: str, columns: int) -> None:
    assert display_width(text) == columns


texts = st.text(st.sampled_from("ab  重👑e\u0301\u200d\ufe0f\U0001f3fd"), max_size=60)


@given(texts, st.integers(2, 12))
def test_lines_fit_and_only_spaces_are_lost(text: str, width: int) -> None:
    lines = fold(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(texts, st.integers(2, 12))
def test_no_character_is_separated_from_its_marks(text: str, width: int) -> None:
    word = text.replace(" ", "")
    lines = fold(word, width)
    assert [cluster for line in lines for cluster, _ in clusters(line)] == [
        cluster for cluster, _ in clusters(word)
    ]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("", 5, ""),
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("重要なお", 8, "重要なお"),
        ("重要なお", 7, "重要な…"),
        ("重要なお", 6, "重要…"),
        ("ab", 1, "…"),
        (FAMILY * 2, 3, f"{FAMILY}…"),
        ("e\u0301" * 3, 2, "e\u0301…"),
    ],
)
def test_cut_examples(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


@given(st.text(), st.integers(1, 30))
def test_cut_text_fits(text: str, width: int) -> None:
    shown = cut(text, width)
    assert display_width(shown) <= width
    assert text.startswith(shown.removesuffix("…")) or shown == text
