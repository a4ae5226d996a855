"""Damages stores at random, and checks that every command reports it: exit 7, and never a bug.

`python -m tests.sqlite.damage 300` runs every command on 300 damaged stores, and prints figures. Half of
them have damaged bytes, the others damaged rows of memberships, of which no command may give a wrong answer.
"""

import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pyroaring import BitMap

from segcli.model import SegmentDraft
from tests.support.command import Done, Segments
from tests.support.stores import fill, fill_accounts

PAGE = 4096
_TIMES = re.compile(r'"(seconds|accountsPerSecond)":[\d.]+')
READS = (
    ("list", "--all", "-o", "json"),
    ("get", "S7"),
    ("accounts", "list", "S1"),
    ("accounts", "list", "S3"),
    ("accounts", "list", "S3", "-o", "jsonl"),
    ("list", "--counts", "--all"),
    ("accounts", "of", "8", "100003"),
    ("undo", "run:1", "--dry-run"),
    ("doctor",),
)
# These print counts, also of what they would do.
COUNTED = (
    ("accounts", "set", "S3", "--file", os.devnull, "--allow-empty", "--dry-run", "-o", "json"),
    ("accounts", "add", "S3", "7", "8", "100003", "-o", "json"),
    ("accounts", "remove", "S3", "7", "8", "-o", "json"),
    ("delete", "S1", "S3", "--dry-run", "-o", "json"),
)
OTHERS = (
    ("list", "--filter", "name cont 'x' and createDate gt 2020-01-01", "--sort", "name desc"),
    ("get", "id:5", "S1", "NONE"),
    *COUNTED,
    ("completion", "values", "segments", "S"),
    ("add", "NEW", "--name", "x"),
    ("update", "S2", "--description", "x"),
    ("accounts", "add", "S1", "7", "8000"),
    ("accounts", "remove", "S3", "7", "100000"),
    ("accounts", "set", "S3", "--file", os.devnull, "--allow-empty", "--yes"),
    ("delete", "S3", "--yes"),
)


def sample(segments: Segments) -> bytes:
    """The content of a store of some 30 pages, with all kinds of values."""
    drafts = [SegmentDraft(f"S{n}", f"Näme {n} x", None if n % 3 else "long " * n) for n in range(1, 41)]
    fill(segments, drafts)
    fill_accounts(segments, 1, [1, 2, 3])
    fill_accounts(segments, 3, [*range(1, 30_000, 7), *range(100_000, 140_000, 3)])
    return segments.store.read_bytes()


