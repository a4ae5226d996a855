"""Stores in older formats: converted completely and once, or not changed."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.sqlite.schema import FORMAT
from segcli.errors import StoreError, StoreLockedError, StoreNewerError
from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.sqlite import next_format
from tests.sqlite.old_store import format_of, schema_of, write_old_store
from tests.support.stores import open_store


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store in format 1 with a segment."""
    path = tmp_path / "store.db"
    write_old_store(path)
    return path


@pytest.fixture
def present(tmp_path: Path) -> Path:
    """A store in the present format with a segment; with a next format it is an old one."""
    path = tmp_path / "store.db"
    with closing(open_store(str(path), timeout=10)) as backend:
        backend.add_segment_accounts(backend.add_segment(SegmentDraft("S1")).id, AccountSet([1001, 1002]))
    return path


def tiers(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [tier for (tier,) in connection.execute("SELECT tier FROM segment_record")]


@pytest.mark.parametrize("reads", [True, False], ids=["a reader", "a writer"])
def test_the_first_to_open_a_store_converts_it(old: Path, reads: bool) -> None:
    with closing(open_store(str(old), timeout=10)) as backend:
        if not reads:
            backend.add_segment_accounts(1, AccountSet([1003]))
        assert [segment.code for segment in backend.get_segments(SegmentQuery()).items] == ["S1"]
        assert list(backend.get_segment_accounts(1)) == [1001, 1002, 1003][: 2 if reads else 3]
    assert format_of(old) == FORMAT


def test_a_converted_store_is_like_a_new_one(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    for path in (old, new):
        with closing(open_store(str(path), timeout=10)) as backend:
            backend.add_segment(SegmentDraft("NEW"))
    assert schema_of(old) == schema_of(new)


def test_every_missing_conversion_is_run(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    next_format.use(monkeypatch)
    with closing(open_store(str(old), timeout=10)) as backend:
        assert list(backend.get_segment_accounts(1)) == [1001, 1002]
    assert format_of(old) == next_format.NEXT
    assert tiers(old) == ["gold"]


def test_a_conversion_that_fails_leaves_the_store(present: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = present.read_bytes()
    with monkeypatch.context() as newer:
        next_format.use(newer, failing=True)
        with (
            closing(open_store(str(present), timeout=10)) as backend,
            pytest.raises(StoreError, match="no such table: nowhere; it was not upgraded"),
        ):
            backend.get_segments(SegmentQuery())
    assert present.read_bytes() == before
    with closing(open_store(str(present), timeout=10)) as backend:
        assert list(backend.get_segment_accounts(1)) == [1001, 1002]


def test_if_one_of_several_conversions_fails_none_is_kept(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old.read_bytes()
    next_format.use(monkeypatch, failing=True)
    with closing(open_store(str(old), timeout=10)) as backend, pytest.raises(StoreError):
        backend.add_segment(SegmentDraft("NEW"))
    assert old.read_bytes() == before


def test_a_conversion_waits_for_a_writer_until_the_timeout(old: Path) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with (
            closing(open_store(str(old), timeout=0.1)) as backend,
            pytest.raises(StoreLockedError, match=r"upgrading it, or writing, for 0\.1 s"),
        ):
            backend.get_segments(SegmentQuery())
    assert format_of(old) == 1


# Prints that it is ready, and opens the store when it reads a line on stdin.
OPENER = """
import sys
from segcli.query.tree import SegmentQuery
from tests.support.stores import open_store
print("ready", flush=True)
sys.stdin.readline()
backend = open_store(sys.argv[1], timeout=30)
print([segment.code for segment in backend.get_segments(SegmentQuery()).items])
backend.close()
"""


def test_processes_that_open_an_old_store_at_once_convert_it_once(old: Path) -> None:
    """The second conversion would find no table to convert."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, str(old)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        stdout, stderr = process.communicate(timeout=60)
        assert (process.returncode, stdout, stderr) == (0, "['S1']\n", "")
    assert format_of(old) == FORMAT


def test_a_conversion_done_by_another_process_meanwhile_is_not_repeated(old: Path) -> None:
    """The other converts after this one has seen the old format, before it has the lock."""
    converted: list[str] = []

    def convert_meanwhile(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE" and not converted:
            with closing(open_store(str(old), timeout=10)) as other:
                converted.append(other.get_segment(1).code)

    with closing(open_store(str(old), timeout=10, trace=convert_meanwhile)) as backend:
        assert backend.get_segment(1).code == "S1"
    assert converted == ["S1"]
    assert format_of(old) == FORMAT


def test_a_store_converted_by_a_newer_segcli_meanwhile_is_not_changed(old: Path) -> None:
    """The newer one converts between this one's first check and its lock."""

    def become_newer(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            with closing(sqlite3.connect(old)) as newer:
                newer.execute(f"PRAGMA user_version = {FORMAT + 1}")

    with (
        closing(open_store(str(old), timeout=10, trace=become_newer)) as backend,
        pytest.raises(StoreNewerError),
    ):
        backend.get_segment(1)
    assert format_of(old) == FORMAT + 1


def test_a_file_that_is_replaced_during_the_conversion_is_reported(old: Path) -> None:
    copy = old.with_name("copy.db")
    copy.write_bytes(old.read_bytes())

    def replace(statement: str) -> None:
        if statement == "DROP TABLE segment":
            copy.replace(old)

    with (
        closing(open_store(str(old), timeout=10, trace=replace)) as backend,
        pytest.raises(
            StoreError, match="was replaced by another file while it was open; it was not upgraded"
        ),
    ):
        backend.get_segment(1)


def test_a_format_that_never_existed_is_damage(present: Path) -> None:
    for number in (0, -1):
        with closing(sqlite3.connect(present)) as connection:
            connection.execute(f"PRAGMA user_version = {number}")
        before = present.read_bytes()
        for write in (False, True):
            with (
                closing(open_store(str(present), timeout=10)) as backend,
                pytest.raises(StoreError, match=f"is damaged: its format is {number}"),
            ):
                backend.add_segment(SegmentDraft("NEW")) if write else backend.get_segment(1)
        assert present.read_bytes() == before
