"""A value of the flat form as text."""

from segcli.result import Json


def cell(value: Json) -> str:
    """Text unchanged, a missing value as nothing, any other value as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    from segcli.output.json import compact

    return compact(value)
