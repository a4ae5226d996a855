"""What the readers of every format share: account ids in blocks, and the known names of their column."""

from array import array
from typing import TypeAlias

KNOWN_COLUMNS = ("accountId", "account_id", "id")
Block: TypeAlias = "array[int]"  # of C ints, none of them greater than INT32_MAX


def to_block(numbers: list[int]) -> Block:
    """Non-negative numbers as ids. Raises ValueError if one of them is not a valid account id."""
    if not all(numbers):
        raise ValueError("0 is not a valid account id")
    try:
        return array("i", numbers)
    except OverflowError as error:
        raise ValueError("a number is too large for an account id") from error
