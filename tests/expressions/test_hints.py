"""Errors that depend on which segments exist."""

import shlex

import pytest

from segcli.errors import UsageError
from segcli.expressions.assertions import parse_assertion
from segcli.expressions.hints import ambiguous, as_code
from segcli.expressions.parse import parse
from segcli.model import SegmentRef

KEYWORDS = {
    "all": "ALL",
    "ALL": "all",
    "All": "all",
    "none": "NONE",
    "A and B": "&",
    "A Xor B": "^",
    "A OR B": "|",
    "A minus B": "MINUS",
    "not A": "NOT",
}


@pytest.mark.parametrize("text", KEYWORDS)
def test_a_keyword_that_is_a_code_is_an_error_with_both_spellings(text: str) -> None:
    expression = parse(text)
    (word,) = expression.words
    error = ambiguous(expression, {word, "B"})
    assert error is not None
    assert error.message.endswith(f": '{word}' is a keyword and the code of a segment")
    assert error.hint == f'write "{word}" for the segment, {KEYWORDS[text]} for the keyword'
    assert error.detail == (text, " " * text.index(word) + "^" * len(word))
    assert parse(f'"{word}"').segment == SegmentRef(code=word)
    assert parse(text.replace(word, KEYWORDS[text])).root == expression.root
    assert ambiguous(parse(text.replace(word, KEYWORDS[text])), {word}) is None


def test_only_the_same_case_is_ambiguous_and_quotes_are_not() -> None:
    assert ambiguous(parse("A and all"), {"ALL", "And", "A"}) is None
    assert ambiguous(parse('"all" or A'), {"all"}) is None
    assert ambiguous(parse("VIP"), {"VIP"}) is None


def test_the_other_spelling_is_not_a_code_either() -> None:
    error = ambiguous(parse("all"), {"all", "ALL"})
    assert error is not None
    assert error.hint == 'write "all" for the segment, All for the keyword'
    assert ambiguous(parse("all"), {"all", "ALL", "All"}) is not None


def test_the_keyword_is_marked_in_its_expression_of_an_assertion() -> None:
    whole = parse_assertion("A > 5% of  B minus C").expressions[1]
    error = ambiguous(whole, {"minus"})
    assert error is not None
    assert error.detail == ("B minus C", "  ^^^^^")


@pytest.mark.parametrize("text", ["a code with spaces", "O'Brien", 'say "hi"', "a, b", "-x", "A = B", "("])
def test_the_hint_for_text_that_is_a_code_can_be_pasted(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    error = as_code(caught.value, text)
    assert (error.message, error.detail) == (caught.value.message, caught.value.detail)
    assert error.hint is not None
    (argument,) = shlex.split(error.hint.removeprefix("a segment has that code; write "))
    assert parse(argument).segment == SegmentRef(code=text)


@pytest.mark.parametrize("text", ['"q', '"a" b', "'tis", '"a" "b"'])
def test_a_code_that_starts_with_a_quote_is_quoted(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    hint = as_code(caught.value, text).hint
    assert hint is not None
    (argument,) = shlex.split(hint.removeprefix("a segment has that code; write "))
    assert parse(argument).segment == SegmentRef(code=text)
