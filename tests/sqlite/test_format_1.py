"""Stores that segcli 0.1.0 wrote: everything is preserved, or nothing is changed and the error says why."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.sqlite.schema import FORMAT
from segcli.errors import StoreError
from segcli.query.tree import SegmentQuery
from tests.sqlite.old_store import (
    SHOWN_DATE,
    SHOWN_LATER,
    format_of,
    old_content,
    scattered,
    write_old_store,
)
from tests.sqlite.refusal import assert_refused, obey_permissions, permission, under
from tests.support.command import Segments
from tests.support.stores import members_of, open_store

KILLS = int(os.environ.get("SEGMENTS_TEST_KILLS", "8"))
LARGE = 40_000  # accounts: converting them takes long enough to be interrupted
MEMBERS: tuple[Sequence[int], ...] = (
    [1, 65_535, 65_536, 2**31 - 1],
    range(5, 200_000, 3),
    [],
    scattered(3_000, 1),
)


@pytest.fixture
def old(segments: Segments) -> Segments:
    """The store has four segments; another was deleted, and had the largest id."""
    write_old_store(
        segments.store,
        MEMBERS,
        (
            "INSERT INTO segment (id, code, create_date, update_date) VALUES (9, 'GONE', 0, 0)",
            "DELETE FROM segment WHERE id = 9",
            "UPDATE segment SET name = NULL, create_by = NULL, description = 'ÄÖ <b>' WHERE id = 2",
            "UPDATE segment SET code = 'ÉTÉ ' || char(10) || 'x' WHERE id = 3",
        ),
    )
    return segments


@pytest.fixture
def large(segments: Segments) -> Segments:
    write_old_store(segments.store, [scattered(LARGE, 2)])
    return segments


def test_everything_is_preserved(old: Segments) -> None:
    shown = old.ok("list", "--counts", "-o", "json").json["items"]
    assert [(each["id"], each["code"], each["accounts"]) for each in shown] == [
        (1, "S1", 4),
        (2, "S2", len(MEMBERS[1])),
        (3, "ÉTÉ \nx", 0),
        (4, "S4", 3_000),
    ]
    assert shown[0]["name"] == "Näme 1"
    assert shown[0]["auditInfo"] == {
        "createDate": SHOWN_DATE,
        "updateDate": SHOWN_LATER,
        "createBy": "Ann",
        "updateBy": "bob",
    }
    assert (shown[1]["name"], shown[1]["description"]) == (None, "ÄÖ <b>")
    assert shown[1]["auditInfo"]["createBy"] is None
    for segment_id, members in enumerate(MEMBERS, 1):
        assert old.ok("accounts", "list", f"id:{segment_id}").lines == list(map(str, members))
    assert old.ok("list", "--filter", "code sw 'été' and createBy eq ANN", "--fields", "id").lines == ["3"]
    assert old.ok("add", "NEW", "-o", "id").stdout == "10\n"
    old.ok("doctor")
    assert [path.name for path in old.store.parent.iterdir()] == ["segments.db"]
    assert old.store.stat().st_mode & 0o777 == 0o600


def test_a_store_without_segments_is_converted(segments: Segments) -> None:
    write_old_store(segments.store, [])
    assert segments.ok("list").stdout == ""
    assert format_of(segments.store) == FORMAT
    assert segments.ok("add", "NEW", "-o", "id").stdout == "1\n"


def test_space_that_is_no_longer_needed_is_released(old: Segments) -> None:
    before = old.store.stat().st_size
    old.ok("list")
    assert old.store.stat().st_size < before / 4
    with closing(sqlite3.connect(old.store)) as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)


def test_what_is_still_in_the_log_is_converted(segments: Segments) -> None:
    """A killed process leaves its last commits there."""
    write_old_store(segments.store)
    with closing(sqlite3.connect(segments.store, isolation_level=None)) as connection:
        connection.execute("INSERT INTO segment_account VALUES (1, 7)")
        copies = {path: path.read_bytes() for path in segments.store.parent.iterdir()}
    for path, content in copies.items():
        path.write_bytes(content)
    assert segments.store.with_name("segments.db-wal").stat().st_size > 0
    assert segments.ok("accounts", "list", "S1").lines == ["7", "1001", "1002"]


def test_a_process_that_has_the_old_store_open_fails_to_write(old: Segments) -> None:
    """These are the statements of 0.1.0."""
    with closing(sqlite3.connect(old.store, isolation_level=None)) as before:
        before.execute("SELECT id FROM segment WHERE code = 'S1'").fetchall()
        old.ok("list")
        for statement in (
            "INSERT INTO segment (code, create_date, update_date) VALUES ('NEW', 0, 0) RETURNING id",
            "UPDATE segment SET name = 'x' WHERE id = 1",
            "DELETE FROM segment WHERE id = 1",
            "INSERT INTO segment_account SELECT 1, value FROM json_each('[7]') WHERE TRUE"
            " ON CONFLICT DO NOTHING",
            "SELECT id FROM segment WHERE id = 1",
        ):
            with pytest.raises(sqlite3.OperationalError, match="no such table: segment"):
                before.execute(statement)
    # A new process of 0.1.0 supports format 1 only, and reports a larger number as STORE_NEWER.
    assert format_of(old.store) > 1


def test_a_reader_of_the_old_store_finishes(old: Segments) -> None:
    with closing(sqlite3.connect(old.store, isolation_level=None)) as before:
        before.execute("BEGIN")
        assert before.execute("SELECT count(*) FROM segment").fetchone() == (4,)
        old.ok("list")
        assert before.execute("SELECT count(*) FROM segment_account WHERE segment_id = 4").fetchone() == (
            3_000,
        )
    old.ok("doctor")


DAMAGE = {
    "accounts of no segment": (
        "INSERT INTO segment_account VALUES (77, 1)",
        "it contains accounts of segments that do not exist",
    ),
    "an account that is too large": ("INSERT INTO segment_account VALUES (1, 4294967296)", "is not an id"),
    "account 0": ("INSERT INTO segment_account VALUES (1, 0)", "is not an id"),
    "a date past the last year": (
        "UPDATE segment SET create_date = 9223372036854775807 WHERE id = 2",
        "is not a date",
    ),
    "text that is not UTF-8": (
        "UPDATE segment SET name = CAST(x'ff' AS TEXT) WHERE id = 2",
        "UTF-8",
    ),
}


@pytest.mark.parametrize(("statement", "expected"), DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("command", [("list",), ("add", "NEW")], ids=" ".join)
def test_a_damaged_store_is_not_converted(
    old: Segments, statement: str, expected: str, command: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(old.store, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
    before = old.store.read_bytes()
    assert_refused(old, command, code="STORE_CORRUPT", expected=expected)
    assert "it was not upgraded" in old(*command).stderr
    assert old("doctor").code == 7
    assert old.store.read_bytes() == before


def test_broken_pages_are_damage(large: Segments) -> None:
    with closing(sqlite3.connect(large.store)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'segment_account'"
        ).fetchone()
    content = bytearray(large.store.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    large.store.write_bytes(content)
    assert_refused(large, ("list",), code="STORE_CORRUPT", expected="is damaged")
    assert large("doctor").code == 7
    assert large.store.read_bytes() == bytes(content)


@contextmanager
def started(segments: Segments, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = segments.start(*command)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def assert_one_format(store: Path, before: str) -> int:
    """The store is completely in one format, which is returned."""
    found = format_of(store)
    if found == 1:
        assert old_content(store) == before
        with closing(sqlite3.connect(store)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        assert "segment_record" not in tables
    else:
        assert members_of(store) == scattered(LARGE, 2)
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return found


def test_a_kill_at_any_moment_leaves_one_format(large: Segments) -> None:
    """Also during VACUUM."""
    chance = random.Random(3)
    content = large.store.read_bytes()
    before = old_content(large.store)
    begun = time.monotonic()
    large.ok("list")
    whole = time.monotonic() - begun
    found = set()
    for _ in range(KILLS):
        for path in large.store.parent.iterdir():
            path.unlink()
        large.store.write_bytes(content)
        with started(large, "list") as process:
            time.sleep(chance.uniform(0.3, 1.1) * whole)
            process.kill()
            process.communicate()
        found.add(assert_one_format(large.store, before))
        assert large.ok("accounts", "list", "S1").lines == list(map(str, scattered(LARGE, 2)))
        large.ok("doctor")
    assert found <= {1, FORMAT}


def stop_at(segments: Segments, statement: str, number: int) -> int:
    """Sends a signal to a command when it is about to run a statement; returns its exit code."""
    with started(segments, "list", "--verbose") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(statement.encode()):
                process.send_signal(number)
                break
        process.communicate()
        return process.returncode


MOMENTS = (
    "CREATE TABLE membership ",
    "INSERT INTO membership ",
    "DROP TABLE segment_account",
    "PRAGMA user_version",
    "COMMIT",
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM], ids=lambda n: str(n.name))
@pytest.mark.parametrize("statement", MOMENTS)
def test_a_signal_during_the_conversion_leaves_one_format(
    large: Segments, statement: str, number: signal.Signals
) -> None:
    before = old_content(large.store)
    code = stop_at(large, statement, number)
    found = assert_one_format(large.store, before)
    assert code in (0, 128 + number, -number)
    assert found == FORMAT or code
    if statement == MOMENTS[0]:
        assert (found, code != 0) == (1, True)
    assert large.ok("accounts", "list", "S1").lines == list(map(str, scattered(LARGE, 2)))


def test_a_kill_during_vacuum_loses_nothing(large: Segments) -> None:
    before = old_content(large.store)
    stop_at(large, "VACUUM", signal.SIGKILL)
    assert assert_one_format(large.store, before) == FORMAT
    large.ok("doctor")


def test_a_conversion_without_enough_space_is_refused(large: Segments) -> None:
    disk = mounted(large, large.store.stat().st_size * 3 // 2)
    try:
        content = large.store.read_bytes()
        before = old_content(large.store)
        assert_refused(large, ("list",), code="STORE_FULL", expected="it was not upgraded")
        done = large("add", "NEW")
        assert "bytes, and the disk has" in done.stderr
        assert "nothing was changed" in done.stderr
        assert old_content(large.store) == before
        assert large.store.read_bytes() == content
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_space_that_the_check_requires_is_enough(segments: Segments) -> None:
    """Builds of SQLite that overwrite what is deleted would write the old tables to the log."""
    write_old_store(segments.store, [range(1, 300_000)])
    size = segments.store.stat().st_size
    with closing(sqlite3.connect(segments.store, isolation_level=None)) as other:
        other.execute("PRAGMA user_version").fetchall()  # while it is open, the log stays, at its largest
        assert segments.ok("list", "--counts", "--output", "tsv").lines[0].endswith("\t299999")
        log = segments.store.with_name(segments.store.name + "-wal")
        assert log.stat().st_size < size / 10


def test_the_space_is_that_of_the_disk_of_the_store_not_of_its_link(large: Segments, tmp_path: Path) -> None:
    disk = mounted(large, large.store.stat().st_size * 3 // 2)
    try:
        link = tmp_path / "link.db"
        link.symlink_to(large.store)
        done = large("list", "--backend", f"sqlite:{link}")
        assert done.code == 7
        assert "bytes, and the disk has" in done.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def mounted(segments: Segments, size: int) -> Path:
    """A disk of that size in the place of the store's folder, with the store."""
    folder = segments.store.parent
    content = segments.store.read_bytes()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root mounts a disk")
    segments.store.write_bytes(content)
    return folder


