"""Helpers of the suite: what a backend contains, and what an error is."""

from segcli.backends.base import Backend
from segcli.errors import SegcliError
from segcli.model import Segment, SegmentDraft
from segcli.query.tree import SegmentQuery

UNKNOWN_IDS = (0, 99, 2_147_483_647)


def summary_of(error: SegcliError) -> tuple[str, int | None, int]:
    """An error's code and status as in the contract's table, and its exit code."""
    return error.code, error.status, error.exit_code


INVALID = ("MISSING_OR_INVALID_PARAMETER", 400, 2)
NOT_FOUND = ("ITEM_NOT_FOUND", 404, 3)
CONFLICT = ("VALIDATION_CONFLICT", 409, 4)
EXISTS = ("ITEM_ALREADY_EXISTS", 409, 4)


def add(backend: Backend, *codes: str) -> list[Segment]:
    """New segments that only have a code."""
    with backend.transaction():
        return [backend.add_segment(SegmentDraft(code)) for code in codes]


def members(backend: Backend, segment: Segment) -> list[int]:
    return list(backend.get_segment_accounts(segment.id))


def codes(backend: Backend) -> list[str]:
    """The codes of the first page, which contains everything that a test created."""
    return [segment.code for segment in backend.get_segments(SegmentQuery(page_size=200)).items]
