"""A full disk, or a file size limit: exit 7, nothing is lost, and the store works afterwards."""

import os
import random
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sqlite.refusal import WRITE, assert_refused, under
from tests.support.command import COMMAND, Segments

MANY = tuple(map(str, sorted(random.Random(1).sample(range(10, 2**31), 9_000))))  # each in its own block


def may_write_files_of(size: int) -> Callable[[], None]:
    """Limits the files that a process writes to `size` bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [0, 600, 4_096, 20_000])
def test_a_store_too_small_for_its_tables_is_created_by_the_next_write(segments: Segments, size: int) -> None:
    run = under(segments, may_write_files_of(size))
    assert_refused(run, WRITE, code="STORE_FAILED", expected=str(segments.store))
    assert segments.ok("list").stdout == ""
    segments.ok(*WRITE)
    assert segments.ok("list", "-o", "code").stdout == "NEW\n"


@pytest.mark.parametrize("size", [0, 10, 20_000, 65_536])
def test_a_store_that_cannot_grow_loses_nothing(segments: Segments, size: int) -> None:
    segments.ok("add", "VIP")
    segments.ok("accounts", "add", "VIP", "1", "2", "3")
    run = under(segments, may_write_files_of(size))
    assert_refused(
        run, ("accounts", "add", "VIP", *MANY), code="STORE_FAILED", expected="nothing was changed"
    )
    assert segments.ok("accounts", "list", "VIP").lines == ["1", "2", "3"]
    segments.ok("doctor")
    segments.ok("accounts", "add", "VIP", *MANY)


@pytest.fixture
def small_disk(segments: Segments) -> Iterator[Path]:
    """A disk of 300 kB in the place of the store's folder."""
    folder = segments.store.parent
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root mounts a disk; files that may not grow are tried by everyone")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fills the disk, and returns the file that fills it."""
    ballast = folder / "ballast"
    room = os.statvfs(folder)
    ballast.write_bytes(b"x" * (room.f_bavail * room.f_frsize))
    return ballast


def test_a_full_disk_at_the_first_write_is_reported(segments: Segments, small_disk: Path) -> None:
    ballast = fill(small_disk)
    assert_refused(segments, WRITE, code="STORE_FULL", expected="the disk is full")
    assert segments.ok("list").stdout == ""
    ballast.unlink()
    segments.ok(*WRITE)


def test_a_full_disk_rejects_writes_and_loses_nothing(segments: Segments, small_disk: Path) -> None:
    segments.ok("add", "VIP")
    ballast = fill(small_disk)
    assert_refused(segments, WRITE, code="STORE_FULL", expected="the disk is full")
    ballast.unlink()
    assert segments.ok("list", "-o", "code").stdout == "VIP\n"
    segments.ok("doctor")


def test_a_disk_that_fills_up_in_the_middle_of_a_write_loses_nothing(
    segments: Segments, small_disk: Path
) -> None:
    segments.ok("add", "VIP")
    segments.ok("accounts", "add", "VIP", "1", "2", "3")
    ballast = fill(small_disk)
    os.truncate(ballast, ballast.stat().st_size - 100_000)
    assert_refused(
        segments, ("accounts", "add", "VIP", *MANY), code="STORE_FULL", expected="the disk is full"
    )
    ballast.unlink()
    assert segments.ok("accounts", "list", "VIP").lines == ["1", "2", "3"]
    segments.ok("doctor")


def test_a_chunked_run_that_fills_the_disk_does_not_claim_that_nothing_was_changed(
    segments: Segments, small_disk: Path
) -> None:
    segments.ok("add", "VIP")
    ballast = fill(small_disk)
    os.truncate(ballast, ballast.stat().st_size - 150_000)
    done = segments("accounts", "add", "VIP", *MANY, "--chunk-size", "1000")
    assert done.code == 7
    assert "the disk is full" in done.stderr
    assert "accounts were done" in done.stderr
    assert "nothing was changed" not in done.stderr
    ballast.unlink()
    assert segments.ok("accounts", "list", "VIP").lines


def test_a_commit_that_the_disk_does_not_confirm_is_uncertain(vip: Segments) -> None:
    """The change is in the log, so it is not true that nothing was changed."""
    no_sync = ["strace", "-f", "-qq", "-o", os.devnull, "-e", "inject=fdatasync,fsync:error=EIO:when=1+"]
    if shutil.which("strace") is None or subprocess.run([*no_sync, "true"], check=False).returncode:
        pytest.skip("strace makes fsync fail, where it is installed and allowed")
    done = subprocess.run(
        [*no_sync, COMMAND, "add", "NEW"],
        env=vip.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7, done
    assert "it may be saved or not" in done.stderr
    assert "nothing was changed" not in done.stderr
