"""What `check` asserts: `EXPRESSION OP NUMBER` or `EXPRESSION OP P% of EXPRESSION`."""

import operator
from collections.abc import Callable
from typing import Final

from segcli.expressions.parser import parse_rest, parse_start, require_text
from segcli.expressions.percents import Percent, read_percent
from segcli.expressions.scanner import COMPARING
from segcli.expressions.tree import Expression, Operand, operands
from segcli.query.scan import problem, skip_space

COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MEANT = {"=": "==", "=<": "<=", "=>": ">=", "<>": "!=", "!": "!=", "===": "=="}
_MAX_DIGITS = 20  # of a number; int() has a limit too
_NUMBER = "a number such as 100, or a percentage such as 5% of VIP"


class Assertion:
    """An assertion about how many accounts `expression` has, compared with `number` or a part of `whole`.

    Either `number` is set, or both `percent` and `whole` are.
    """

    __slots__ = ("comparison", "expression", "number", "percent", "text", "whole")

    def __init__(
        self,
        text: str,
        expression: Expression,
        comparison: str,
        *,
        number: int = 0,
        percent: Percent | None = None,
        whole: Expression | None = None,
    ) -> None:
        self.text: Final = text
        self.expression: Final = expression
        self.comparison: Final = comparison
        self.number: Final = number
        self.percent: Final = percent
        self.whole: Final = whole

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return (self.expression,) if self.whole is None else (self.expression, self.whole)

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The operands of all expressions in the order of the text, each once."""
        return operands(*(each.root for each in self.expressions))

    def holds(self, accounts: int, whole: int = 0) -> bool:
        """Whether it holds if `expression` has that many accounts, and `whole` has that many. Exact."""
        compare = COMPARISONS[self.comparison]
        if self.percent is None:
            return compare(accounts, self.number)
        return compare(accounts * self.percent.denominator, whole * self.percent.numerator)

    def __str__(self) -> str:
        right = str(self.number) if self.whole is None else f"{self.percent} of {self.whole.root}"
        return f"{self.expression.root} {self.comparison} {right}"


def parse_assertion(text: str) -> Assertion:
    """The assertion that one argument contains. Raises UsageError with the mistake marked."""
    require_text("assertion", text)
    expression, start = parse_start("assertion", text, 0)
    comparison, position = _parse_comparison(text, start)
    start = skip_space(text, position)
    word, end = _word(text, start)
    after = skip_space(text, end)
    if word.isascii() and word.isdigit() and len(word) <= _MAX_DIGITS:
        if after < len(text):
            raise problem("assertion", text, after, len(text), f"expected the end after {word}")
        return Assertion(text, expression, comparison, number=int(word))
    if not word:
        raise problem("assertion", text, start, start, f"expected {_NUMBER} after {comparison}")
    try:
        percent = read_percent(word)
    except ValueError:
        raise problem("assertion", text, start, end, f"expected {_NUMBER}") from None
    of, end = _word(text, after)
    if of.lower() != "of":
        raise problem("assertion", text, after, end, f"expected 'of' and an expression after {word}")
    whole = parse_rest("assertion", text, end)
    return Assertion(text, expression, comparison, percent=percent, whole=whole)


def _parse_comparison(text: str, start: int) -> tuple[str, int]:
    """The comparison at `start`, and where it ends."""
    end = start
    while end < len(text) and text[end] in COMPARING:
        end += 1
    comparison = text[start:end]
    if comparison in COMPARISONS:
        return comparison, end
    expected = f"expected one of {' '.join(COMPARISONS)}"
    meant = _MEANT.get(comparison)
    raise problem("assertion", text, start, end, expected, f"write {meant}" if meant else None)


def _word(text: str, start: int) -> tuple[str, int]:
    """The text from `start` to a space, a quote or a sign, and where it ends."""
    end = start
    while end < len(text) and not text[end].isspace() and text[end] not in "\"'()":
        end += 1
    return text[start:end], end
