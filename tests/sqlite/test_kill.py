"""kill -9 in the middle of writes: the store opens without errors and contains only complete transactions."""

import os
import random
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.sqlite.worker import ACCOUNTS, SHARED, acknowledged, start_worker, wait_until_ready
from tests.support.stores import open_store

# A long campaign is run by hand; its figures: --junitxml=FILE -o junit_family=xunit1
KILLS = int(os.environ.get("SEGMENTS_TEST_KILLS", "12"))
LONGEST = 0.25  # seconds of writing
CREATION = 0.03  # seconds, from before there is a store to a few writes later


def kill_a_writer(store: Path, name: int, seconds: float) -> list[int]:
    """The writes that a worker had acknowledged when it was killed."""
    worker = start_worker(store, name, 1_000_000)
    wait_until_ready(worker)
    time.sleep(seconds)
    worker.kill()
    stdout, stderr = worker.communicate()
    assert stderr == b""
    return acknowledged(stdout)


def check(store: Path, groups: set[str], shared: int, kills: int) -> int:
    """Compares the store with what was acknowledged; returns the number of other writes in it.

    There may be one per kill: it was committed, but not yet acknowledged.
    """
    with closing(open_store(str(store), timeout=10)) as backend:
        found = {segment.code: segment.id for segment in backend.iter_segments(SegmentQuery()).items}
        shared_id = found.pop(SHARED, 0)
        members = backend.count_segment_accounts([shared_id])[shared_id]
        assert shared <= members
        assert groups <= found.keys()
        unacknowledged = len(found) - len(groups) + members - shared
        assert unacknowledged <= kills
        for segment_id in found.values():
            assert backend.count_segment_accounts([segment_id])[segment_id] == ACCOUNTS
    if store.exists():
        with closing(sqlite3.connect(store)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return unacknowledged


def test_acknowledged_writes_survive_and_no_write_is_partial(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    store = tmp_path / "store.db"
    log = tmp_path / "store.db-wal"
    chance = random.Random(7)
    groups: set[str] = set()
    shared = unacknowledged = unfinished = 0
    for kill in range(1, KILLS + 1):
        numbers = kill_a_writer(store, kill, chance.uniform(0, LONGEST))
        groups |= {f"{kill}-{number}" for number in numbers if number % 2 == 0}
        shared += sum(number % 2 for number in numbers)
        unfinished += log.exists() and log.stat().st_size > 0
        unacknowledged = check(store, groups, shared, kills=kill)
    assert groups
    assert unfinished  # otherwise no process was killed with the store open, and nothing was tested
    record_property("acknowledged", len(groups) + shared)
    record_property("committed, not acknowledged", unacknowledged)
    record_property("a log was left to recover", unfinished)


def test_a_process_killed_while_creating_the_store_leaves_a_usable_one(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(8)
    states: dict[str, int] = {}
    for kill in range(1, KILLS + 1):
        store = tmp_path / str(kill) / "store.db"
        numbers = kill_a_writer(store, kill, chance.uniform(0, CREATION))
        state = "written" if numbers else "made" if store.exists() else "nothing"
        states[state] = states.get(state, 0) + 1
        check(store, {f"{kill}-{n}" for n in numbers if n % 2 == 0}, sum(n % 2 for n in numbers), kills=1)
        with closing(open_store(str(store), timeout=10)) as backend:
            backend.add_segment(SegmentDraft("NEXT"))
        assert stat.S_IMODE(store.stat().st_mode) == 0o600
        assert [path.name for path in store.parent.iterdir()] == ["store.db"]
    record_property("found after the kill", states)


def test_killed_writers_do_not_block_another(tmp_path: Path) -> None:
    """The others are killed while they hold the lock and the log's shared memory."""
    store = tmp_path / "store.db"
    chance = random.Random(9)
    survivor = start_worker(store, 1, 300)
    dead = range(2, 2 + KILLS // 2)
    for name in dead:
        kill_a_writer(store, name, chance.uniform(0, 0.1))
    stdout, stderr = survivor.communicate(timeout=120)
    assert (survivor.returncode, stderr) == (0, b"")
    assert acknowledged(stdout) == list(range(300))
    with closing(open_store(str(store), timeout=10)) as backend:
        codes = {segment.code for segment in backend.iter_segments(SegmentQuery()).items}
    assert {f"1-{number}" for number in range(0, 300, 2)} <= codes
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
