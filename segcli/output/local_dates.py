"""Dates as a table on a terminal shows them: in the local time zone."""

from segcli.result import Column, Json, Result


class LocalDate(str):
    """A date as it is shown, which is never narrowed."""

    __slots__ = ()


def with_local_dates(result: Result, *, short: bool) -> Result:
    """The result with its dates in local time: to the minute if `short`, else in full with the offset."""
    kind = _ShortDate if short else _FullDate
    columns = tuple(kind(*column) if column.date else column for column in result.columns)
    return result._replace(columns=columns)


class _FullDate(Column):
    """A column of dates such as `2026-11-23 14:45:27.406+01:00`."""

    __slots__ = ()

    def value(self, item: Json) -> Json:
        return _local(super().value(item), "milliseconds")


class _ShortDate(Column):
    """A column of dates such as `2026-11-23 14:45`."""

    __slots__ = ()

    def value(self, item: Json) -> Json:
        shown = _local(super().value(item), "minutes")
        return LocalDate(shown[:16]) if isinstance(shown, LocalDate) else shown


def _local(value: Json, precision: str) -> Json:
    """An RFC 3339 date as a LocalDate; any other value as it is."""
    from datetime import datetime

    try:
        return LocalDate(datetime.fromisoformat(value).astimezone().isoformat(" ", precision))
    except (TypeError, ValueError, OverflowError):
        return value
