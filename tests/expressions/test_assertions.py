"""Assertions: what they say, exactly, and the position of every mistake."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.errors import UsageError
from segcli.expressions.assertions import COMPARISONS, parse_assertion
from segcli.expressions.parse import parse

NUMBERS: dict[str, tuple[str, str, int]] = {
    "VIP and STAFF == 0": ("VIP and STAFF", "==", 0),
    "A!=1": ("A", "!=", 1),
    "A<1": ("A", "<", 1),
    "(A or B)<=1000000000000": ("(A or B)", "<=", 1_000_000_000_000),
    '"a > b">007': ('"a > b"', ">", 7),
    " id:12 >= 1 ": ("id:12", ">=", 1),
    "PROMO-*@-7d >= 1": ("PROMO-*@-7d", ">=", 1),
    "code:a == 1": ("code:a", "==", 1),
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_comparison_with_a_number_means(text: str) -> None:
    own, comparison, number = NUMBERS[text]
    assertion = parse_assertion(text)
    assert (assertion.expression.text, assertion.comparison, assertion.number) == (own, comparison, number)
    assert assertion.expression.root == parse(f"({own})").root
    assert assertion.expressions == (assertion.expression,)


def test_a_comparison_with_a_percentage_means() -> None:
    assertion = parse_assertion("A and not B <= 12.5% OF  B or A@-7d")
    assert str(assertion) == "A and not B <= 12.5% of B or A@-7d"
    assert [each.text for each in assertion.expressions] == ["A and not B", "B or A@-7d"]
    assert [str(each) for each in assertion.operands] == ["A", "B", "A@-7d"]
    assert [each.words for each in assertion.expressions] == [{"and", "not"}, {"or"}]
    right = assertion.expressions[1]
    assert [right.text[each.start : each.end] for each in right.keywords] == ["or"]
    assert parse_assertion("A == 5% of(B)").expressions[1].text == "(B)"
    assert parse_assertion("A == 5% of'B c'").expressions[1].root == parse("'B c'").root


BAD: dict[str, tuple[str, str, str | None]] = {
    "A": (" ^", "expected one of == != < <= > >=", None),
    "": ("^", "an operand is missing", None),
    "== 3": ("^", "an operand is missing before =", None),
    "A = 5": ("  ^", "expected one of == != < <= > >=", "write =="),
    "A => 5": ("  ^^", "expected one of == != < <= > >=", "write >="),
    "A =< 5": ("  ^^", "expected one of == != < <= > >=", "write <="),
    "A <> 5": ("  ^^", "expected one of == != < <= > >=", "write !="),
    "(A == 5": ("^", "unmatched (", None),
    "A B == 5": ("  ^", "an operator is missing after A", "in quotes"),
    "A ==": ("    ^", "expected a number such as 100, or a percentage such as 5% of VIP after ==", None),
    "A == B": ("     ^", "expected a number such as 100, or a percentage", None),
    "A == -1": ("     ^^", "expected a number such as 100", None),
    "A == 1,000": ("     ^^^^^", "expected a number such as 100", None),
    "A == 1_000": ("     ^^^^^", "expected a number such as 100", None),
    "A == 1.5": ("     ^^^", "expected a number such as 100", None),
    "A == ٣": ("     ^", "expected a number such as 100", None),
    "A == .5% of B": ("     ^^^", "expected a number such as 100", None),
    "A == 5.% of B": ("     ^^^", "expected a number such as 100", None),
    "A == (5)": ("     ^", "expected a number such as 100", None),
    "A == 5 accounts": ("       ^^^^^^^^", "expected the end after 5", None),
    "A == 5%": ("       ^", "expected 'of' and an expression after 5%", None),
    "A == 5% B": ("        ^", "expected 'of' and an expression after 5%", None),
    "A == 5% of": ("          ^", "an operand is missing", None),
    "A == 5% of B == 3": ("             ^", "unexpected '='", None),
    "A == 5% of (B": ("           ^", "unmatched (", None),
}


@pytest.mark.parametrize("text", BAD)
def test_a_mistake_is_marked(text: str) -> None:
    carets, message, hint = BAD[text]
    with pytest.raises(UsageError) as caught:
        parse_assertion(text)
    error = caught.value
    assert error.message.startswith(f"assertion, character {carets.index('^') + 1}: {message}")
    assert error.detail == (text, carets)
    assert hint is None or hint in (error.hint or "")


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.sampled_from(("==", "!=", "<", "<=", ">", ">=")))
def test_a_number_is_compared(accounts: int, number: int, comparison: str) -> None:
    for each in (accounts, number):
        holds = parse_assertion(f"A {comparison} {number}").holds(each)
        assert holds == COMPARISONS[comparison](each, number)


@given(
    st.integers(0, 2**31),
    st.integers(0, 2**31),
    st.decimals(0, 200, places=5, allow_nan=False),
    st.sampled_from(tuple(COMPARISONS)),
)
def test_a_percentage_is_compared_exactly(
    accounts: int, whole: int, percent: object, comparison: str
) -> None:
    holds = parse_assertion(f"A {comparison} {percent}% of B").holds(accounts, whole)
    assert holds == COMPARISONS[comparison](accounts, Fraction(str(percent)) * whole / 100)  # type: ignore[arg-type]  # compares fractions too


def test_no_rounding_decides() -> None:
    assert parse_assertion("A == 0.1% of B").holds(3, 3000)
    assert parse_assertion("A == 7% of B").holds(7, 100)
    assert not parse_assertion("A == 33.3333333333% of B").holds(1, 3)
    assert parse_assertion("A >= 100% of B").holds(2**31 - 1, 2**31 - 1)
    assert not parse_assertion("A > 0% of B").holds(0, 0)
