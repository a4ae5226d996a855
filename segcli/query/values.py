"""Parses the values of a filter: integers, RFC 3339 dates and text."""

import re
from datetime import date

from segcli.model import INT32_MAX
from segcli.query.tree import Kind

MICROSECONDS = 1_000_000
_DAY = 24 * 60 * 60
_EPOCH = date(1970, 1, 1).toordinal()
_INTEGER = re.compile(r"-?[0-9]{1,10}")
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d)))?",
    re.ASCII,
)


def read_value(kind: Kind, text: str) -> int | str:
    """`text` as a value of `kind`: text itself, an integer, a date in microseconds, or a boolean.

    Raises ValueError with what was expected.
    """
    if kind == "integer":
        return _read_integer(text)
    if kind == "date":
        return read_date(text)
    if kind == "boolean":
        return _read_boolean(text)
    return text


def _read_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("true or false")
    return text.lower() == "true"


def _read_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -INT32_MAX - 1 <= int(text) <= INT32_MAX:
        raise ValueError("a 32-bit integer")
    return int(text)


def read_date(text: str) -> int:
    """An RFC 3339 date in microseconds since 1970 UTC; a date without a time is midnight UTC.

    Digits after the microsecond are ignored. Raises ValueError with what was expected.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("an RFC 3339 date such as 2026-01-31 or 2026-01-31T08:00:00Z")
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = match.groups("0")
    if int(hour) > 23 or int(minute) > 59 or int(second) > 60:
        raise ValueError("a time of day from 00:00:00 to 23:59:60")
    if int(off_hour) > 23 or int(off_minute) > 59:
        raise ValueError("an offset from -23:59 to +23:59")
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        raise ValueError("an existing day") from None
    # Integer arithmetic: a date in year 1 with an offset is outside the range of datetime.
    offset = (int(off_hour) * 60 + int(off_minute)) * 60 * (-1 if sign == "-" else 1)
    seconds = days * _DAY + int(hour) * 3600 + int(minute) * 60 + int(second) - offset
    return seconds * MICROSECONDS + int(fraction[:6].ljust(6, "0"))
