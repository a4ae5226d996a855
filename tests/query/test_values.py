"""RFC 3339 dates as numbers, and what is none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.query.values import read_date

GOOD = {
    "1970-01-01": 0,
    "1970-01-01T00:00:00Z": 0,
    "1970-01-01t00:00:01z": 1_000_000,
    "1970-01-01 00:00:01Z": 1_000_000,
    "1970-01-01T00:00:00.1Z": 100_000,
    "1970-01-01T00:00:00.000001Z": 1,
    "1970-01-01T00:00:00.1234567Z": 123_456,
    "1970-01-01T00:00:00.123456999Z": 123_456,
    "1970-01-01T02:00:00+02:00": 0,
    "1969-12-31T21:30:00-02:30": 0,
    "1969-12-31T23:59:60Z": 0,
    "1969-12-31": -86_400_000_000,
    "2024-02-29": 1_709_164_800_000_000,
}


@pytest.mark.parametrize("text", GOOD)
def test_a_date_is_a_number_of_microseconds(text: str) -> None:
    assert read_date(text) == GOOD[text]


BAD = (
    "",
    "2026",
    "2026-1-1",
    "2026-02-30",
    "2023-02-29",
    "0000-01-01",
    "2026-13-01",
    "2026-01-01T",
    "2026-01-01T10:00Z",
    "2026-01-01T10:00:00",
    "2026-01-01T24:00:00Z",
    "2026-01-01T10:60:00Z",
    "2026-01-01T10:00:61Z",
    "2026-01-01T10:00:00.Z",
    "2026-01-01T10:00:00+24:00",
    "2026-01-01T10:00:00+0200",
    "2026-01-01Z",
    "\uff12\uff10\uff12\uff16-01-01",
    "yesterday",
)


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="a"):
        read_date(text)


OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=OFFSETS))
def test_a_date_agrees_with_datetime(moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert read_date(moment.isoformat()) == since // timedelta(microseconds=1)


def test_an_offset_may_reach_beyond_the_calendar() -> None:
    assert read_date("0001-01-01T00:00:00+14:00") == read_date("0001-01-01") - 14 * 3_600_000_000
