"""A value of the flat form as text."""

from segcli.result import Json

# Every character that some program takes for the end of a line, and its escape.
LINE_BREAKS = str.maketrans(
    {
        "\n": "\\n",
        "\r": "\\r",
        "\v": "\\x0b",
        "\f": "\\x0c",
        "\x85": "\\x85",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


def cell(value: Json) -> str:
    """Text unchanged, a missing value as nothing, any other value as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    if type(value) is bool:
        return "true" if value else "false"
    from segcli.output.json import compact

    return compact(value)
