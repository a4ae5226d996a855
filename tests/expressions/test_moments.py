"""Moments, in microseconds since 1970 UTC."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.errors import UsageError
from segcli.expressions.moments import parse_moment, read_moment

NOW = 1_800_000_000_123_456
SECOND = 1_000_000

GOOD = {
    "1970-01-02": 86_400 * SECOND,
    "1970-01-02T00:00:00Z": 86_400 * SECOND,
    "1970-01-02t01:00:00.5+01:00": 86_400 * SECOND + 500_000,
    "1969-12-31": -86_400 * SECOND,
    "-7d": NOW - 7 * 86_400 * SECOND,
    "-2h": NOW - 2 * 3600 * SECOND,
    "-30m": NOW - 30 * 60 * SECOND,
    "-0d": NOW,
    "-007d": NOW - 7 * 86_400 * SECOND,
    "-36525d": NOW - 36_525 * 86_400 * SECOND,
}


@pytest.mark.parametrize("text", GOOD)
def test_a_moment_is(text: str) -> None:
    assert read_moment(text, NOW) == GOOD[text]


FORMS = "a date, an RFC 3339 date and time, or -7d, -2h, -30m"
BAD = {
    "": FORMS,
    "-": FORMS,
    "-d": FORMS,
    "-7": FORMS,
    "-7D": FORMS,
    "-7w": FORMS,
    "-7s": FORMS,
    "--7d": FORMS,
    "-+7d": FORMS,
    "-1.5d": FORMS,
    "-1_0d": FORMS,
    "-٣d": FORMS,
    "-²d": FORMS,
    "- 7d": FORMS,
    "7d": FORMS,
    "+7d": FORMS,
    "now": FORMS,
    "yesterday": FORMS,
    "2026": FORMS,
    "2026-1-1": FORMS,
    "2026-01-01T08:00:00": FORMS,
    "2026-02-30": "an existing day",
    "0000-01-01": "an existing day",
    "2026-01-01T24:00:00Z": "a time of day from 00:00:00 to 23:59:60",
    "2026-01-01T08:00:00+24:00": "an offset from -23:59 to +23:59",
    "-36526d": "at most 36,525 days",
    "-52596001m": "at most 36,525 days",
    "-" + "9" * 5000 + "h": "at most 36,525 days",
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_not_a_moment_says_what_was_expected(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_moment(text, NOW)
    assert caught.value.message == f"'{text}' is not a valid moment: expected {BAD[text]}"


@given(text=st.text() | st.from_regex(r"-?[0-9]{1,6}[dhmsw-]?"), now=st.integers(-(2**60), 2**60))
def test_whether_it_is_valid_does_not_depend_on_the_clock(text: str, now: int) -> None:
    found = []
    for clock in (0, now):
        try:
            found.append(parse_moment(text, clock) - (clock if text.startswith("-") else 0))
        except UsageError as error:
            found.append(error.message)  # type: ignore[arg-type]  # compared with the other one
    assert found[0] == found[1]
