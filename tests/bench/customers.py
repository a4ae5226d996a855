"""A million customers in a local store, compared with the sqlite3 shell and a table of the same columns.

    python -m tests.bench.customers [RUNS] [CUSTOMERS]

Each run imports a CSV into a new store and into a new database of the shell, in turn (default 3 runs,
1,000,000 customers), and looks up every e-mail address in random order. What is measured is the interface
that the commands use, in a process of its own. Prints medians of the ratios and of the milliseconds, and the
largest memory of any run. Needs sqlite3.
"""

import csv
import gc
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from segcli.backends import open_backend
from segcli.backends.target import BackendTarget
from segcli.customer import customers_of
from tests.bench.timing import Pair, print_ratio

SHELL = """
PRAGMA journal_mode = wal;
PRAGMA synchronous = normal;
CREATE TABLE customer (
  id INTEGER PRIMARY KEY, email TEXT, user_name TEXT, external_id TEXT, customer_set TEXT,
  is_anonymous INTEGER, is_active INTEGER
);
.mode csv
.import {file} customer
CREATE INDEX customer_by_email ON customer (email);
CREATE INDEX customer_by_user_name ON customer (user_name);
CREATE INDEX customer_by_external_id ON customer (external_id);
CREATE INDEX customer_by_customer_set ON customer (customer_set);
"""
_BATCH = 10_000
_STRIDE = 7_654_321  # prime to numbers that are round: external ids are in no order


def write(path: Path, customers: int) -> Path:
    """The customers as a CSV, by ascending id."""
    chance = random.Random(1)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        for number in range(1, customers + 1):
            name = f"Customer.{chance.randrange(10**9)}@example{number % 97}.org"
            external_id = f"EXT-{number * _STRIDE % customers:09}"
            rows.writerow((number, name, name.lower(), external_id, f"SET-{number % 3}", number % 2, 1))
    return path


def read(path: str) -> Iterator[list[list[str]]]:
    with open(path, newline="") as file:
        rows = csv.reader(file)
        while batch := list(islice(rows, _BATCH)):
            yield batch


def load(path: str, store: str) -> None:
    with closing(open_backend(BackendTarget(f"sqlite:{store}", 10))) as backend:
        customers = backend.customers
        with backend.transaction(), customers.bulk():
            for batch in read(path):
                ids, email, user_name, external_id, customer_set, *flags = zip(*batch, strict=True)
                anonymous, active = (map("1".__eq__, column) for column in flags)
                columns = (map(int, ids), email, user_name, external_id, customer_set, anonymous, active)
                customers.save(list(customers_of(zip(*columns, strict=True))))


def find(path: str, store: str) -> None:
    emails = [row[1] for batch in read(path) for row in batch]
    random.Random(2).shuffle(emails)
    missing = 0
    start = time.perf_counter()
    with closing(open_backend(BackendTarget(f"sqlite:{store}", 10))) as backend:
        for first in range(0, len(emails), _BATCH):
            batch = emails[first : first + _BATCH]
            found = backend.customers.find({"email": batch})["email"]
            missing += sum(email.lower() not in found for email in batch)
    sys.stdout.write(f"{time.perf_counter() - start}\n")
    if missing:
        raise SystemExit(f"{missing} e-mail addresses were not found")


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.megabytes: defaultdict[str, int] = defaultdict(int)

    def python(self, name: str, *arguments: object) -> float:
        """Runs a function of this module as a process; its memory counts for `name`."""
        return self._run(
            name, [sys.executable, "-m", "tests.bench.customers", name, *map(str, arguments)], ""
        )

    def shell(self, file: Path) -> float:
        self.delete("shell.db")
        return self._run("shell", ["sqlite3", str(self.folder / "shell.db")], SHELL.format(file=file))

    def delete(self, name: str) -> None:
        for path in self.folder.glob(f"{name}*"):
            path.unlink()

    def _run(self, name: str, command: list[str], stdin: str) -> float:
        """The seconds of a process: those that it prints itself, if it does."""
        script = self.folder / "stdin"
        script.write_text(stdin)
        with script.open() as source, (self.folder / "out").open("w") as target:
            start = time.perf_counter()
            process = subprocess.Popen(command, stdin=source, stdout=target)
            _, status, usage = os.wait4(process.pid, 0)
            taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        self.megabytes[name] = max(self.megabytes[name], usage.ru_maxrss // 1024)
        printed = (self.folder / "out").read_text().strip()
        return float(printed) if name == "find" else taken


def measure(bench: Bench, runs: int, customers: int) -> None:
    file = write(bench.folder / "customers.csv", customers)
    store = bench.folder / "store.db"
    pairs: defaultdict[str, list[Pair]] = defaultdict(list)
    for _ in range(runs):
        bench.delete("store.db")
        shell = bench.shell(file)
        first = bench.python("load", file, store)
        pairs["load"].append((first, shell))
        pairs["find"].append((bench.python("find", file, store), shell))
        pairs["again"].append((bench.python("load", file, store), first))
    labels = {
        "load": f"{customers:,} customers into a new store / sqlite3 .import and four indexes",
        "again": "the same file again / the first time",
        "find": f"{customers:,} e-mail addresses found / sqlite3 .import and four indexes",
    }
    for name, label in labels.items():
        print_ratio(pairs[name], label)
    sys.stdout.write(f"memory: import {bench.megabytes['load']} MB, look-up {bench.megabytes['find']} MB\n")


def main(*arguments: str) -> None:
    if arguments and arguments[0] in ("load", "find"):
        gc.disable()  # as the command does
        {"load": load, "find": find}[arguments[0]](*arguments[1:])
        return
    runs, customers = (*map(int, arguments), *(3, 1_000_000)[len(arguments) :])
    with tempfile.TemporaryDirectory() as folder:
        measure(Bench(Path(folder)), runs, customers)


if __name__ == "__main__":
    main(*sys.argv[1:])