def flipped(content: bytes, chance: random.Random) -> bytes:
    """The content with a few bytes changed; half of the changes are in the pages with the schema."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 2, 8))):
        damaged[chance.randrange(chance.choice((PAGE, len(content))))] = chance.randrange(256)
    return bytes(damaged)


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """The content damaged in one of the ways in which disks, copies and programs do it."""
    damaged = bytearray(content)
    at = chance.randrange(len(content))
    size = chance.choice((16, 512, PAGE))
    match chance.randrange(6):
        case 0:
            return bytes(damaged[:at])
        case 1:
            damaged[at : at + size] = bytes(size)
        case 2:
            damaged[at : at + size] = chance.randbytes(size)
        case 3:
            other = chance.randrange(len(content) // PAGE) * PAGE
            damaged[at // PAGE * PAGE : at // PAGE * PAGE + PAGE] = content[other : other + PAGE]
        case 4:
            return bytes(damaged + chance.randbytes(size))
        case _:
            return flipped(content, chance)
    return bytes(damaged[: len(content)])


def _flip(data: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(data)
    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _block(connection: sqlite3.Connection, chance: random.Random) -> tuple[int, int, bytes]:
    """The segment, the key and the accounts of a block."""
    rows = connection.execute("SELECT segment_id, block, accounts FROM membership").fetchall()
    found: tuple[int, int, bytes] = chance.choice(rows)
    return found


_WHERE = "WHERE segment_id = ? AND block = ?"


def _flipped_block(connection: sqlite3.Connection, chance: random.Random) -> None:
    segment_id, key, data = _block(connection, chance)
    connection.execute(f"UPDATE membership SET accounts = ? {_WHERE}", (_flip(data, chance), segment_id, key))


def _short_block(connection: sqlite3.Connection, chance: random.Random) -> None:
    segment_id, key, data = _block(connection, chance)
    cut = data[: chance.randrange(len(data))]
    connection.execute(f"UPDATE membership SET accounts = ? {_WHERE}", (cut, segment_id, key))


def _other_checksum(connection: sqlite3.Connection, chance: random.Random) -> None:
    segment_id, key, _ = _block(connection, chance)
    connection.execute(
        f"UPDATE membership SET checksum = checksum + ? {_WHERE}",
        (chance.choice((1, -1, 2**20)), segment_id, key),
    )


def _copied_block(connection: sqlite3.Connection, chance: random.Random) -> None:
    """A block has the accounts and the checksum of another one."""
    segment_id, key, data = _block(connection, chance)
    while True:
        other_id, other_key, other = _block(connection, chance)
        if other != data:
            break
    connection.execute(
        "UPDATE membership SET (accounts, checksum) ="
        f" (SELECT accounts, checksum FROM membership {_WHERE}) {_WHERE}",
        (other_id, other_key, segment_id, key),
    )


def _moved_block(connection: sqlite3.Connection, chance: random.Random) -> None:
    segment_id, key, _ = _block(connection, chance)
    connection.execute(f"UPDATE membership SET block = 9 {_WHERE}", (segment_id, key))


def _foreign_accounts(connection: sqlite3.Connection, chance: random.Random) -> None:
    """A block has accounts of another block, with a valid checksum."""
    segment_id, key, data = _block(connection, chance)
    members = BitMap.deserialize(data)
    members.add(chance.choice((0, 2**31, 2**32 - 1, ((key + 1) << 16) + 5)))
    data = members.serialize()
    checksum = zlib.crc32(data, zlib.crc32(b"%d %d" % (segment_id, key)))
    connection.execute(
        f"UPDATE membership SET accounts = ?, checksum = ? {_WHERE}", (data, checksum, segment_id, key)
    )


def _other_count(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute(
        "UPDATE membership_size SET accounts = accounts + ? WHERE segment_id = ?",
        (chance.choice((1, 7, 2**16)), chance.choice((1, 3))),
    )


def _other_version(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute("UPDATE membership_size SET version = version + 1 WHERE segment_id = 3")


def _no_count(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute("DELETE FROM membership_size WHERE segment_id = ?", (chance.choice((1, 3)),))


def _no_block(connection: sqlite3.Connection, chance: random.Random) -> None:
    segment_id, key, _ = _block(connection, chance)
    connection.execute(f"DELETE FROM membership {_WHERE}", (segment_id, key))


def _no_segment(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute("DELETE FROM segment_record WHERE id = 3")


def _change(connection: sqlite3.Connection, chance: random.Random) -> int:
    """One that has accounts."""
    rows = connection.execute("SELECT change_id FROM change_accounts").fetchall()
    return int(chance.choice(rows)[0])


def _flipped_change(connection: sqlite3.Connection, chance: random.Random) -> None:
    change = _change(connection, chance)
    where = "WHERE change_id = ?"
    ((data,),) = connection.execute(f"SELECT joined FROM change_accounts {where}", [change])
    connection.execute(f"UPDATE change_accounts SET joined = ? {where}", (_flip(data, chance), change))


def _no_accounts_of_a_change(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute("DELETE FROM change_accounts WHERE change_id = ?", [_change(connection, chance)])


def _other_count_of_a_change(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute("UPDATE change SET joined = joined - 1 WHERE id = ?", [_change(connection, chance)])


def _no_change(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute("DELETE FROM change WHERE id = ?", [_change(connection, chance)])


def _flipped_segment_of_a_change(connection: sqlite3.Connection, chance: random.Random) -> None:
    ((text,),) = connection.execute("SELECT segment_after FROM change WHERE id = 1")
    data = _flip(text.encode(), chance)
    connection.execute("UPDATE change SET segment_after = CAST(? AS TEXT) WHERE id = 1", [data])


ROWS = (
    _flipped_block,
    _short_block,
    _other_checksum,
    _copied_block,
    _moved_block,
    _foreign_accounts,
    _other_count,
    _other_version,
    _no_count,
    _no_block,
    _no_segment,
    _flipped_change,
    _no_accounts_of_a_change,
    _other_count_of_a_change,
    _no_change,
    _flipped_segment_of_a_change,
)


def changed_rows(content: bytes, chance: random.Random, folder: Path) -> tuple[str, bytes]:
    """What was done to a row of memberships, and the content of the store afterwards."""
    change = chance.choice(ROWS)
    path = folder / "changed.db"
    path.write_bytes(content)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        change(connection, chance)
    changed = path.read_bytes()
    assert changed != content
    return change.__name__.strip("_").replace("_", " "), changed


def wrong_answer(change: str, command: tuple[str, ...], done: Done, healthy: Done) -> bool:
    """Whether a command succeeded with another answer than on a healthy store.

    Only a command that reads all blocks of a segment can notice that one is missing. A segment whose row is
    missing does not exist.
    """
    reads_some = command[:2] in (("accounts", "of"), ("accounts", "add"), ("accounts", "remove"))
    if change == "no segment" or (change in ("no block", "moved block") and reads_some):
        return False
    return done.code == 0 and _TIMES.sub("", done.stdout) != _TIMES.sub("", healthy.stdout)


def runs(
    segments: Segments, content: bytes, commands: tuple[tuple[str, ...], ...]
) -> Iterator[tuple[tuple[str, ...], Done]]:
    """Runs each command on a store with that content."""
    for command in commands:
        shutil.rmtree(segments.store.parent, ignore_errors=True)
        segments.store.parent.mkdir(parents=True, mode=0o700)
        segments.store.write_bytes(content)
        done = segments.raw(*command)
        yield command, Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def problem(done: Done) -> str | None:
    """What is wrong with how a command reported a damaged store; it may not notice it."""
    if "Traceback" in done.stderr or "a bug in segcli" in done.stderr:
        return "a bug"
    if done.code not in (0, 1, 3, 4, 7):  # 1, 3 and 4: a damaged code is not found, or is found twice
        return f"exit {done.code}"
    return None


def campaign(stores: int, seed: int) -> None:
    """Prints how the commands ended on that many damaged stores, and each that went wrong."""
    chance = random.Random(seed)
    ends: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home:
        segments = Segments(Path(home))
        content = sample(segments)
        healthy = dict(runs(segments, content, READS + OTHERS))
        assert not [problem(done) for done in healthy.values() if problem(done)]
        for number in range(stores):
            change = "damaged bytes"
            if number % 2:
                change, damaged = changed_rows(content, chance, Path(home))
            else:
                damaged = spoiled(content, chance)
            done = dict(runs(segments, damaged, READS + OTHERS))
            ends.update(f"exit {each.code}" for each in done.values())
            for command, each in done.items():
                if wrong := problem(each):
                    ends[wrong] += 1
                    sys.stdout.write(f"store {number}: {' '.join(command)}: {wrong}: {each.stderr}")
            doctor = done[("doctor",)]
            caught[f"{change}: doctor {doctor.code}"] += 1
            if number % 2:
                for command in (*READS, *COUNTED):
                    if wrong_answer(change, command, done[command], healthy[command]):
                        ends["a wrong answer"] += 1
                        sys.stdout.write(f"store {number}: {change}: {' '.join(command)}: a wrong answer\n")
            differs = [c for c in READS[:-1] if done[c][:2] != healthy[c][:2]]
            failed = [c for c, each in done.items() if each.code == 7]
            if doctor.code == 0 and failed:
                ends["doctor missed an error"] += 1
                sys.stdout.write(f"store {number}: doctor missed {failed[0]}: {done[failed[0]].stderr}")
            elif doctor.code == 0 and differs:
                ends["doctor missed a difference"] += 1
                sys.stdout.write(f"store {number} ({len(damaged)} bytes): doctor missed {differs[0]}\n")
    sys.stdout.write(f"{stores} stores: {dict(ends)}\n")
    for line, count in sorted(caught.items()):
        sys.stdout.write(f"  {line}: {count}\n")


if __name__ == "__main__":
    campaign(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
