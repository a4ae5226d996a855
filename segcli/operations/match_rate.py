"""How many of the values of a file must be matched to accounts."""

from segcli.errors import UsageError
from segcli.expressions.percents import Percent, read_percent
from segcli.inputs.source import Given


class MatchRate:
    """The least part of the values."""

    def __init__(self, least: Percent) -> None:
        self._least = least

    @classmethod
    def parse(cls, text: str) -> "MatchRate":
        """`P%`. Raises UsageError."""
        try:
            least = read_percent(text)
        except ValueError as error:
            raise UsageError(f"invalid --min-match '{text}': expected {error}") from None
        if least.numerator > least.denominator:
            raise UsageError(f"invalid --min-match '{text}': expected at most 100%")
        return cls(least)

    def require(self, given: Given, source: str) -> None:
        """Raises UsageError if a smaller part is matched; `source` is what to check then."""
        total, matched = given.values, given.values - given.unresolved
        if matched * self._least.denominator < total * self._least.numerator:
            raise UsageError(
                f"{matched:,} of the {total:,} values in {source} are matched ({100 * matched / total:.2f}%),"
                f" fewer than --min-match {self._least}; nothing was changed",
                hint="correct the values that --rejects FILE saves, or lower --min-match",
            )
