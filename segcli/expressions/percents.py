"""Percentages as exact fractions."""

from typing import Final

_MAX_DIGITS = 20


class Percent:
    """`numerator / denominator` is the part: 1/8 for `12.5%`. `text` is as written."""

    __slots__ = ("denominator", "numerator", "text")

    def __init__(self, text: str, numerator: int, denominator: int) -> None:
        self.text: Final = text
        self.numerator: Final = numerator
        self.denominator: Final = denominator

    def of(self, whole: int) -> int:
        """This part of `whole`, rounded down."""
        return whole * self.numerator // self.denominator

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Percent):
            return NotImplemented
        return self.numerator * other.denominator == other.numerator * self.denominator

    __hash__ = None  # type: ignore[assignment]  # equal ones can be written differently

    def __str__(self) -> str:
        return self.text


def read_percent(text: str) -> Percent:
    """A percentage: digits, decimals if any, and `%`. Raises ValueError with what was expected."""
    whole, point, decimals = text.removesuffix("%").partition(".")
    digits = whole + decimals
    valid = digits.isascii() and digits.isdigit() and whole and bool(point) == bool(decimals)
    if not text.endswith("%") or not valid or len(digits) > _MAX_DIGITS:
        raise ValueError("a percentage such as 10% or 2.5%")
    return Percent(text, int(digits), 100 * 10 ** len(decimals))
