"""A store that cannot be used: exit 7, one clear line, nothing lost; and waiting for one that can."""

import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import COMMAND, Segments

READ = ("list",)
WRITE = ("add", "NEW")


def text_file(store: Path) -> None:
    store.write_bytes(b"id,code,name\n1,VIP,Very important\n" * 100)


def short_file(store: Path) -> None:
    store.write_bytes(b"x")


def another_database(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("CREATE TABLE customer (id INTEGER)")
    connection.close()


def newer_store(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def damaged_store(store: Path) -> None:
    content = bytearray(store.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    store.write_bytes(content)


BROKEN: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a text file": (text_file, "STORE_CORRUPT", "is no SQLite database"),
    "a short file": (short_file, "STORE_CORRUPT", "is no SQLite database"),
    "another database": (another_database, "STORE_CORRUPT", "not a store of segments"),
    "a newer store": (newer_store, "STORE_NEWER", "was written by a newer segcli"),
    "a damaged store": (damaged_store, "STORE_CORRUPT", "is damaged"),
}


@pytest.mark.parametrize("command", [READ, WRITE], ids=" ".join)
@pytest.mark.parametrize(("spoil", "code", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_store_of_ours_is_refused_and_left_as_it_is(
    segments: Segments, command: tuple[str, ...], spoil: Callable[[Path], None], code: str, said: str
) -> None:
    if "store" in spoil.__name__:
        segments.ok("add", "VIP")
    else:
        segments.store.parent.mkdir(parents=True)
    spoil(segments.store)
    before = segments.store.read_bytes()
    done = segments(*command)
    assert done.code == 7
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith("error: ")
    assert said in lines[0]
    assert str(segments.store) in lines[0]
    assert [line.split(":")[0] for line in lines[1:]] in (["hint"], [])
    assert segments(*command, "-o", "json").error["code"] == code
    assert segments.store.read_bytes() == before
    assert [path.name for path in segments.store.parent.iterdir()] == ["segments.db"]


@pytest.mark.parametrize("command", [READ, WRITE], ids=" ".join)
def test_a_folder_in_the_stores_place_is_7(segments: Segments, command: tuple[str, ...]) -> None:
    segments.store.mkdir(parents=True)
    done = segments(*command)
    assert done.code == 7
    assert "cannot be opened" in done.stderr
    assert "Is a directory" in done.stderr


def test_a_file_in_the_folders_place_is_7(segments: Segments) -> None:
    (segments.home / "data").write_text("")
    done = segments(*WRITE)
    assert (done.code, done.stdout) == (7, "")
    assert "cannot be made: Not a directory" in done.stderr


# Permissions do not bind root: then the command becomes another user, once all it needs is loaded,
# for that user may have no way to the interpreter's own files.
IS_ROOT = os.geteuid() == 0
AS_OTHER = """
import os, sys
import segcli.cli, segcli.backends.sqlite, segcli.output.tsv, segcli.operations.segments
import segcli.commands.add, segcli.commands.list, getpass, json, platformdirs
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sys.exit(segcli.cli.run(sys.argv[1:]))
"""


def as_ordinary_user(segments: Segments, *arguments: str) -> tuple[int, str]:
    for folder in [segments.home, *segments.home.parents]:
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o755)
    done = subprocess.run(
        [sys.executable, "-c", AS_OTHER, *arguments],
        env=segments.env,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def give_away(*paths: Path) -> None:
    if IS_ROOT:
        for path in paths:
            os.chown(path, 65534, 65534)


@pytest.mark.parametrize("command", [READ, WRITE], ids=" ".join)
def test_a_read_only_folder_is_7_and_loses_nothing(segments: Segments, command: tuple[str, ...]) -> None:
    segments.ok("add", "VIP")
    folder = segments.store.parent
    give_away(folder.parent, folder, segments.store)
    before = segments.store.read_bytes()
    folder.chmod(0o500)
    code, stderr = as_ordinary_user(segments, *command)
    folder.chmod(0o700)
    assert code == 7
    assert "error: the store" in stderr
    assert "its folder is read-only" in stderr
    assert "Traceback" not in stderr
    assert segments.store.read_bytes() == before


@pytest.mark.parametrize("command", [READ, WRITE], ids=" ".join)
@pytest.mark.parametrize("permission", [0o000, 0o400])
def test_a_file_that_may_not_be_written_is_7(
    segments: Segments, command: tuple[str, ...], permission: int
) -> None:
    segments.ok("add", "VIP")
    give_away(segments.store.parent.parent, segments.store.parent, segments.store)
    segments.store.chmod(permission)
    code, stderr = as_ordinary_user(segments, *command)
    assert code in ((7,) if permission == 0 or command == WRITE else (0, 7))
    if code:
        assert "Permission denied" in stderr
        assert len(stderr.splitlines()) == 2


def test_a_folder_that_may_not_be_made_is_7(segments: Segments) -> None:
    data = segments.home / "data"
    data.mkdir()
    give_away(data)
    data.chmod(0o500)
    code, stderr = as_ordinary_user(segments, *WRITE)
    data.chmod(0o700)
    assert code == 7
    assert "cannot be made: Permission denied" in stderr


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of 300 kB at `folder`; False where this user may mount none."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(folder)], check=False, capture_output=True
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_7_and_loses_nothing(segments: Segments) -> None:
    folder = segments.store.parent
    with small_disk(folder) as mounted:
        if not mounted:
            pytest.skip("only root mounts a disk; the limit below is tried by everyone")
        segments.ok("add", "VIP")
        segments.ok("accounts", "add", "VIP", "1", "2", "3")
        (folder / "ballast").write_bytes(b"x" * (os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize))
        ids = map(str, range(10, 8000))
        done = segments("accounts", "add", "VIP", *ids)
        assert done.code == 7
        assert "the disk is full" in done.stderr
        (folder / "ballast").unlink()
        assert segments.ok("accounts", "list", "VIP").lines == ["1", "2", "3"]
        assert segments.ok("doctor").code == 0


def test_a_full_disk_at_the_first_write_is_7(segments: Segments) -> None:
    folder = segments.store.parent
    with small_disk(folder) as mounted:
        if not mounted:
            pytest.skip("only root mounts a disk; the limit below is tried by everyone")
        (folder / "ballast").write_bytes(b"x" * (os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize))
        done = segments(*WRITE)
        assert done.code == 7
        (folder / "ballast").unlink()
        segments.ok(*WRITE)


def limited(segments: Segments, size: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as one that may make no file larger than `size` bytes."""
    return subprocess.run(
        [COMMAND, *arguments],
        env=segments.env,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


def test_a_file_that_may_not_grow_is_7_and_loses_nothing(segments: Segments) -> None:
    segments.ok("add", "VIP")
    segments.ok("accounts", "add", "VIP", "1", "2", "3")
    done = limited(segments, 65_536, "accounts", "add", "VIP", *map(str, range(10, 9000)))
    assert done.returncode == 7
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert segments.ok("accounts", "list", "VIP").lines == ["1", "2", "3"]
    assert limited(segments, 10, "add", "NEW").returncode == 7


HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextmanager
def held(store: Path, seconds: float) -> Iterator[None]:
    """Another process that holds the store's lock for a while."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield
    finally:
        holder.kill()
        holder.communicate()


def test_a_locked_store_is_7_when_the_time_is_up(segments: Segments) -> None:
    segments.ok("add", "VIP")
    with held(segments.store, 60):
        done = segments(*WRITE, "--timeout", "0.3")
        assert done.code == 7
        assert "is locked: another process has been writing for 0.3 s" in done.stderr
        assert segments(*WRITE, "--timeout", "0.1", "-o", "json").error["code"] == "STORE_LOCKED"
        assert segments.ok("list", "-o", "code").stdout == "VIP\n"


def test_a_lock_that_is_let_go_is_waited_for(segments: Segments) -> None:
    segments.ok("add", "VIP")
    with held(segments.store, 1):
        begun = time.monotonic()
        segments.ok(*WRITE)
        assert time.monotonic() > begun  # the clock is not judged: that it succeeded is
    assert segments.ok("list", "-o", "code").stdout == "VIP\nNEW\n"
