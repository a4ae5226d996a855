"""A process that writes to a shared store: `python -m tests.postgresql.writer URL NAME COUNT [SEGMENT]`.

Each write adds one account to the segment, or a new segment if none is given. It prints what a caller
learns about each: `done N`, or `failed N` with the exit code and the message.
"""

import subprocess
import sys
from collections.abc import Iterable
from typing import NamedTuple

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.target import BackendTarget
from segcli.errors import SegcliError
from segcli.model import SegmentDraft

STRIDE = 100_000  # between the accounts of two writers


class Reported(NamedTuple):
    """The writes of a writer that were done, and the messages of the others by exit code."""

    done: list[int]
    failed: list[tuple[int, int, str]]


def start_writer(url: str, name: int, count: int, segment_id: int | None = None) -> "subprocess.Popen[str]":
    """Starts this module as a process."""
    segment = [] if segment_id is None else [str(segment_id)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.postgresql.writer", url, str(name), str(count), *segment],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def reports(writers: "Iterable[subprocess.Popen[str]]") -> list[Reported]:
    """What writers report, in their order, once all have ended."""
    found = []
    for writer in writers:
        stdout, stderr = writer.communicate(timeout=180)
        assert (writer.returncode, stderr) == (0, "")
        reported = Reported([], [])
        for line in stdout.splitlines():
            word, number, *rest = line.split(maxsplit=3)
            if word == "done":
                reported.done.append(int(number))
            else:
                reported.failed.append((int(number), int(rest[0]), rest[1]))
        found.append(reported)
    return found


def main(url: str, name: int, count: int, segment_id: int | None) -> None:
    backend = open_backend(BackendTarget(url, timeout=20))
    for number in range(count):
        try:
            if segment_id is None:
                backend.add_segment(SegmentDraft(f"{name}-{number}"))
            else:
                backend.add_segment_accounts(segment_id, AccountSet([name * STRIDE + number + 1]))
        except SegcliError as error:
            line = f"failed {number} {error.exit_code} {error.message}"
        else:
            line = f"done {number}"
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]) if sys.argv[4:] else None)
