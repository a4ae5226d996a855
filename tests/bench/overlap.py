"""The overlap of many large segments in a local store.

    python -m tests.bench.overlap path/to/segments [SEGMENTS] [ACCOUNTS] [KNOWN]

By default 100 segments of 5,000,000 accounts each, out of 20,000,000. Prints the milliseconds and the
largest memory of three runs. Needs numpy.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
from pyroaring import BitMap

from segcli.account_set import AccountSet
from segcli.model import SegmentDraft
from tests.support.stores import open_store

RUNS = 3


def fill(path: Path, segments: int, accounts: int, known: int) -> None:
    """Adds segments of random accounts."""
    random = numpy.random.default_rng(1)
    backend = open_store(str(path), timeout=30)
    for number in range(segments):
        segment = backend.add_segment(SegmentDraft(f"S{number}"))
        ids = numpy.flatnonzero(random.random(known) < accounts / known).astype("uint32") + 1
        backend.add_segment_accounts(segment.id, AccountSet(BitMap(ids)))
    backend.close()


def main() -> None:
    given = list(map(int, sys.argv[2:5]))
    segments, accounts, known = given + [100, 5_000_000, 20_000_000][len(given) :]
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "segments.db")
        fill(store, segments, accounts, known)
        command = [sys.argv[1], "--backend", f"sqlite:{store}", "overlap", "-o", "json"]
        taken = []
        for _ in range(RUNS):
            start = time.perf_counter()
            subprocess.run(command, env={**os.environ, "HOME": folder}, stdout=subprocess.DEVNULL, check=True)
            taken.append(time.perf_counter() - start)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(f"{segments} segments of {accounts:,}: {statistics.median(taken) * 1000:,.0f} ms\n")
    sys.stdout.write(f"largest memory: {memory:,.0f} MB\n")


if __name__ == "__main__":
    main()
