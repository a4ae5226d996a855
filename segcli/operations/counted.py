"""Segments with the numbers of their accounts."""

from collections.abc import Iterator
from itertools import islice

from segcli.backends.base import Reader
from segcli.model import Segment
from segcli.operations.projection import Projection
from segcli.result import Json
from segcli.terminal.streams import Terminal

_BATCH = 1_000  # segments of a store whose accounts are counted at a time


def counted(
    backend: Reader, terminal: Terminal, segments: Iterator[Segment], projection: Projection
) -> Iterator[Json]:
    """The documents of the segments with the numbers of their accounts."""
    if backend.reads_are_local:
        return _counted_in_batches(backend, segments, projection)
    from segcli.terminal.progress import Progress

    found = list(segments)
    with Progress(terminal, "counting", retries=lambda: backend.retries) as progress:
        counts = backend.count_segment_accounts([segment.id for segment in found], progress.update)
    return (projection.apply(segment, counts[segment.id]) for segment in found)


def _counted_in_batches(
    backend: Reader, segments: Iterator[Segment], projection: Projection
) -> Iterator[Json]:
    while batch := list(islice(segments, _BATCH)):
        counts = backend.count_segment_accounts([segment.id for segment in batch])
        for segment in batch:
            yield projection.apply(segment, counts[segment.id])
