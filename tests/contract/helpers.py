"""Helpers of the suite: what a backend contains, and what an error is."""

from segcli.errors import SegcliError
from tests.support.backends import add, codes, members

__all__ = [
    "CONFLICT",
    "EXISTS",
    "INVALID",
    "NOT_FOUND",
    "UNKNOWN_IDS",
    "add",
    "codes",
    "members",
    "summary_of",
]

UNKNOWN_IDS = (0, 99, 2_147_483_647)


def summary_of(error: SegcliError) -> tuple[str, int | None, int]:
    """An error's code and status as in the contract's table, and its exit code."""
    return error.code, error.status, error.exit_code


INVALID = ("MISSING_OR_INVALID_PARAMETER", 400, 2)
NOT_FOUND = ("ITEM_NOT_FOUND", 404, 3)
CONFLICT = ("VALIDATION_CONFLICT", 409, 4)
EXISTS = ("ITEM_ALREADY_EXISTS", 409, 4)
