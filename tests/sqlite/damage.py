"""Damages stores at random, and checks that every command reports it: exit 7, and never a bug.

`python -m tests.sqlite.damage 300` runs every command on 300 damaged stores, and prints figures.
"""

import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from segcli.model import SegmentDraft
from tests.support.command import Done, Segments
from tests.support.stores import fill, fill_accounts

PAGE = 4096
READS = (
    ("list", "--all", "-o", "json"),
    ("get", "S7"),
    ("accounts", "list", "S3"),
    ("accounts", "list", "S3", "-o", "jsonl"),
    ("doctor",),
)
OTHERS = (
    ("list", "--filter", "name cont 'x' and createDate gt 2020-01-01", "--sort", "name desc"),
    ("get", "id:5", "S1", "NONE"),
    ("accounts", "set", "S3", "--file", os.devnull, "--allow-empty", "--dry-run"),
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
    fill_accounts(segments, 3, range(1, 30_000, 7))
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
    with tempfile.TemporaryDirectory() as home:
        segments = Segments(Path(home))
        content = sample(segments)
        healthy = dict(runs(segments, content, READS + OTHERS))
        assert not [problem(done) for done in healthy.values() if problem(done)]
        for number in range(stores):
            damaged = spoiled(content, chance)
            done = dict(runs(segments, damaged, READS + OTHERS))
            ends.update(f"exit {each.code}" for each in done.values())
            for command, each in done.items():
                if wrong := problem(each):
                    ends[wrong] += 1
                    sys.stdout.write(f"store {number}: {' '.join(command)}: {wrong}: {each.stderr}")
            doctor = done[("doctor",)]
            differs = [c for c in READS[:-1] if done[c][:2] != healthy[c][:2]]
            failed = [c for c, each in done.items() if each.code == 7]
            if doctor.code == 0 and failed:
                ends["doctor missed an error"] += 1
                sys.stdout.write(f"store {number}: doctor missed {failed[0]}: {done[failed[0]].stderr}")
            elif doctor.code == 0 and differs:
                ends["doctor missed a difference"] += 1
                sys.stdout.write(f"store {number} ({len(damaged)} bytes): doctor missed {differs[0]}\n")
    sys.stdout.write(f"{stores} stores: {dict(ends)}\n")


if __name__ == "__main__":
    campaign(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
