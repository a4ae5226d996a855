"""A file that is not a store, or a damaged one: exit 7, one clear line, and it is not changed."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.sqlite.refusal import READ, WRITE, assert_refused
from tests.support.command import Segments

PAGE = 4096
COMMANDS = pytest.mark.parametrize("command", [READ, WRITE], ids=" ".join)


def text_file(store: Path) -> None:
    store.write_bytes(b"id,code,name\n1,VIP,Very important\n" * 100)


def short_file(store: Path) -> None:
    store.write_bytes(b"x")


def another_database(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("CREATE TABLE customer (id INTEGER)")


def newer_store(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA user_version = 99")


def damaged_store(store: Path) -> None:
    content = bytearray(store.read_bytes())
    content[PAGE:] = b"\xff" * (len(content) - PAGE)
    store.write_bytes(content)


BROKEN: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a text file": (text_file, "STORE_CORRUPT", "is not an SQLite database"),
    "a short file": (short_file, "STORE_CORRUPT", "is not an SQLite database"),
    "another database": (another_database, "STORE_CORRUPT", "not a store of segments"),
    "a newer store": (newer_store, "STORE_NEWER", "was written by a newer segcli"),
    "a damaged store": (damaged_store, "STORE_CORRUPT", "is damaged"),
}


@COMMANDS
@pytest.mark.parametrize(("spoil", "code", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_not_a_store_is_rejected_and_not_changed(
    segments: Segments, command: tuple[str, ...], spoil: Callable[[Path], None], code: str, expected: str
) -> None:
    if "store" in spoil.__name__:
        segments.ok("add", "VIP")
    else:
        segments.store.parent.mkdir(parents=True)
    spoil(segments.store)
    before = segments.store.read_bytes()
    assert_refused(segments, command, code=code, expected=expected)
    assert str(segments.store) in segments(*command).stderr
    assert segments.store.read_bytes() == before
    assert [path.name for path in segments.store.parent.iterdir()] == ["segments.db"]


@pytest.fixture
def half_damaged(segments: Segments) -> Segments:
    """A store whose segments can be read, and whose memberships lie in pages of rubbish."""
    segments.ok("add", "VIP")
    segments.ok("accounts", "add", "VIP", *map(str, range(1, 10_001)))
    with closing(sqlite3.connect(segments.store)) as connection:
        roots = connection.execute("SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'membership'")
        pages = [page for (page,) in roots if page]
    content = bytearray(segments.store.read_bytes())
    for page in pages:
        content[(page - 1) * PAGE : page * PAGE] = b"\xff" * PAGE
    segments.store.write_bytes(content)
    return segments


@pytest.mark.parametrize(
    "line", ["accounts list VIP", "accounts add VIP 20000", "accounts remove VIP 5000", "delete VIP --yes"]
)
def test_a_command_that_reads_a_damaged_page_reports_it(half_damaged: Segments, line: str) -> None:
    before = half_damaged.store.read_bytes()
    done = half_damaged(*line.split())
    assert done.code == 7
    assert [text.split(":")[0] for text in done.stderr.splitlines()] == ["error", "hint"]
    assert "is damaged" in done.stderr
    assert half_damaged.store.read_bytes() == before


def test_doctor_reports_what_sqlite_finds_on_one_line(vip: Segments) -> None:
    """SQLite writes the name of its database on a line before some problems."""
    content = vip.store.read_bytes()
    pages = len(content) // PAGE + 1  # one that nothing refers to; the header has their number
    vip.store.write_bytes(content[:28] + pages.to_bytes(4, "big") + content[32:] + bytes(PAGE))
    done = vip("doctor")
    assert done.code == 7
    problem = f"the store {vip.store} is damaged: Page {pages} is never used"
    assert f"error: {problem}\n" in done.stderr


def test_doctor_finds_damage_that_reading_segments_does_not(half_damaged: Segments) -> None:
    assert half_damaged.ok("list", "-o", "code").stdout == "VIP\n"
    done = half_damaged("doctor")
    assert done.code == 7
    assert "is damaged" in done.stderr


@COMMANDS
def test_a_folder_in_place_of_the_store_is_rejected(segments: Segments, command: tuple[str, ...]) -> None:
    segments.store.mkdir(parents=True)
    assert_refused(segments, command, code="STORE_FAILED", expected="Is a directory")
    assert list(segments.store.iterdir()) == []
    assert list(segments.store.parent.iterdir()) == [segments.store]


@COMMANDS
def test_a_file_in_place_of_the_folder_is_rejected(segments: Segments, command: tuple[str, ...]) -> None:
    (segments.home / "data").write_text("mine")
    assert_refused(segments, command, code="STORE_FAILED", expected="Not a directory")
    assert (segments.home / "data").read_text() == "mine"


@COMMANDS
def test_a_named_pipe_in_place_of_the_store_is_rejected(segments: Segments, command: tuple[str, ...]) -> None:
    segments.store.parent.mkdir(parents=True)
    os.mkfifo(segments.store)
    assert_refused(segments, command, code="STORE_FAILED", expected=str(segments.store))
    assert list(segments.store.parent.iterdir()) == [segments.store]


def test_a_pipe_is_rejected_without_leaving_files_next_to_it(segments: Segments) -> None:
    pipe = segments.home / "pipe"
    os.mkfifo(pipe)
    for command in (("list",), ("add", "VIP")):
        done = segments(*command, "--backend", f"sqlite:{pipe}")
        assert done.code == 7
        assert f"{pipe} is not a regular file" in done.stderr
    assert not list(segments.home.glob("pipe-*"))
