"""Errors of the local store: whether anything was changed, for one transaction and for several."""

import re
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from segcli.backends.base import all_or_nothing
from segcli.backends.store.backend import StoreBackend
from segcli.errors import UserInterruptError
from tests.support.bulk import Tenant, wait_for, write_ids
from tests.support.command import COMMAND, Segments
from tests.support.fault_scripts import reply
from tests.support.stores import members_of, open_store
from tests.support.tenant_server import Fault, Request

IDS = range(1, 100_001)
ADD = ("accounts", "add", "VIP", "--file")
UNCHANGED = "nothing was changed"


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Holds the lock for writing."""
    with closing(sqlite3.connect(store, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.fixture
def vip(segments: Segments) -> Segments:
    segments.ok("add", "VIP")
    return segments


@pytest.fixture
def file(tmp_path: Path) -> str:
    return write_ids(tmp_path / "ids.txt", IDS)


WRITES = [
    "add NEW",
    "update VIP --name new",
    "delete VIP --yes",
    "accounts add VIP 1",
    "accounts remove VIP 1",
]


@pytest.mark.parametrize("line", WRITES)
def test_a_locked_store_changes_nothing_and_the_error_says_so(vip: Segments, line: str) -> None:
    with locked(vip.store):
        done = vip(*line.split(), "--timeout", "0.2", "-o", "json")
    assert (done.code, done.error["code"]) == (7, "STORE_LOCKED")
    assert done.error["message"].endswith(f"; {UNCHANGED}")
    assert done.error["message"].count(UNCHANGED) == 1


def test_setting_accounts_of_a_locked_store_changes_nothing_and_says_so(vip: Segments, file: str) -> None:
    with locked(vip.store):
        done = vip("accounts", "set", "VIP", "--file", file, "--yes", "--timeout", "0.2", "-o", "json")
    assert done.code == 7
    assert done.error["message"].endswith(f"; {UNCHANGED}")


@pytest.mark.parametrize("line", ["add NEW", "accounts add VIP 1"])
def test_ctrl_c_while_waiting_for_the_lock_says_that_nothing_was_changed(vip: Segments, line: str) -> None:
    with locked(vip.store):
        process = vip.start(*line.split(), "--verbose")
        assert process.stderr is not None
        assert any(b"BEGIN IMMEDIATE" in trace for trace in iter(process.stderr.readline, b""))
        stderr = interrupt(process)
    assert process.returncode == 130
    assert f"error: interrupted; {UNCHANGED}" in stderr.decode()


def test_ctrl_c_during_the_commit_does_not_say_that_nothing_was_changed(tmp_path: Path) -> None:
    class InterruptedCommit(StoreBackend):
        @contextmanager
        def transaction(self) -> Iterator[None]:
            with super().transaction():
                yield
            raise KeyboardInterrupt

    backend = InterruptedCommit(open_store(str(tmp_path / "store.db"), timeout=1)._database)
    with pytest.raises(KeyboardInterrupt), all_or_nothing(backend):
        pass
    with pytest.raises(UserInterruptError, match=UNCHANGED), all_or_nothing(backend):
        raise KeyboardInterrupt
    backend.close()


def interrupt(process: subprocess.Popen[bytes]) -> bytes:
    """Sends SIGINT, again if it arrived while SQLite called the trace, where Python drops exceptions."""
    for _ in range(10):
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=2)[1]
    raise AssertionError("not interrupted")


def assert_partly_done(code: int, stderr: str, store: Path) -> None:
    """Exit code 7; the message says how many accounts were done, and the store contains these."""
    assert code == 7, stderr
    assert UNCHANGED not in stderr
    match = re.search(r"^error: .*; ([\d,]+) of 100,000 accounts were done$", stderr, re.MULTILINE)
    assert match, stderr
    done = int(match[1].replace(",", ""))
    assert 0 < done < len(IDS)
    assert members_of(store) == list(IDS[:done])
    assert "run the same command with --resume to send the rest" in stderr


def test_a_lock_during_a_run_in_chunks_reports_what_was_done(vip: Segments, file: str) -> None:
    process = vip.start(*ADD, file, "--chunk-size", "10", "--timeout", "0.2")
    wait_for(lambda: members_of(vip.store))
    with locked(vip.store):
        _, stderr = process.communicate(timeout=30)
    assert_partly_done(process.returncode, stderr.decode(), vip.store)
    assert vip.ok(*ADD, file, "--resume", "-o", "json").json["unique"] == len(IDS)
    assert members_of(vip.store) == list(IDS)


def test_a_full_disk_during_a_run_in_chunks_reports_what_was_done(vip: Segments, file: str) -> None:
    def limit_file_size() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    done = subprocess.run(
        [COMMAND, *ADD, file, "--chunk-size", "1000"],
        env=vip.env,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit_file_size,
    )
    assert_partly_done(done.returncode, done.stderr, vip.store)


def test_a_failed_first_chunk_does_not_say_that_nothing_was_changed(vip: Segments, file: str) -> None:
    with locked(vip.store):
        done = vip(*ADD, file, "--chunk-size", "1000", "--timeout", "0.2")
    assert (done.code, done.stdout) == (7, "")
    assert "is locked" in done.stderr
    assert UNCHANGED not in done.stderr


def test_a_deletion_on_a_tenant_that_fails_says_how_many_segments_were_deleted(tenant: Tenant) -> None:
    tenant.segments.ok("add", "STAFF")

    def forbid_the_second(request: Request) -> Fault | None:
        forbidden = request.method == "DELETE" and request.path.endswith("/2")
        return reply(403, b'{"errorCode": "FORBIDDEN", "message": "not allowed"}') if forbidden else None

    tenant.play(forbid_the_second)
    done = tenant.segments("delete", "VIP", "STAFF", "--yes", "-o", "json")
    assert done.code == 5
    assert done.error["message"].endswith("; 1 of 2 segments were deleted")
    assert tenant.segments.ok("list", "-o", "code").lines == ["STAFF"]
