"""A process that moves accounts between the segments A and B: `python -m tests.sets.mover STORE`.

A and B are disjoint and have the same accounts together in every state. It prints a line after each move.
"""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segcli.account_set import AccountSet
from tests.support.stores import open_store

ACCOUNTS = range(1, 200_000, 7)  # in several blocks


@contextmanager
def moving(store: Path) -> Iterator[None]:
    """Runs the process while the block does."""
    command = [sys.executable, "-m", "tests.sets.mover", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def main(store: str) -> None:
    backend = open_store(store, timeout=30)
    chance = random.Random(1)
    source, target = 1, 2
    while True:
        with backend.transaction():
            moved = backend.get_segment_accounts(source)
            if source == 1:
                moved = AccountSet(account for account in moved if chance.random() < 0.5)
            if moved:
                backend.remove_segment_accounts(source, moved)
                backend.add_segment_accounts(target, moved)
        source, target = target, source
        sys.stdout.write("moved\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
