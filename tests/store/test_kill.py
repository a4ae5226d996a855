"""kill -9 in the middle of writes: the store opens clean and holds whole transactions only."""

import os
import random
import sqlite3
import time
from pathlib import Path

from segcli.backends.sqlite import SqliteBackend
from segcli.query import SegmentQuery
from tests.store.test_concurrency import start_worker
from tests.store.worker import ACCOUNTS, SHARED

KILLS = int(os.environ.get("SEGMENTS_TEST_KILLS", "12"))
LONGEST = 0.6  # seconds, from before the worker has made the store to many writes later


def test_what_was_acknowledged_is_there_and_nothing_is_there_by_halves(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    chance = random.Random(7)
    acknowledged: set[str] = set()
    shared = 0
    for kill in range(1, KILLS + 1):
        worker = start_worker(store, kill, 1_000_000)
        time.sleep(chance.uniform(0.05, LONGEST))
        worker.kill()
        stdout, _ = worker.communicate()
        numbers = [int(line) for line in stdout.split(b"\n")[:-1]]
        acknowledged |= {f"{kill}-{number}" for number in numbers if number % 2 == 0}
        shared += sum(number % 2 for number in numbers)
        look(store, acknowledged, shared, kills=kill)
    assert acknowledged


def look(store: Path, acknowledged: set[str], shared: int, kills: int) -> None:
    """Holds the store against what was acknowledged; one write a kill may be there unacknowledged."""
    backend = SqliteBackend(str(store), timeout=10)
    found = {segment.code: segment.id for segment in backend.iter_segments(SegmentQuery()).items}
    members = backend.count_segment_accounts(found.pop(SHARED, 0)) or 0
    assert shared <= members <= shared + kills
    assert acknowledged <= found.keys()
    assert len(found) <= len(acknowledged) + kills
    for segment_id in found.values():
        assert backend.count_segment_accounts(segment_id) == ACCOUNTS
    backend.close()
    if store.exists():
        with sqlite3.connect(store) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
