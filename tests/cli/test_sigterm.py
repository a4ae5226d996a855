"""SIGTERM, as a CI job sends it at its timeout, is reported like Ctrl-C: exit code 143."""

import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.bulk import Tenant, is_chunk, wait_for, write_ids
from tests.support.command import COMMAND, Segments
from tests.support.serving import served
from tests.support.stores import members_of
from tests.support.tenant_server import Fault, TenantServer


def start(segments: Segments, *arguments: str) -> "subprocess.Popen[bytes]":
    """Starts the command with a stdin that stays open."""
    return subprocess.Popen(
        [COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=segments.env,
    )


def terminate(process: "subprocess.Popen[bytes]") -> tuple[bytes, str]:
    """What it prints after SIGTERM."""
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=30)
    return stdout, stderr.decode()


def wait_until_it_waits_for_the_lock(process: "subprocess.Popen[bytes]") -> None:
    assert process.stderr is not None
    while b"BEGIN IMMEDIATE" not in process.stderr.readline():
        assert process.poll() is None


def test_a_stream_from_a_store(thousands: Segments) -> None:
    child = thousands.start("list", "--all", "-o", "jsonl")
    assert child.stdout is not None
    child.stdout.readline()
    _, stderr = terminate(child)
    assert (child.returncode, stderr) == (143, "error: terminated\n")


def test_a_wait_for_a_locked_store(vip: Segments) -> None:
    with closing(sqlite3.connect(vip.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        child = start(vip, "accounts", "add", "VIP", "7", "--timeout", "3600", "-v")
        wait_until_it_waits_for_the_lock(child)
        _, stderr = terminate(child)
    assert child.returncode == 143
    assert stderr.endswith("error: terminated; nothing was changed\n")
    assert members_of(vip.store) == [1001, 1002]


def test_json_names_it(vip: Segments) -> None:
    child = start(vip, "accounts", "add", "VIP", "--file", "-", "-o", "json", "-v")
    assert child.stdin is not None
    child.stdin.write(b"7\n")
    child.stdin.flush()
    _wait_for_reading(child)
    stdout, stderr = terminate(child)
    error = json.loads(stderr.splitlines()[-1])["error"]
    assert (child.returncode, stdout, error["code"]) == (143, b"", "TERMINATED")
    assert members_of(vip.store) == [1001, 1002]


def _wait_for_reading(child: "subprocess.Popen[bytes]") -> None:
    """Waits until the command sleeps in a read of its stdin."""
    wait_for(
        lambda: Path(f"/proc/{child.pid}/wchan").read_text().endswith(("pipe_read", "pipe_wait_readable"))
    )


def test_requests_in_progress_are_finished_and_the_rest_can_be_resumed(
    segments: Segments, tenant: TenantServer, tenant_variables: None, tmp_path: Path
) -> None:
    segments.ok("add", "VIP")
    slow = Tenant(tenant, segments)
    slow.play(lambda request: Fault(delay=0.3) if is_chunk(request) else None)
    file = write_ids(tmp_path / "ids.txt", range(1, 2501))
    command = ("accounts", "add", "VIP", "--file", file, "--chunk-size", "50", "-o", "json")
    child = start(segments, *command)
    wait_for(lambda: len(slow.chunks) >= 6)
    stdout, stderr = terminate(child)
    sent = 50 * len(slow.chunks)
    error = json.loads(stderr)["error"]
    assert (child.returncode, json.loads(stdout)["added"]) == (143, sent)
    assert error["message"] == f"terminated; {sent:,} of 2,500 accounts were done"
    assert error["hint"] == "run the same command with --resume to send the rest"
    slow.play(None)
    assert segments.ok(*command, "--resume").json["resumed"] == sent


@pytest.mark.parametrize("times", [2, 5])
def test_repeated_at_once_it_is_one_request(vip: Segments, times: int) -> None:
    """timeout(1) signals the process and then its group."""
    child = start(vip, "accounts", "add", "VIP", "--file", "-")
    _wait_for_reading(child)
    for _ in range(times - 1):
        child.send_signal(signal.SIGTERM)
    _, stderr = terminate(child)
    assert (child.returncode, stderr) == (143, "error: terminated; nothing was changed\n")


def test_ignored_it_stays_ignored(vip: Segments) -> None:
    child = subprocess.Popen(
        ["sh", "-c", f"trap '' TERM; exec {COMMAND} accounts add VIP --file - -o json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=vip.env,
    )
    _wait_for_reading(child)
    child.send_signal(signal.SIGTERM)
    stdout, _ = child.communicate(b"7\n", timeout=30)
    assert (child.returncode, json.loads(stdout)["added"]) == (0, 1)


def test_serve_still_stops_in_its_own_way(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=40)
    assert server.process.returncode == 0
    assert server.log.read_text().endswith("stopped\n")
