"""Moments: `2026-11-01`, `2026-11-01T08:00:00Z`, or how long ago (`-7d`, `-2h`, `-30m`)."""

from segcli.errors import UsageError
from segcli.query.values import MICROSECONDS, read_date

_UNITS = {"d": 24 * 60 * 60, "h": 60 * 60, "m": 60}  # seconds
_MAX_DAYS = 36_525  # 100 years
_EXPECTED = "a date, an RFC 3339 date and time, or -7d, -2h, -30m"


def parse_moment(text: str, now: int) -> int:
    """The moment that an option or an operand names, as `read_moment`. Raises UsageError."""
    try:
        return read_moment(text, now)
    except ValueError as error:
        raise UsageError(f"'{text}' is not a valid moment: expected {error}") from None


def read_moment(text: str, now: int) -> int:
    """`text` in microseconds since 1970 UTC; `now` is in the same unit.

    A date is its midnight in UTC, as in a filter and as dates are printed: on every machine the same moment.
    Raises ValueError with what was expected; that does not depend on `now`.
    """
    if not text.startswith("-"):
        try:
            return read_date(text)
        except ValueError as error:
            # An impossible date has an error of its own.
            raise ValueError(_EXPECTED if "RFC 3339" in str(error) else str(error)) from None
    number, unit = text[1:-1], _UNITS.get(text[-1])
    if unit is None or not (number.isascii() and number.isdigit()):
        raise ValueError(_EXPECTED)
    if len(number.lstrip("0")) > 10 or int(number) * unit > _MAX_DAYS * _UNITS["d"]:
        raise ValueError(f"at most {_MAX_DAYS:,} days")
    return now - int(number) * unit * MICROSECONDS
