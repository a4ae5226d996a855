"""The options that all bulk changes share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from segcli.backends.base import Backend, all_or_nothing

# The vendor documents no limit. 1,000 ids are 10 kB, far below any server's limit, and are processed well
# before a gateway times out. Larger chunks are faster, if a tenant is known to accept them.
DEFAULT_CHUNK_SIZE = 1_000
DEFAULT_CONCURRENCY = 4


class BulkOptions(NamedTuple):
    """How a change is carried out.

    A `chunk_size` of None is DEFAULT_CHUNK_SIZE, or one transaction for everything if the backend is
    atomic. `concurrency` is the number of parallel requests.
    """

    dry_run: bool = False
    chunk_size: int | None = None
    concurrency: int = DEFAULT_CONCURRENCY
    resume: bool = False

    def is_whole(self, backend: Backend) -> bool:
        """Whether the change is all or nothing."""
        return backend.atomic and self.chunk_size is None

    @contextmanager
    def transaction(self, backend: Backend) -> Iterator[None]:
        """The transaction of a change that is all or nothing; otherwise each chunk has its own.

        A dry run only reads, and sees one state.
        """
        if self.dry_run:
            with backend.snapshot():
                yield
            return
        if not self.is_whole(backend):
            yield
            return
        with all_or_nothing(backend):
            yield
