"""Many processes write to one store: none fails, and nothing is lost."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from segcli.backends.store.backend import StoreBackend
from segcli.errors import AlreadyExistsError
from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.sqlite.worker import ACCOUNTS, SHARED, acknowledged, start_worker
from tests.support.command import Segments
from tests.support.stores import open_store

PROCESSES = 8
WRITES = 50


def test_eight_processes_write_fifty_times_each(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    workers = [start_worker(store, name, WRITES) for name in range(1, PROCESSES + 1)]
    for worker in workers:
        stdout, stderr = worker.communicate(timeout=120)
        assert (worker.returncode, stderr) == (0, b"")
        assert acknowledged(stdout) == list(range(WRITES))
    with closing(open_store(str(store), timeout=10)) as backend:
        total, segments = backend.iter_segments(SegmentQuery())
        assert total == PROCESSES * WRITES // 2 + 1
        for segment in segments:
            expected = PROCESSES * WRITES // 2 if segment.code == SHARED else ACCOUNTS
            assert backend.count_segment_accounts([segment.id])[segment.id] == expected
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def overlapping(number: int) -> range:
    """The accounts of a command: each shares most of them, and every block, with the others."""
    return range(60_000 + 1_000 * number, 140_000 - 500 * number, number % 3 + 1)


def test_processes_that_add_overlapping_accounts_at_once_lose_none(segments: Segments) -> None:
    segments.ok("add", "VIP")
    processes = []
    for number in range(PROCESSES):
        ids = segments.home / f"ids{number}"
        ids.write_text("".join(f"{each}\n" for each in overlapping(number)))
        chunks = ("--chunk-size", "5000") if number % 2 else ()
        processes.append(
            segments.start(
                "accounts", "add", "VIP", "--file", str(ids), *chunks, "--timeout", "60", "-o", "json"
            )
        )
    added = 0
    for process in processes:
        stdout, stderr = process.communicate(timeout=120)
        assert (process.returncode, stderr) == (0, b"")
        added += json.loads(stdout)["added"]
    expected = sorted(set().union(*map(overlapping, range(PROCESSES))))
    assert added == len(expected)
    assert segments.ok("accounts", "list", "VIP").lines == list(map(str, expected))
    assert segments.ok("list", "--counts", "-o", "json").json["items"][0]["accounts"] == len(expected)
    segments.ok("doctor")


def test_commands_that_create_the_same_store_at_once_all_succeed(segments: Segments) -> None:
    processes = [segments.start("add", f"S{number}") for number in range(PROCESSES)]
    created = f"created the store {segments.store}\n".encode()
    notes = []
    for process in processes:
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 0
        notes.append(stderr)
    assert sorted(notes) == [b""] * (PROCESSES - 1) + [created]
    codes = segments.ok("list", "--all", "-o", "code", "--sort", "code").lines
    assert codes == [f"S{number}" for number in range(PROCESSES)]
    assert sorted(path.name for path in segments.store.parent.iterdir()) == ["segments.db"]


def test_of_commands_that_add_the_same_code_at_once_one_succeeds(segments: Segments) -> None:
    processes = [segments.start("add", "VIP") for _ in range(PROCESSES)]
    ends = []
    for process in processes:
        process.communicate(timeout=60)
        ends.append(process.returncode)
    assert sorted(ends) == [0] + [4] * (PROCESSES - 1)
    assert segments.ok("list", "-o", "code").lines == ["VIP"]


def with_its_log(store: Path) -> None:
    """What a process leaves that was killed between its first two steps."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def is_made_meanwhile(store: Path, turn: int, nested: bool) -> bool:
    """Opens the store and writes, while another process creates it before statement number `turn`.

    False where the store was locked for making before its turn came. `nested` counts what a
    statement runs within itself, too.
    """
    seen: list[str] = []
    made: list[int] = []

    def make_meanwhile(statement: str) -> None:
        if "BEGIN IMMEDIATE" in seen or (statement.startswith("--") and not nested):
            return
        seen.append(statement)
        if len(seen) == turn:
            with closing(open_store(str(store), timeout=10)) as other:
                made.append(other.add_segment(SegmentDraft("OTHER")).id)

    with closing(open_store(str(store), timeout=10, trace=make_meanwhile)) as backend:
        backend.add_segment(SegmentDraft("MINE"))
        codes = [segment.code for segment in backend.get_segments(SegmentQuery()).items]
    assert codes == ["OTHER", "MINE"][0 if made else 1 :]
    return bool(made)


@pytest.mark.parametrize(
    ("prepare", "nested"), [(Path.touch, False), (with_its_log, True)], ids=["an empty file", "with its log"]
)
def test_a_store_created_while_another_process_inspects_it_is_accepted(
    tmp_path: Path, prepare: Callable[[Path], None], nested: bool
) -> None:
    """Whatever statement of the look it comes before."""
    for turn in count(1):
        store = tmp_path / str(turn)
        prepare(store)
        if not is_made_meanwhile(store, turn, nested):
            break
    assert turn > 3


def test_opening_waits_for_a_process_that_creates_the_store(tmp_path: Path) -> None:
    """SQLite does not wait to switch on the log while another process writes, so it is retried."""
    store = tmp_path / "store.db"
    tries: list[str] = []
    with closing(sqlite3.connect(store, isolation_level=None)) as other:

        def be_in_the_way_once(statement: str) -> None:
            if "journal_mode" in statement:
                tries.append(statement)
                other.execute("BEGIN IMMEDIATE" if len(tries) == 1 else "ROLLBACK")

        with closing(open_store(str(store), timeout=10, trace=be_in_the_way_once)) as backend:
            assert backend.add_segment(SegmentDraft("VIP")).id == 1
    assert len(tries) == 2


def test_an_update_reads_and_writes_in_one_transaction(segments: Segments) -> None:
    """Commands that change different fields of one segment at once lose no change."""
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


def test_an_aborted_transaction_leaves_nothing_and_holds_no_lock(tmp_path: Path) -> None:
    store = str(tmp_path / "store.db")
    with (
        closing(open_store(store, timeout=10)) as backend,
        closing(open_store(store, timeout=0.1)) as other,
    ):
        backend.add_segment(SegmentDraft("VIP"))
        with pytest.raises(AlreadyExistsError):
            add_all(backend, "LOST", "VIP")
        other.add_segment(SegmentDraft("STAFF"))
        assert [segment.code for segment in backend.get_segments(SegmentQuery()).items] == ["VIP", "STAFF"]


def add_all(backend: StoreBackend, *codes: str) -> None:
    with backend.transaction():
        for code in codes:
            backend.add_segment(SegmentDraft(code))
