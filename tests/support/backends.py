"""What a test does with any backend: adds segments, and looks at what it contains."""

from segcli.backends.base import Backend
from segcli.model import Segment, SegmentDraft
from segcli.query.tree import SegmentQuery


def add(backend: Backend, *codes: str) -> list[Segment]:
    """New segments that only have a code."""
    with backend.transaction():
        return [backend.add_segment(SegmentDraft(code)) for code in codes]


def members(backend: Backend, segment: Segment) -> list[int]:
    return list(backend.get_segment_accounts(segment.id))


def codes(backend: Backend) -> list[str]:
    """The codes of the first page, which contains everything that a test created."""
    return [segment.code for segment in backend.get_segments(SegmentQuery(page_size=200)).items]
