"""A process that writes to a store: `python -m tests.sqlite.worker STORE NAME COUNT`.

It prints that it is ready before it opens the store. Each write is a transaction: a new segment with
ACCOUNTS accounts, or a membership of the shared segment. After each commit it prints the write's number,
so that a test knows what was acknowledged.
"""

import subprocess
import sys
from pathlib import Path

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget
from segcli.errors import NotFoundError
from segcli.model import SegmentDraft, SegmentRef

ACCOUNTS = 500
SHARED = "SHARED"
READY = b"ready"


def start_worker(store: Path, name: int, writes: int) -> subprocess.Popen[bytes]:
    """Starts this module as a process."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sqlite.worker", str(store), str(name), str(writes)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # otherwise communicate() would miss what was read with the first line
    )


def wait_until_ready(worker: subprocess.Popen[bytes]) -> None:
    """Waits until the worker is about to open the store."""
    assert worker.stdout is not None
    assert worker.stdout.readline().strip() == READY


def acknowledged(stdout: bytes) -> list[int]:
    """The numbers that a worker printed, without an incomplete line."""
    return [int(line) for line in stdout.split(b"\n")[:-1] if line != READY]


def write_group(backend: Backend, name: str, number: int) -> None:
    """A segment and its accounts, in one transaction."""
    with backend.transaction():
        segment = backend.add_segment(SegmentDraft(f"{name}-{number}"))
        backend.add_segment_accounts(segment.id, AccountSet(range(1, ACCOUNTS + 1)))


def join_shared(backend: Backend, account_id: int) -> None:
    """Adds an account to the segment that all workers share."""
    with backend.transaction():
        try:
            segment = backend.find_segment(SegmentRef(code=SHARED))
        except NotFoundError:
            segment = backend.add_segment(SegmentDraft(SHARED))
        backend.add_segment_accounts(segment.id, AccountSet([account_id]))


def main(store: str, name: str, count: int) -> None:
    Path(store).parent.mkdir(parents=True, exist_ok=True)
    backend = open_backend(BackendTarget(f"sqlite:{store}", timeout=60))
    sys.stdout.write(f"{READY.decode()}\n")
    sys.stdout.flush()
    for number in range(count):
        if number % 2:
            join_shared(backend, int(name) * 100_000 + number)
        else:
            write_group(backend, name, number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
