"""What the history costs, and how fast it is read.

    python -m tests.bench.history path/to/segments [WITHOUT]

WITHOUT is a `segments` that keeps no history; with it, writes are compared.
Prints milliseconds and megabytes.
"""

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from segcli.account_set import AccountSet
from segcli.backends.history import ChangeQuery
from segcli.model import SegmentDraft
from tests.bench.timing import print_ratio, seconds
from tests.support.stores import open_store

CHANGES, ACCOUNTS, HIGHEST = 10_000, 100, 2_000_000
MANY = 100_000  # changes
LOADED = 5_000_000  # accounts


def fill(store: str, changes: int) -> int:
    """A segment with so many changes; returns the moment of the first one, in microseconds."""
    chance = random.Random(14)
    with closing(open_store(store, timeout=60)) as backend:
        backend.add_segment(SegmentDraft("BIG"))
        for _ in range(changes // 100):
            for _ in range(100):
                with backend.transaction():
                    some = AccountSet(chance.sample(range(1, HIGHEST), ACCOUNTS))
                    if chance.random() < 0.7:
                        backend.add_segment_accounts(1, some)
                    else:
                        backend.remove_segment_accounts(1, some | AccountSet([1]))
        return min(change.at for change in backend.history.changes(ChangeQuery()))


def show(label: str, *command: str) -> None:
    """Prints the median of the milliseconds, and the largest memory."""
    taken = statistics.median(seconds(command) for _ in range(3)) * 1000
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    sys.stdout.write(f"{taken:8,.0f} ms  at most {memory:4} MB so far   {label}\n")


def main(segments: str, without: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        store = f"{folder}/a.db"
        first = fill(store, CHANGES)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(first // 1_000_000 + 1))
        url = f"sqlite:{store}"
        show("accounts count BIG --at", segments, "accounts", "count", "BIG", "--at", at, "--backend", url)
        many = f"{folder}/b.db"
        fill(many, MANY)
        url = f"sqlite:{many}"
        show("history -o json", segments, "history", "-o", "json", "--backend", url)
        show("history --account", segments, "history", "--account", "77", "-o", "json", "--backend", url)
        if without is not None:
            compare(Path(folder), segments, without)


def compare(folder: Path, segments: str, without: str) -> None:
    """Writes with and without history, in turn."""
    file = folder / "ids.txt"
    ids = random.Random(1).sample(range(1, 2**31), LOADED)
    file.write_text("\n".join(map(str, ids)))
    urls = {segments: f"sqlite:{folder}/with.db", without: f"sqlite:{folder}/without.db"}

    def once(command: str, *arguments: str) -> float:
        return seconds([command, "accounts", "add", "BIG", *arguments, "--backend", urls[command]])

    for command, url in urls.items():
        subprocess.run([command, "add", "BIG", "-q", "--backend", url], check=True, capture_output=True)
    pairs = [
        tuple(once(command, *(str(10 * n + each) for each in range(1, 11))) for command in urls)
        for n in range(40)
    ]
    print_ratio([(own, other) for own, other in pairs], "accounts add of 10 accounts")
    loads = []
    for _ in range(3):
        taken = []
        for command, url in urls.items():
            for path in folder.glob(f"{Path(url).name}*"):
                path.unlink()
            subprocess.run([command, "add", "BIG", "-q", "--backend", url], check=True, capture_output=True)
            taken.append(once(command, "--file", str(file)))
        loads.append((taken[0], taken[1]))
    print_ratio(loads, f"accounts add of {LOADED:,} random accounts")
    size = (folder / "with.db").stat().st_size / 1e6
    sys.stdout.write(f"{size:8,.1f} MB store\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
