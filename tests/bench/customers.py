"""A million customers in a local store: imported, and found by their e-mail addresses.

    python -m tests.bench.customers SEGMENTS [RUNS] [CUSTOMERS]

Each run imports a CSV into a new store and into a new database of the sqlite3 shell, with the same columns
and as many indexes, in turn; then it adds all accounts to a new segment, once from a file of ids and once
from one of e-mail addresses, both in random order (default 3 runs, 1,000,000 customers). Prints medians of
the ratios and of the milliseconds, and the largest memory of each command. Needs sqlite3.
"""

import csv
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from tests.bench.timing import Pair, print_ratio

SHELL = """
PRAGMA journal_mode = wal;
PRAGMA synchronous = normal;
CREATE TABLE customer (
  id INTEGER PRIMARY KEY, email TEXT, user_name TEXT, external_id TEXT, customer_set TEXT,
  is_anonymous INTEGER, is_active INTEGER
);
.mode csv
.import --skip 1 {file} customer
CREATE INDEX customer_by_email ON customer (email);
CREATE INDEX customer_by_user_name ON customer (user_name);
CREATE INDEX customer_by_external_id ON customer (external_id);
CREATE INDEX customer_by_customer_set ON customer (customer_set);
"""
HEADER = ("id", "emailAddress", "userName", "externalId", "customerSet", "isAnonymous", "isActive")
_STRIDE = 7_654_321  # prime to numbers that are round: external ids are in no order


def write_files(folder: Path, customers: int) -> None:
    """The customers by ascending id, and their ids and addresses in another order."""
    chance = random.Random(1)
    accounts = []
    with (folder / "customers.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for number in range(1, customers + 1):
            name = f"Customer.{chance.randrange(10**9)}.{number}@example.org"
            external_id = f"EXT-{number * _STRIDE % customers:09}"
            rows.writerow((number, name, name.lower(), external_id, f"SET-{number % 3}", number % 2, 1))
            accounts.append((number, name))
    chance.shuffle(accounts)
    for place, title in enumerate(("id", "email")):
        lines = (f"{account[place]}\n" for account in accounts)
        (folder / f"{title}.csv").write_text(f"{title}\n" + "".join(lines))


class Bench:
    """Runs commands in `folder`; `megabytes` is the most that each used."""

    def __init__(self, segments: str, folder: Path) -> None:
        self._segments = segments
        self._folder = folder
        self._environ = {**os.environ, "SEGMENTS_BACKEND": f"sqlite:{folder / 'store.db'}"}
        self._count = 0
        self.megabytes: defaultdict[str, int] = defaultdict(int)

    def shell(self) -> float:
        self._delete("shell.db")
        sql = SHELL.format(file=self._folder / "customers.csv")
        return self._run("shell", ["sqlite3", str(self._folder / "shell.db")], sql)

    def load(self) -> float:
        self._delete("store.db")
        return self.load_again()

    def load_again(self) -> float:
        return self._run("import", [self._segments, "customers", "import", "customers.csv"])

    def add(self, name: str) -> float:
        """Adds the accounts of a file to a new segment."""
        self._count += 1
        code = f"S{self._count}"
        self._run("add", [self._segments, "add", code])
        return self._run(name, [self._segments, "accounts", "add", code, "--file", f"{name}.csv"])

    def _delete(self, name: str) -> None:
        for path in self._folder.glob(f"{name}*"):
            path.unlink()

    def _run(self, name: str, command: list[str], stdin: str = "") -> float:
        """The seconds of a process."""
        script = self._folder / "stdin"
        script.write_text(stdin)
        with script.open() as source:
            start = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=self._environ,
                stdin=source,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
            taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        self.megabytes[name] = max(self.megabytes[name], usage.ru_maxrss // 1024)
        return taken


def measure(bench: Bench, runs: int, customers: int) -> None:
    pairs: defaultdict[str, list[Pair]] = defaultdict(list)
    for _ in range(runs):
        shell = bench.shell()
        first = bench.load()
        pairs["import"].append((first, shell))
        pairs["again"].append((bench.load_again(), first))
        ids = bench.add("id")
        pairs["email"].append((bench.add("email"), ids))
    labels = {
        "import": f"{customers:,} customers into a new store / sqlite3 .import and four indexes",
        "again": "the same file again / the first time",
        "email": f"{customers:,} accounts added by e-mail address / by id",
    }
    for name, label in labels.items():
        print_ratio(pairs[name], label)
    used = ", ".join(f"{name} {bench.megabytes[name]} MB" for name in ("import", "id", "email"))
    sys.stdout.write(f"memory: {used}\n")


def main(segments: str, *arguments: str) -> None:
    runs, customers = (*map(int, arguments), *(3, 1_000_000)[len(arguments) :])
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: a command starts with the memory of the process that starts it.
        writer = multiprocessing.Process(target=write_files, args=(Path(folder), customers))
        writer.start()
        writer.join()
        measure(Bench(segments, Path(folder)), runs, customers)


if __name__ == "__main__":
    main(*sys.argv[1:])