def test_a_disk_that_fills_up_during_the_conversion_leaves_the_store(
    large: Segments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program fills the disk after the free space was checked."""
    disk = mounted(large, large.store.stat().st_size + 8_000_000)
    ballast = disk / "ballast"
    before = old_content(large.store)

    def fill(statement: str) -> None:
        if statement.startswith("INSERT INTO membership ") and not ballast.exists():
            room = os.statvfs(disk)
            ballast.write_bytes(b"x" * (room.f_bavail * room.f_frsize))

    try:
        with (
            closing(open_store(str(large.store), timeout=10, trace=fill)) as backend,
            pytest.raises(StoreError, match=r"the disk is full; it was not upgraded"),
        ):
            backend.get_segments(SegmentQuery())
        ballast.unlink()
        assert format_of(large.store) == 1
        assert old_content(large.store) == before
        large.ok("doctor")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize(
    ("target", "mode", "expected"),
    [("store", 0o400, "Permission denied"), ("folder", 0o500, "its folder is read-only")],
    ids=["file", "folder"],
)
def test_a_store_that_cannot_be_written_is_not_converted(
    old: Segments, target: str, mode: int, expected: str
) -> None:
    before = old.store.read_bytes()
    with permission(old.store if target == "store" else old.store.parent, mode):
        assert_refused(under(old, obey_permissions), ("list",), code="STORE_FAILED", expected=expected)
    assert old.store.read_bytes() == before


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
def test_a_process_that_waits_says_so_and_then_works(old: Segments, terminal: bool) -> None:
    message = "is being upgraded by another process"
    with closing(sqlite3.connect(old.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        if terminal:
            child = old.terminal("list", "-o", "code", "--sort", "id", columns=400)
            child.expect(message)
            other.execute("ROLLBACK")
            rest = child.read()
            assert "\r\x1b[K" in rest
            assert "S1" in rest
            child.close()
            assert child.exitstatus == 0
            return
        waiting = old.start("list", "-o", "code")
        assert waiting.stderr is not None
        first = waiting.stderr.readline().decode()
        assert message in first
        other.execute("ROLLBACK")
        stdout, rest_of_stderr = waiting.communicate(timeout=60)
    assert (waiting.returncode, rest_of_stderr) == (0, b"")
    assert stdout.startswith(b"S1\n")


def test_a_long_conversion_shows_its_progress(large: Segments) -> None:
    """It is stopped for more than a second."""
    with started(large, "list", "--verbose") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(b"INSERT INTO membership "):
                process.send_signal(signal.SIGSTOP)
                time.sleep(1.1)
                process.send_signal(signal.SIGCONT)
                break
        _, rest = process.communicate(timeout=60)
    assert process.returncode == 0
    assert re.search(rf"upgrading the store {large.store}: [\d,]+ of 40,000 memberships", rest.decode())


def test_completion_does_not_convert(old: Segments) -> None:
    before = old.store.read_bytes()
    assert old.ok("completion", "values", "segments", "S").stdout == ""
    assert old.store.read_bytes() == before
    assert [path.name for path in old.store.parent.iterdir()] == ["segments.db"]


def test_doctor_does_not_convert(old: Segments) -> None:
    before = old.store.read_bytes()
    assert "is intact; it has format 1" in old.ok("doctor").stdout
    assert old.store.read_bytes() == before


def test_a_transaction_on_an_old_store_sees_and_changes_the_converted_one(old: Segments) -> None:
    with closing(open_store(str(old.store), timeout=10)) as backend, backend.transaction():
        assert backend.add_segment_accounts(3, AccountSet([7])) == 1
        assert list(backend.remove_segment_accounts(1, AccountSet([1, 2]))) == [2]
    assert members_of(old.store, 3) == [7]
    assert members_of(old.store) == list(MEMBERS[0])[1:]
