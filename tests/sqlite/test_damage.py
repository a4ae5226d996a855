"""Damage inside a store: whatever it makes SQLite or Python raise is exit 7, and `doctor` finds it."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from segcli.errors import StoreCorruptError
from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.sqlite.damage import (
    COUNTED,
    READS,
    changed_rows,
    flipped,
    problem,
    runs,
    sample,
    wrong_answer,
)
from tests.support.command import Segments
from tests.support.stores import open_store

LIST, GET, ACCOUNTS, DOCTOR = ("list",), ("get", "id:1"), ("accounts", "list", "VIP"), ("doctor",)
OF, COUNTS = ("accounts", "of", "1001"), ("list", "--counts")
ADD, REMOVE = ("accounts", "add", "VIP", "7"), ("accounts", "remove", "VIP", "1001")

# Values that no command writes, and the commands that read them.
ROWS = {
    "a date past the last year": (
        "UPDATE segment_record SET create_date = 9223372036854775807 WHERE id = 1",
        (LIST, GET),
    ),
    "a date before the first year": (
        "UPDATE segment_record SET update_date = -9223372036854775808 WHERE id = 1",
        (LIST, GET),
    ),
    "text as a date": ("UPDATE segment_record SET create_date = 'today' WHERE id = 1", (LIST, GET)),
    "a blob as a name": ("UPDATE segment_record SET name = x'ff' WHERE id = 1", (LIST, GET)),
    "a blob as a code": ("UPDATE segment_record SET code = x'ff' WHERE id = 1", (LIST, GET)),
    "text that is not UTF-8": (
        "UPDATE segment_record SET name = CAST(x'ff' AS TEXT) WHERE id = 1",
        (LIST, GET),
    ),
    "an id that is too large": ("UPDATE segment_record SET id = 4294967296 WHERE id = 2", (LIST,)),
    "text as accounts": ("UPDATE membership SET accounts = CAST(accounts AS TEXT)", (ACCOUNTS, OF)),
    "null as accounts": ("UPDATE membership SET accounts = 5", (ACCOUNTS, OF)),
    "no bytes as accounts": ("UPDATE membership SET accounts = x''", (ACCOUNTS, OF)),
    "a negative block": ("UPDATE membership SET block = -1", (ACCOUNTS,)),
    "text as a block": ("UPDATE membership SET block = 'x'", (ACCOUNTS,)),
    "a text as a checksum": ("UPDATE membership SET checksum = 'x'", (ACCOUNTS, OF)),
    "a negative count": ("UPDATE membership_size SET accounts = -1 WHERE segment_id = 1", (ACCOUNTS, COUNTS)),
    "a text as a count": ("UPDATE membership_size SET accounts = 'x' WHERE segment_id = 1", (COUNTS,)),
    "another count": ("UPDATE membership_size SET accounts = 3 WHERE segment_id = 1", (ACCOUNTS, COUNTS)),
    "another version": ("UPDATE membership_size SET version = 3 WHERE segment_id = 1", (ACCOUNTS, COUNTS)),
    "no count": ("DELETE FROM membership_size WHERE segment_id = 1", (ACCOUNTS, COUNTS, ADD, REMOVE)),
    "a count of no segment": ("INSERT INTO membership_size VALUES (77, 0, 0, 0)", ()),
    "a segment that has accounts": ("DELETE FROM segment_record WHERE id = 1", (OF,)),
    "accounts of no segment": ("UPDATE membership SET segment_id = 77 WHERE segment_id = 1", (OF,)),
    "another text to compare": ("UPDATE segment_record SET code_folded = 'x' WHERE id = 1", ()),
}

HISTORY = {
    "a change of another kind": "UPDATE change SET kind = 'x' WHERE id = 2",
    "a count of accounts": "UPDATE change SET joined = joined + 1 WHERE id = 3",
    "accounts that never joined": "UPDATE change SET joined = 0 WHERE id = 3",
    "no accounts of a change": "DELETE FROM change_accounts WHERE change_id = 3",
    "accounts of no change": "INSERT INTO change_accounts VALUES (77, 1, 0, NULL, NULL, 0)",
    "a blob that is cut off": "UPDATE change_accounts SET joined = substr(joined, 1, 3) WHERE change_id = 3",
    "text as accounts": "UPDATE change_accounts SET joined = CAST(joined AS TEXT) WHERE change_id = 3",
    "another checksum": "UPDATE change_accounts SET checksum = checksum + 1 WHERE change_id = 3",
    "another part": "UPDATE change_accounts SET part = 3 WHERE change_id = 3",
    "no first change": "DELETE FROM change WHERE id = 1",
    "no last change": "DELETE FROM change WHERE segment_id = 2 AND id = 4",
    "no history": "DELETE FROM change WHERE segment_id = 2",
    "another code before": (
        "UPDATE change SET segment_before = replace(segment_before, 'VIP', 'V') WHERE id = 3"
    ),
    "another segment after": "UPDATE change SET segment_after = replace(segment_after, '2026', '2025')",
    "text that is not JSON": "UPDATE change SET segment_after = '{' WHERE id = 1",
    "a list as a segment": "UPDATE change SET segment_after = '[]' WHERE id = 1",
    "a number as a name": (
        "UPDATE change SET segment_after = json_set(segment_after, '$.name', 5) WHERE segment_id = 1"
    ),
    "text that is not UTF-8": "UPDATE change SET segment_after = CAST(x'ff' AS TEXT) WHERE id = 1",
    "another code": "UPDATE change SET code = 'X' WHERE id = 3",
    "another segment": "UPDATE change SET segment_id = 2 WHERE id = 1",
    "a time that jumps back": "UPDATE change SET changed_at = 1 WHERE id = 3",
    "an undo of a later change": "UPDATE change SET undoes = 9 WHERE id = 1",
    "a run that starts later": "UPDATE change SET run = 9 WHERE id = 1",
    "a blob as a code": "UPDATE change SET code = x'ff' WHERE id = 1",
    "a time of no calendar": "UPDATE change SET changed_at = 9223372036854775807 WHERE id = 3",
}


@pytest.mark.parametrize("statement", HISTORY.values(), ids=HISTORY)
def test_damage_in_the_history_is_found_and_never_a_bug(vip: Segments, statement: str) -> None:
    content = vip.store.read_bytes()
    change(vip.store, statement)
    damaged = vip.store.read_bytes()
    assert damaged != content
    done = vip("doctor")
    assert (done.code, "is damaged" in done.stderr) == (7, True)
    for command in (("undo", "3", "--dry-run"), ("undo", "run:1", "--yes"), LIST, ACCOUNTS, ADD):
        vip.store.write_bytes(damaged)
        assert problem(vip(*command)) is None, command


def change(store: Path, statement: str) -> None:
    """Runs a statement without the checks of the store's tables."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '')")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ', WITHOUT ROWID', 'WITHOUT ROWID')")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'INTEGER NOT NULL,', 'BLOB NOT NULL,')"
        )
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'INTEGER NOT NULL CHECK', 'BLOB CHECK')"
        )
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'TEXT', 'BLOB')")
        connection.commit()
    with closing(sqlite3.connect(store)) as connection:
        schema = dict(connection.execute("SELECT name, sql FROM sqlite_schema").fetchall())
        assert "STRICT" not in schema["segment_record"] + schema["membership"] + schema["membership_size"]
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(("statement", "commands"), ROWS.values(), ids=ROWS)
def test_a_value_that_no_command_writes_is_damage(
    vip: Segments, statement: str, commands: tuple[tuple[str, ...], ...]
) -> None:
    change(vip.store, statement)
    for command in (*commands, DOCTOR):
        done = vip(*command)
        assert done.code == 7, (command, done)
        assert done.stderr.startswith(f"error: the store {vip.store} is damaged: "), command


