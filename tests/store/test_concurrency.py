"""Many processes on one store: nobody fails, nothing is lost, readers see one state."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from segcli.backends.sqlite import SqliteBackend
from segcli.model import SegmentDraft, SegmentRef
from segcli.query import SegmentQuery
from tests.command import Segments
from tests.store.worker import ACCOUNTS, SHARED

PROCESSES = 8
WRITES = 50


def start_worker(store: Path, name: int, writes: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.worker", str(store), str(name), str(writes)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_eight_processes_write_fifty_times_each(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    workers = [start_worker(store, name, WRITES) for name in range(1, PROCESSES + 1)]
    for worker in workers:
        stdout, stderr = worker.communicate(timeout=120)
        assert (worker.returncode, stderr) == (0, b"")
        assert len(stdout.splitlines()) == WRITES
    backend = SqliteBackend(str(store), timeout=10)
    total, segments = backend.iter_segments(SegmentQuery())
    assert total == PROCESSES * WRITES // 2 + 1
    for segment in segments:
        expected = PROCESSES * WRITES // 2 if segment.code == SHARED else ACCOUNTS
        assert backend.count_segment_accounts(segment.id) == expected
    backend.close()
    with sqlite3.connect(store) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_commands_that_make_the_same_store_together_all_succeed(segments: Segments) -> None:
    processes = [segments.start("add", f"S{number}") for number in range(PROCESSES)]
    for process in processes:
        _, stderr = process.communicate(timeout=60)
        assert (process.returncode, stderr) == (0, b"")
    codes = segments.ok("list", "--all", "-o", "code", "--sort", "code").lines
    assert codes == [f"S{number}" for number in range(PROCESSES)]
    assert sorted(path.name for path in segments.store.parent.iterdir()) == ["segments.db"]


def test_a_reading_under_way_sees_one_state_and_holds_nobody_up(tmp_path: Path) -> None:
    store = str(tmp_path / "store.db")
    writer, reader = SqliteBackend(store, timeout=10), SqliteBackend(store, timeout=10)
    with writer.transaction():
        segment = writer.add_segment(SegmentDraft("VIP"))
        writer.add_segment_accounts(segment.id, range(1, 20_001))
    total, accounts = reader.get_segment_accounts(segment.id)
    first = [next(accounts) for _ in range(3)]
    writer.remove_segment_account(segment.id, 20_000)
    writer.add_segment_accounts(segment.id, [30_000])
    rest = list(accounts)
    assert total == len(first + rest) == 20_000
    assert rest[-1] == 20_000
    assert list(reader.get_segment_accounts(segment.id).items)[-1] == 30_000
    for backend in (reader, writer):
        backend.close()


def test_an_update_reads_and_writes_in_one_transaction(segments: Segments) -> None:
    """Commands that change different fields of one segment at once lose none of the changes."""
    segments.ok("add", "VIP", "--name", "old", "--description", "old")
    for _ in range(3):
        processes = [
            segments.start("update", "VIP", "--name", "new"),
            segments.start("update", "VIP", "--description", "new"),
        ]
        for process in processes:
            process.communicate(timeout=60)
            assert process.returncode == 0
        segment = segments.ok("get", "VIP", "-o", "json").json
        assert (segment["name"], segment["description"]) == ("new", "new")
        segments.ok("update", "VIP", "--name", "old", "--description", "old")


def test_a_lost_connection_of_a_worker_leaves_the_lock_free(tmp_path: Path) -> None:
    store = str(tmp_path / "store.db")
    backend = SqliteBackend(store, timeout=10)
    backend.add_segment(SegmentDraft("VIP"))
    with backend.transaction():
        backend.find_segment(SegmentRef(code="VIP"))
    other = SqliteBackend(store, timeout=0.1)
    assert other.add_segment(SegmentDraft("STAFF")).code == "STAFF"
    for each in (backend, other):
        each.close()
