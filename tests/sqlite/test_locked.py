"""A store that another process is writing to: commands wait, and report it after the timeout."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.sqlite.refusal import WRITE, assert_refused
from tests.support.command import Segments
from tests.support.stores import open_store

# It ends its transaction when it reads a line on stdin.
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE segment_record SET name = 'held'")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""


@contextmanager
def held(store: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a write, until it gets a line on stdin."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield holder
    finally:
        holder.kill()
        holder.communicate()


@pytest.mark.parametrize(
    "line", ["add NEW", "update VIP --name new", "accounts add VIP 1", "delete VIP --yes"]
)
def test_a_locked_store_is_reported_after_the_timeout(segments: Segments, line: str) -> None:
    segments.ok("add", "VIP")
    with held(segments.store):
        expected = "is locked: another process has been writing for 0.3 s"
        assert_refused(segments, (*line.split(), "--timeout", "0.3"), code="STORE_LOCKED", expected=expected)
    segment = segments.ok("get", "VIP", "-o", "json").json
    assert segment["name"] is None
    assert segments.ok("list", "-o", "code").stdout == "VIP\n"


def test_a_locked_store_can_be_read(segments: Segments) -> None:
    segments.ok("add", "VIP", "--name", "old")
    with held(segments.store):
        assert segments.ok("list", "--fields", "name", "--timeout", "0.3").stdout == "old\n"


def test_a_write_waits_until_the_lock_is_released(segments: Segments) -> None:
    segments.ok("add", "VIP")
    with held(segments.store) as holder:
        waiting = segments.start(*WRITE, "--verbose")
        assert waiting.stderr is not None
        # The statement is logged before it waits: from here on the command waits for the lock.
        told = iter(waiting.stderr.readline, b"")
        assert any(b"BEGIN IMMEDIATE" in line for line in told)
        assert waiting.poll() is None
        holder.communicate("go on\n")
        waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert segments.ok("list", "-o", "code").stdout == "VIP\nNEW\n"
    assert segments.ok("get", "VIP", "-o", "json").json["name"] == "held"


def test_ctrl_c_while_a_statement_is_logged_ends_the_wait(vip: Segments) -> None:
    """SQLite drops what its trace callback raises, and a signal may be handled there."""

    def interrupt(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            signal.raise_signal(signal.SIGINT)

    with (
        held(vip.store),
        closing(open_store(str(vip.store), timeout=2, trace=interrupt)) as backend,
        pytest.raises(KeyboardInterrupt),
    ):
        backend.delete_segment(1)
