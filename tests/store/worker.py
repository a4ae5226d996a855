"""A process that writes to a store: `python -m tests.store.worker STORE NAME COUNT`.

Each write is a transaction: a segment of its own with ACCOUNTS accounts, or a shared membership.
After each commit its number is printed, so that a test knows what was acknowledged.
"""

import sys

from segcli.backends.sqlite import SqliteBackend
from segcli.errors import NotFoundError
from segcli.model import SegmentDraft, SegmentRef

ACCOUNTS = 500
SHARED = "SHARED"


def write_group(backend: SqliteBackend, name: str, number: int) -> None:
    """A segment and its accounts, all of it or nothing."""
    with backend.transaction():
        segment = backend.add_segment(SegmentDraft(f"{name}-{number}"))
        backend.add_segment_accounts(segment.id, range(1, ACCOUNTS + 1))


def join_shared(backend: SqliteBackend, account_id: int) -> None:
    """One more account for the segment that all workers share."""
    with backend.transaction():
        try:
            segment = backend.find_segment(SegmentRef(code=SHARED))
        except NotFoundError:
            segment = backend.add_segment(SegmentDraft(SHARED))
        backend.add_segment_accounts(segment.id, [account_id])


def main(store: str, name: str, count: int) -> None:
    backend = SqliteBackend(store, timeout=60)
    for number in range(count):
        if number % 2:
            join_shared(backend, int(name) * 100_000 + number)
        else:
            write_group(backend, name, number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
