"""Stores filled without a process for every segment."""

from collections.abc import Iterable

from segcli.backends import open_backend
from segcli.backends.target import BackendTarget
from segcli.model import SegmentDraft
from tests.support.command import Segments


def fill(segments: Segments, drafts: Iterable[SegmentDraft]) -> None:
    """Puts segments into the store that the command will read, in one transaction."""
    backend = open_backend(BackendTarget(f"sqlite:{segments.store}", 30.0))
    with backend.transaction():
        for draft in drafts:
            backend.add_segment(draft)
    backend.close()


def fill_accounts(segments: Segments, segment_id: int, accounts: Iterable[int]) -> None:
    """Makes accounts members of a segment that is in the store."""
    backend = open_backend(BackendTarget(f"sqlite:{segments.store}", 30.0))
    backend.add_segment_accounts(segment_id, accounts)
    backend.close()


def accounts_of(segments: Segments, segment_id: int) -> list[int]:
    """The accounts that the store holds for a segment."""
    backend = open_backend(BackendTarget(f"sqlite:{segments.store}", 30.0))
    found = list(backend.get_segment_accounts(segment_id).items)
    backend.close()
    return found


def numbered(count: int) -> list[SegmentDraft]:
    """`count` drafts whose codes sort as their ids do."""
    return [SegmentDraft(f"S{n:04}", f"Segment {n}", "made to be many") for n in range(1, count + 1)]
