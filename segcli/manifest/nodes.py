"""A parsed document, JSON or YAML: values that know their line, so that an error can name it."""

from typing import Final, NoReturn, TypeAlias

from segcli.account_set import AccountSet
from segcli.errors import UsageError

MAX_DEPTH = 20  # levels of lists and mappings; a manifest has five
MAX_VALUES = 2_000_000  # long lists of account ids are not counted
_SHOWN = 60  # characters of a value that an error quotes


class Plain:
    """Text without quotes that a reader of YAML may take for something else: `yes`, `007`, `1e3`."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text: Final = text


class Scalar:
    """A single value; `raw` is its text if it has no quotes."""

    __slots__ = ("line", "raw", "value")

    def __init__(self, line: int, value: str | int | float | bool | Plain | None, raw: str | None) -> None:
        self.line: Final = line
        self.value: Final = value
        self.raw: Final = raw


class Sequence:
    """A list of values."""

    __slots__ = ("items", "line")

    def __init__(self, line: int, items: "list[Node]") -> None:
        self.line: Final = line
        self.items: Final = items


class Mapping:
    """Values by key; `lines` has the line of each key."""

    __slots__ = ("line", "lines", "members")

    def __init__(self, line: int) -> None:
        self.line: Final = line
        self.members: dict[str, Node] = {}
        self.lines: dict[str, int] = {}


class Ids:
    """A long list of account ids, which was read at once."""

    __slots__ = ("accounts", "line")

    def __init__(self, line: int, accounts: AccountSet) -> None:
        self.line: Final = line
        self.accounts: Final = accounts


Data: TypeAlias = bytes | bytearray
Node: TypeAlias = Scalar | Sequence | Mapping | Ids


class DocumentError(UsageError):
    """A document that is not JSON or YAML, or is too large."""


def invalid(name: str, line: int, reason: str, hint: str | None = None) -> NoReturn:
    """Raises DocumentError for a line of the document `name`."""
    raise DocumentError(f"{name}, line {line}: {reason}", hint=hint)


def shown(text: str) -> str:
    """A value as an error quotes it."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