def test_damaged_schema_text_is_damage(vip: Segments) -> None:
    """SQLite quotes the text in its message, which Python cannot decode."""
    content = vip.store.read_bytes()
    at = content.index(b"CREATE TABLE segment_record (")
    vip.store.write_bytes(content[: at + 13] + b"\xff\xfe" + content[at + 15 :])
    for command in (LIST, GET, ACCOUNTS, DOCTOR, ("add", "NEW"), ("delete", "VIP", "--yes")):
        done = vip(*command)
        assert done.code == 7, (command, done)
        assert "is damaged" in done.stderr


@pytest.mark.parametrize("seed", range(4))
def test_no_command_has_a_bug_on_a_damaged_store(segments: Segments, seed: int) -> None:
    """Ten stores each with a few bytes changed: exit 0 or 7; what a command finds, `doctor` finds too."""
    chance = random.Random(seed)
    content = sample(segments)
    commands = (("list", "--all"), ("get", "id:7"), ("accounts", "list", "id:3"), DOCTOR)
    for _ in range(10):
        damaged = flipped(content, chance)
        codes = {}
        for command, done in runs(segments, damaged, commands):
            assert problem(done) is None, (command, done)
            codes[command] = done.code
        assert codes[DOCTOR] == 7 or 7 not in codes.values()


