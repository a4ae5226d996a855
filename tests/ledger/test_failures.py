"""A ledger that cannot be written: the tenant is changed all the same, and a warning says why."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.bulk import Tenant, is_chunk, write_ids
from tests.support.fault_scripts import first_of
from tests.support.ledgers import ledgers, recorded
from tests.support.tenant_server import Fault, Request

NOT_RECORDED = "warning: this run is not recorded in the ledger: "
ADD = ("accounts", "add", "VIP", "9")


def state(tenant: Tenant) -> Path:
    return tenant.segments.home / "state"


def assert_changed_with(tenant: Tenant, warning: str) -> str:
    """What a change prints on stderr, which succeeds and warns once."""
    done = tenant.segments.ok(*ADD)
    assert tenant.members == [1, 2, 3, 9]
    assert warning in done.stderr
    assert done.stderr.count("warning") == 1
    return done.stderr


def test_a_state_folder_that_is_a_file(tenant: Tenant) -> None:
    state(tenant).write_text("no folder")
    assert "ledgers cannot be created" in assert_changed_with(tenant, NOT_RECORDED)


def test_a_ledger_that_is_no_database(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "remove", "STAFF", "1")
    [path] = ledgers(tenant.segments)
    path.write_text("x" * 1_000)
    assert_changed_with(tenant, NOT_RECORDED)


@pytest.mark.parametrize("command", [("history",), ("undo", "--yes"), ("forget", "1", "--yes")])
def test_what_to_do_about_a_ledger_that_cannot_be_read(tenant: Tenant, command: tuple[str, ...]) -> None:
    tenant.segments.ok("accounts", "remove", "STAFF", "1")
    [path] = ledgers(tenant.segments)
    path.write_text("x" * 1_000)
    done = tenant.segments(*command)
    assert done.code == 7
    assert f"hint: the tenant is not affected; to start a new ledger: mv {path} {path}.old" in done.stderr
    assert tenant.members == [1, 2, 3]
    path.rename(f"{path}.old")
    tenant.segments.ok("history")


def test_a_damaged_ledger(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "STAFF", "1")
    [path] = ledgers(tenant.segments)
    content = bytearray(path.read_bytes())
    content[4_096:] = os.urandom(len(content) - 4_096)
    path.write_bytes(content)
    assert_changed_with(tenant, NOT_RECORDED)


def test_a_locked_ledger_delays_a_change_but_does_not_prevent_it(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "STAFF", "1")
    [path] = ledgers(tenant.segments)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "is locked" in assert_changed_with(tenant, NOT_RECORDED)


def test_a_lock_that_ends_before_the_run_loses_nothing(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "STAFF", "1")
    [path] = ledgers(tenant.segments)
    file = write_ids(tenant.segments.home / "ids.txt", range(1, 1_001))
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def lock(request: Request) -> Fault | None:
        if is_chunk(request) and request.body[0] == 1:
            other.execute("BEGIN IMMEDIATE")
        if is_chunk(request) and request.body[0] == 901:
            other.execute("ROLLBACK")
        return None

    tenant.play(lock)
    with closing(other):
        arguments = ("accounts", "add", "VIP", "--file", file, "--chunk-size", "100", "--concurrency", "1")
        done = tenant.segments.ok(*arguments)
    assert "warning" not in done.stderr
    assert recorded(tenant.segments)[-1].joined == list(range(1, 1_001))


def test_a_ledger_that_fails_at_the_end_is_reported(tenant: Tenant) -> None:
    def replace(request: Request) -> Fault | None:
        if is_chunk(request):
            [path] = ledgers(tenant.segments)
            shutil.move(path, path.with_name("moved"))
        return None

    tenant.play(replace)
    assert_changed_with(tenant, "warning: not all that this run did is recorded in the ledger: ")


def test_quiet_prints_no_warning(tenant: Tenant) -> None:
    state(tenant).write_text("no folder")
    assert tenant.segments.ok(*ADD, "-q").stderr == ""


def test_an_error_of_the_tenant_stays_the_error(tenant: Tenant) -> None:
    state(tenant).write_text("no folder")
    tenant.play(first_of("POST", Fault(reset_before=True), 99))
    done = tenant.segments(*ADD, "--timeout", "1")
    assert done.code == 6
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def small_disk(tenant: Tenant) -> Iterator[Path]:
    """A disk of 200 kB in the place of the state folder."""
    folder = state(tenant) / "segments"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root mounts a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(tenant: Tenant, small_disk: Path) -> None:
    (small_disk / "full").write_bytes(bytes(190_000))
    assert_changed_with(tenant, NOT_RECORDED)


def test_a_disk_that_becomes_full(tenant: Tenant, small_disk: Path) -> None:
    def fill(request: Request) -> Fault | None:
        if is_chunk(request):
            free = shutil.disk_usage(small_disk).free
            (small_disk / "full").write_bytes(bytes(free))
        return None

    tenant.play(fill)
    assert "not all that this run did is recorded" in assert_changed_with(tenant, "the disk is full")
    (small_disk / "full").unlink()
    [entry] = recorded(tenant.segments)
    assert not entry.change.complete
