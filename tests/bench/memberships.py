"""Millions of accounts in a local store, compared with the sqlite3 shell and a table of the same columns.

    python -m tests.bench.memberships path/to/segments [RUNS] [ACCOUNTS]

Each run does everything once, with segments and the shell in turn (default 3 runs, 5,000,000 accounts).
Prints medians of the ratios and of the milliseconds, and the largest memory of any run. Needs sqlite3.
"""

import filecmp
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.bench.timing import Pair, print_ratio

TABLE = """
PRAGMA journal_mode = wal;
PRAGMA synchronous = normal;
CREATE TABLE member (
  segment_id INTEGER, account_id INTEGER, PRIMARY KEY (segment_id, account_id)
) WITHOUT ROWID;
CREATE INDEX member_by_account ON member (account_id, segment_id);
CREATE TEMP TABLE imported (account_id INTEGER);
.import {file} imported
INSERT OR IGNORE INTO member SELECT 1, account_id FROM imported ORDER BY account_id;
"""
_STRIDE = 7_654_321  # prime to numbers of accounts that are round: visits each id once, in no order
SELECT = "SELECT account_id FROM member WHERE segment_id = 1 ORDER BY account_id"


class Bench:
    """Runs both sides in one folder, and keeps what they took."""

    def __init__(self, segments: str, folder: Path) -> None:
        self.folder = folder
        self._segments = segments
        self._env = dict(os.environ, HOME=str(folder)) | {
            f"XDG_{kind}_HOME": str(folder) for kind in ("CONFIG", "DATA", "STATE", "CACHE")
        }
        self.pairs: defaultdict[str, list[Pair]] = defaultdict(list)
        self.megabytes: defaultdict[str, int] = defaultdict(int)

    def segments(self, label: str, *arguments: str, store: str = "segments.db", output: str = "out") -> float:
        """The seconds of a segcli command on a file or a URL; its memory counts for `label`."""
        backend = store if "://" in store else f"sqlite:{self.folder / store}"
        command = [self._segments, *arguments, "--backend", backend]
        taken, megabytes = self._run(command, output)
        self.megabytes[label] = max(self.megabytes[label], megabytes)
        return taken

    def new_segment(self, store: str = "segments.db") -> None:
        self._delete(store)
        self.segments("add", "add", "BIG", "-q", store=store)

    def load(self, label: str, file: Path, store: str = "segments.db") -> float:
        return self.segments(label, "accounts", "add", "BIG", "--file", str(file), store=store)

    def load_shell(self, file: Path, more: str = "") -> float:
        """Imports the file as segment 1; `more` is run after that."""
        self._delete("shell.db")
        script = TABLE.format(file=file) + more
        return self._run(["sqlite3", str(self.folder / "shell.db")], "out", script)[0]

    def select(self, output: str, sql: str = SELECT) -> float:
        return self._run(["sqlite3", str(self.folder / "shell.db"), sql], output)[0]

    def size(self, store: str = "segments.db") -> int:
        return sum(path.stat().st_size for path in self.folder.glob(f"{store}*"))

    def _run(self, command: list[str], output: str, stdin: str = "") -> tuple[float, int]:
        """The seconds of a process until it has ended, and its memory in megabytes."""
        script = self.folder / "stdin"
        script.write_text(stdin)
        with script.open() as source, (self.folder / output).open("wb") as target:
            start = time.perf_counter()
            process = subprocess.Popen(command, env=self._env, stdin=source, stdout=target)
            _, status, usage = os.wait4(process.pid, 0)
            taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return taken, usage.ru_maxrss // 1024

    def _delete(self, name: str) -> None:
        for path in self.folder.glob(f"{name}*"):
            path.unlink()


def write(path: Path, ids: Iterable[int]) -> Path:
    with path.open("w") as file:
        file.writelines(f"{account_id}\n" for account_id in ids)
    return path


def measure(bench: Bench, runs: int, accounts: int) -> None:
    # No list of all: the memory of this process would count for those that it starts.
    chance = random.Random(1)
    scattered = write(bench.folder / "random.txt", (chance.randrange(1, 2**31) for _ in range(accounts)))
    dense = write(bench.folder / "dense.txt", (1 + number * _STRIDE % accounts for number in range(accounts)))
    twice = write(bench.folder / "twice.txt", (chance.randrange(1, 2**31) for _ in range(2 * accounts)))
    bench.new_segment("large.db")
    bench.load("twice", twice, "large.db")
    pairs, sizes = bench.pairs, {}
    for _ in range(runs):
        bench.new_segment()
        pairs["dense"].append((bench.load("dense", dense), bench.load_shell(dense)))
        sizes["dense"] = bench.size()
        bench.new_segment()
        first = bench.load("random", scattered)
        sizes["random"] = bench.size()
        pairs["random"].append((first, bench.load_shell(scattered)))
        pairs["again"].append((bench.load("again", scattered), first))
        listed = bench.segments("list", "accounts", "list", "BIG", "-o", "tsv", output="listed")
        pairs["list"].append((listed, bench.select("selected")))
        if not filecmp.cmp(bench.folder / "listed", bench.folder / "selected", shallow=False):
            raise SystemExit("the shell lists other accounts")
        few = [str(chance.randrange(1, 2**31)) for _ in range(10)]
        bench.new_segment()
        add = ("accounts", "add", "BIG", *few)
        pairs["few"].append((bench.segments("few", *add, store="large.db"), bench.segments("few", *add)))
    labels = {
        "random": f"{accounts:,} random ids into an empty segment / sqlite3",
        "dense": f"{accounts:,} ids of a dense range, shuffled / sqlite3",
        "again": "the random file again / the first time",
        "list": f"accounts list -o tsv of {accounts:,} / sqlite3 SELECT",
        "few": f"10 random ids into a segment of {2 * accounts:,} / into an empty one",
    }
    for name, label in labels.items():
        print_ratio(pairs[name], f"{bench.megabytes[name]} MB   {label}")
    for name, size in sizes.items():
        sys.stdout.write(f"{size / 1e6:.1f} MB   the store of {accounts:,} {name} ids\n")
    sys.stdout.write(f"{bench.megabytes['twice']} MB   memory for {2 * accounts:,} random ids\n")


def main(segments: str, runs: int = 3, accounts: int = 5_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(Bench(os.path.abspath(segments), Path(folder)), runs, accounts)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
