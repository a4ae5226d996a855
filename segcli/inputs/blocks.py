"""What the readers of every format share: blocks of account ids, and invalid values with their place."""

from array import array
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from segcli.errors import UsageError

KNOWN_COLUMNS = ("accountId", "account_id", "id")
Block: TypeAlias = "array[int]"  # of C ints, none of them greater than INT32_MAX


class Invalid(NamedTuple):
    """A value that is not an account id: its file and line or item, its text, and what is wrong."""

    place: str
    text: str
    reason: str


Reject = Callable[[Invalid], None]


def refuse(invalid: Invalid) -> None:
    """Stops at the first invalid value. Raises UsageError, which names file and line."""
    raise UsageError(
        f"{invalid.place}: {invalid.text} {invalid.reason}",
        hint="nothing was changed; --skip-invalid passes over such values and counts them",
    )


def to_block(numbers: list[int]) -> Block:
    """Non-negative numbers as ids. Raises ValueError if one of them is not a valid account id."""
    if not all(numbers):
        raise ValueError("0 is not a valid account id")
    try:
        return array("i", numbers)
    except OverflowError as error:
        raise ValueError("a number is too large for an account id") from error
