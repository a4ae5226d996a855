"""RFC 3339 dates, integers and text as values, and what is rejected."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.query.values import read_date, read_value

GOOD = {
    "1970-01-01": 0,
    "1970-01-01T00:00:00Z": 0,
    "1970-01-01t00:00:01z": 1_000_000,
    "1970-01-01 00:00:01Z": 1_000_000,
    "1970-01-01T00:00:00.1Z": 100_000,
    "1970-01-01T00:00:00.000001Z": 1,
    "1970-01-01T00:00:00.1234567Z": 123_456,
    "1970-01-01T00:00:00.123456999Z": 123_456,
    "1970-01-01T00:00:00.000000999Z": 0,
    "1969-12-31T23:59:59.9Z": -100_000,
    "1970-01-01T02:00:00+02:00": 0,
    "1969-12-31T21:30:00-02:30": 0,
    "1969-12-31T23:59:60Z": 0,
    "1969-12-31": -86_400_000_000,
    "2016-12-31T23:59:60Z": 1_483_228_800_000_000,
    "2017-01-01T09:59:60.5+10:00": 1_483_228_800_500_000,
    "1970-01-01T00:00:00-00:00": 0,
    "1970-01-02T23:59:00+23:59": 86_400_000_000,
    "0001-01-01": -62_135_596_800_000_000,
    "9999-12-31T23:59:59.999999Z": 253_402_300_799_999_999,
    "2000-02-29": 951_782_400_000_000,
    "2024-02-29": 1_709_164_800_000_000,
}


@pytest.mark.parametrize("text", GOOD)
def test_a_date_is_a_number_of_microseconds(text: str) -> None:
    assert read_date(text) == GOOD[text]


BAD = {
    "": "an RFC 3339 date",
    "2026": "an RFC 3339 date",
    "2026-1-1": "an RFC 3339 date",
    "12026-01-01": "an RFC 3339 date",
    " 2026-01-01": "an RFC 3339 date",
    "2026-01-01\n": "an RFC 3339 date",
    "2026-01-01T": "an RFC 3339 date",
    "2026-01-01T10:00Z": "an RFC 3339 date",
    "2026-01-01T10:00:00": "an RFC 3339 date",
    "2026-01-01T10:00:00.Z": "an RFC 3339 date",
    "2026-01-01T10:00:00,5Z": "an RFC 3339 date",
    "2026-01-01T10:00:00+0200": "an RFC 3339 date",
    "2026-01-01T10:00:00+02": "an RFC 3339 date",
    "2026-01-01Z": "an RFC 3339 date",
    "\uff12\uff10\uff12\uff16-01-01": "an RFC 3339 date",
    "yesterday": "an RFC 3339 date",
    "2026-02-30": "an existing day",
    "2023-02-29": "an existing day",
    "1900-02-29": "an existing day",
    "2026-04-31T10:00:00Z": "an existing day",
    "2026-00-10": "an existing day",
    "2026-13-01": "an existing day",
    "2026-01-00": "an existing day",
    "0000-01-01": "an existing day",
    "2026-01-01T24:00:00Z": "a time of day",
    "2026-01-01T10:60:00Z": "a time of day",
    "2026-01-01T10:00:61Z": "a time of day",
    "2026-01-01T10:00:00+24:00": "an offset",
    "2026-01-01T10:00:00-01:60": "an offset",
}


@pytest.mark.parametrize("text", BAD)
def test_an_invalid_date_is_rejected_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{BAD[text]}"):
        read_date(text)


@pytest.mark.parametrize("digits", range(1, 10))
def test_a_fraction_can_have_any_number_of_digits_and_is_cut_to_microseconds(digits: int) -> None:
    fraction = "987654321"[:digits]
    assert read_date(f"1970-01-01T00:00:00.{fraction}Z") == int(fraction[:6].ljust(6, "0"))


OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=OFFSETS))
def test_a_date_agrees_with_datetime(moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert read_date(moment.isoformat()) == since // timedelta(microseconds=1)


def test_an_offset_can_move_a_date_out_of_the_calendar() -> None:
    assert read_date("0001-01-01T00:00:00+14:00") == read_date("0001-01-01") - 14 * 3_600_000_000


@pytest.mark.parametrize("text", ["0", "-0", "7", "007", "-1", "2147483647", "-2147483648"])
def test_an_integer_has_32_bits(text: str) -> None:
    assert read_value("integer", text) == int(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "+1", "--1", "1.0", "1e3", "0x1", "1_000", " 1", "1\n", "\u0661", "\u00b2"),
        *("2147483648", "-2147483649", "9" * 5000),
    ],
)
def test_an_invalid_integer_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a 32-bit integer$"):
        read_value("integer", text)


@pytest.mark.parametrize("text", ["", " x ", "2026-01-01", "12", "\x00"])
def test_text_is_not_changed(text: str) -> None:
    assert read_value("text", text) == text