@pytest.mark.parametrize("seed", range(4))
def test_no_command_gives_a_wrong_answer_on_damaged_memberships(segments: Segments, seed: int) -> None:
    """Six stores each with a damaged row: exit 7 or the right answer, and `doctor` finds all of them."""
    chance = random.Random(seed)
    content = sample(segments)
    commands = (*READS, *COUNTED)
    healthy = dict(runs(segments, content, commands))
    for _ in range(6):
        change, damaged = changed_rows(content, chance, segments.home)
        for command, done in runs(segments, damaged, commands):
            assert problem(done) is None, (change, command, done)
            assert not wrong_answer(change, command, done, healthy[command]), (change, command, done)
            assert command != DOCTOR or done.code == 7, change


def test_a_missing_block_is_noticed_when_all_are_read(vip: Segments) -> None:
    with closing(sqlite3.connect(vip.store)) as connection:
        connection.execute("DELETE FROM membership WHERE segment_id = 1")
        connection.commit()
    with closing(open_store(str(vip.store), timeout=10)) as backend:
        for read in (
            lambda: backend.get_accounts(SegmentQuery()),
            lambda: backend.get_memberships([], known=True),
            lambda: backend.get_segment_accounts(1),
        ):
            with pytest.raises(StoreCorruptError, match="count"):
                read()


@pytest.mark.parametrize("log", ["-wal", "-shm"])
@pytest.mark.parametrize("gone", [False, True], ids=["empty", "missing"])
@pytest.mark.parametrize("command", [LIST, ("add", "NEW"), DOCTOR], ids=" ".join)
def test_an_empty_store_next_to_its_log_is_damage_and_the_log_is_kept(
    vip: Segments, command: tuple[str, ...], gone: bool, log: str
) -> None:
    logged = vip.store.with_name(vip.store.name + log)
    logged.write_bytes(b"what was written last")
    if gone:
        vip.store.unlink()
    else:
        vip.store.write_bytes(b"")
    done = vip(*command)
    assert done.code == 7
    assert f"is {'missing' if gone else 'empty'}, but its log {logged} exists" in done.stderr
    assert logged.read_bytes() == b"what was written last"


def test_the_log_of_an_empty_store_is_kept_if_the_store_is_reached_by_a_link(
    vip: Segments, tmp_path: Path
) -> None:
    logged = vip.store.with_name(f"{vip.store.name}-wal")
    logged.write_bytes(b"what was written last")
    vip.store.write_bytes(b"")
    link = tmp_path / "link.db"
    link.symlink_to(vip.store)
    done = vip("add", "NEW", "--backend", f"sqlite:{link}")
    assert done.code == 7
    assert f"is empty, but its log {logged} exists" in done.stderr
    assert logged.read_bytes() == b"what was written last"


def test_doctor_distinguishes_an_empty_file_from_no_file(vip: Segments) -> None:
    vip.store.write_bytes(b"")
    assert "is an empty file" in vip.ok("doctor").stdout
    vip.store.unlink()
    assert "has no data yet" in vip.ok("doctor").stdout


def test_a_store_truncated_while_it_is_open_is_damage(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with closing(open_store(str(store), timeout=10)) as backend:
        backend.add_segment(SegmentDraft("VIP"))
        store.write_bytes(b"")
        with closing(open_store(str(store), timeout=10)) as other, pytest.raises(StoreCorruptError):
            other.get_segments(SegmentQuery())


def test_a_trigger_in_the_file_has_no_side_effects(vip: Segments) -> None:
    with closing(sqlite3.connect(vip.store)) as connection:
        connection.execute(
            "CREATE TRIGGER spy AFTER INSERT ON segment_record BEGIN SELECT * FROM pragma_user_version; END"
        )
    done = vip("add", "NEW")
    assert done.code == 7
    assert "unsafe use of virtual table" in done.stderr
