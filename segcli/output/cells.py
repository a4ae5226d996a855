"""A value of the flat form as text."""

from segcli.result import Json


def cell(value: Json) -> str:
    """Text as it is, nothing for a missing value, any other value as JSON writes it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    from segcli.output.json import compact

    return compact(value)
