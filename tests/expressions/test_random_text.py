"""Whatever is typed either parses or is a usage error that marks the mistake."""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import example, given, settings
from hypothesis import strategies as st

from segcli.errors import UsageError
from segcli.expressions.assertions import parse_assertion
from segcli.expressions.evaluate import needs_all
from segcli.expressions.parse import parse
from segcli.expressions.sampling import parse_sample, parse_shares

T = TypeVar("T")
TOKENS = st.sampled_from(
    (
        "A", "VIP", "12", "id:", "code:", "file:", "PROMO-*", "?", "@", "@-7d", "@2026-01-01", "-", ",", ":",
        "all", "none", "not", " and ", " AND ", "minus", "xor", "or", "&", "|", "^", "(", ")", "'", '"', " ",
        "\t", "\n", "==", "<=", "!=", ">", "=", "!", "5%", "2.5%", "of", "rest", "9" * 30, "é", "ß", "\x00",
        "🎉", "\ud800", "٣", "²",
    )
)  # fmt: skip
TYPED = st.lists(TOKENS, max_size=15).map("".join) | st.lists(TOKENS, max_size=15).map(" ".join) | st.text()


@settings(max_examples=3000, deadline=None)
@example("(" * 5000)
@example("not " * 1000)
@example("not " * 100 + "A")
@example("A|" * 2000)
@example("A" + "&A" * 511)
@example("'" * 4096)
@example("A@-" + "9" * 4000 + "d")
@example("A == " + "9" * 4000)
@example("A == 0." + "9" * 4000 + "% of B")
@example("id:" + "9" * 5000)
@given(text=TYPED)
def test_any_text_is_an_expression_or_a_usage_error(text: str) -> None:
    whole = text == "-" or text.startswith(("id:", "code:"))
    expression = accepted(parse, text, marked=not whole and not text.isdigit())
    if expression is not None:
        assert str(expression.root)
        assert needs_all(expression.root) in (True, False)
        hash(expression.root)
    assertion = accepted(parse_assertion, text, marked=True)
    if assertion is not None:
        assert str(assertion)
        assert assertion.holds(1, 1) in (True, False)
    accepted(parse_sample, text, marked=False)
    accepted(lambda text: parse_shares([text, "A=rest"]), text, marked=False)


def accepted(parser: Callable[[str], T], text: str, *, marked: bool) -> T | None:
    """What the parser returns; None if it raises UsageError."""
    try:
        return parser(text)
    except UsageError as error:
        carets = error.detail[1] if marked else "^"
    assert set(carets.strip()) == {"^"}
    return None
