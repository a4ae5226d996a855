"""A shared store in PostgreSQL, compared with COPY, with `gh --version` and with a local store.

    python -m tests.bench.postgresql path/to/segments [RUNS] [ACCOUNTS] [URL]

Starts a server with PostgreSQL's own settings, or uses the database with that URL, such as one of Citus. Does
everything RUNS times (default 3), with ACCOUNTS random ids where there are many (default 5,000,000). Prints
medians, and fails if a change was lost. Needs gh and wrk.
"""

import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import requests
from psycopg2.extensions import set_wait_callback

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.target import BackendTarget
from segcli.model import SegmentDraft
from tests.bench.memberships import Bench, write
from tests.bench.serve import Load, measure
from tests.bench.start_up import REFERENCE
from tests.bench.timing import print_ratio, seconds
from tests.support.postgresql import new_store, schema_of
from tests.support.replication import Node
from tests.support.serving import SEGMENTS, served

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue
    from multiprocessing.synchronize import Barrier

TABLE = """
DROP TABLE IF EXISTS bench_member;
CREATE TABLE bench_member (segment_id bigint, account_id bigint, PRIMARY KEY (segment_id, account_id));
CREATE INDEX bench_member_by_account ON bench_member (account_id, segment_id);
"""
WRITERS, CHANGES, IDS = 32, 20, 10  # processes, changes of each, ids of a change
PAIRS = 20  # of `get` and gh
PAGE = 20  # segments of the page that is served
COUNT = ("accounts", "count", "A minus B", "-o", "tsv")
Done = tuple[float, int, list[int]]  # when a writer ended, its transactions, and the ids that it added


@contextmanager
def new_server() -> Iterator[str]:
    """The URL of a database on a server that runs while the block does."""
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder))
        node.prepare()
        node.initialize()
        node.start()
        try:
            yield f"postgresql://postgres@127.0.0.1:{node.port}/postgres"
        finally:
            node.stop()


@contextmanager
def stores(url: str) -> Iterator[list[str]]:
    """The stores that a block adds to the list are deleted after it."""
    found: list[str] = []
    try:
        yield found
    finally:
        schemas = [f"DROP SCHEMA IF EXISTS {schema_of(store)} CASCADE" for store in found]
        execute(url, "; ".join([*schemas, "DROP TABLE IF EXISTS bench_member"]))


def execute(url: str, sql: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(sql)


def copy(url: str, rows: Path) -> float:
    """The seconds of COPY into a table with both indexes."""
    execute(url, TABLE)
    set_wait_callback(None)  # the backend's; COPY cannot have one
    with closing(psycopg2.connect(url)) as connection, rows.open() as file:
        start = time.perf_counter()
        connection.cursor().copy_expert("COPY bench_member FROM STDIN", file)
        connection.commit()
        return time.perf_counter() - start


def write_rows(path: Path, ids: Path) -> Path:
    """The rows of the accounts in a file, sorted and each one once."""
    command = ["sort", "-n", "-u", str(ids)]  # not here: this memory would count for the processes it starts
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, path.open("w") as file:
        file.writelines(f"1\t{line}" for line in process.stdout or ())
    return path


def measure_many(bench: Bench, url: str, store: str, runs: int, accounts: int) -> None:
    """Many accounts, and an expression over two segments of them."""
    chance = random.Random(1)
    files = {
        code: write(bench.folder / code, (chance.randrange(1, 2**31) for _ in range(accounts)))
        for code in "AB"
    }
    rows = write_rows(bench.folder / "rows", files["A"])
    for code, file in files.items():
        bench.segments("load", "add", code, "-q")
        bench.segments("load", "accounts", "add", code, "--file", str(file))
    for number in range(runs):
        for code, file in files.items():
            if number:
                bench.segments("many", "delete", code, "--yes", "-q", store=store)
            bench.segments("many", "add", code, "-q", store=store)
            own = bench.segments("many", "accounts", "add", code, "--file", str(file), store=store)
            if code == "A":
                bench.pairs["many"].append((own, copy(url, rows)))
    for _ in range(runs):
        local = bench.segments("local", *COUNT, output="local")
        bench.pairs["count"].append((bench.segments("count", *COUNT, store=store, output="shared"), local))
        if (bench.folder / "shared").read_text() != (bench.folder / "local").read_text():
            raise SystemExit("the stores count other accounts")
    labels = {
        "many": f"{accounts:,} random ids into an empty segment / COPY of the sorted rows",
        "count": f"A minus B, {accounts:,} random ids each / a local store",
    }
    for name, label in labels.items():
        print_ratio(bench.pairs[name], f"{bench.megabytes[name]} MB   {label}")


def change(store: str, segment_id: int, seed: int, start: "Barrier", done: "SimpleQueue[Done]") -> None:
    """Adds accounts to a segment again and again."""
    begun = 0

    def count(statement: str) -> None:
        nonlocal begun
        begun += statement.startswith("BEGIN ISOLATION LEVEL READ COMMITTED")

    chance, added = random.Random(seed), []
    with closing(open_backend(BackendTarget(store, timeout=60, trace=count))) as backend:
        for number in range(1 + CHANGES):
            if number == 1:  # after a first change, for which modules are loaded
                start.wait()
            ids = [chance.randrange(1, 2**31) for _ in range(IDS)]
            backend.add_segment_accounts(segment_id, AccountSet(ids))
            added += ids
    done.put((time.perf_counter(), begun, added))


def measure_writers(store: str, segments: int) -> tuple[float, int]:
    """Changes per second of all writers on that many segments, and how many were tried again."""
    with closing(open_backend(BackendTarget(store, timeout=60))) as backend:
        drafts = [SegmentDraft(f"{segments}-{number}-{os.urandom(4).hex()}") for number in range(segments)]
        segment_ids = [backend.add_segment(draft).id for draft in drafts]
    of_writer = [segment_ids[number % segments] for number in range(WRITERS)]
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(WRITERS + 1), [context.SimpleQueue() for _ in of_writer]
    writers = [
        context.Process(target=change, args=(store, segment_id, number, start, results[number]))
        for number, segment_id in enumerate(of_writer)
    ]
    for writer in writers:
        writer.start()
    start.wait()
    started = time.perf_counter()
    done = [queue.get() for queue in results]
    for writer in writers:
        writer.join()
    with closing(open_backend(BackendTarget(store, timeout=60))) as backend:
        for segment_id in segment_ids:
            added = zip(done, of_writer, strict=True)
            expected = [each for (_, _, ids), own in added if own == segment_id for each in ids]
            if backend.get_segment_accounts(segment_id) != AccountSet(expected):
                raise SystemExit(f"segment {segment_id} has other accounts than were added")
    rate = WRITERS * CHANGES / (max(ended for ended, _, _ in done) - started)
    return rate, sum(begun for _, begun, _ in done) - WRITERS * (1 + CHANGES)


def report_writers(store: str, runs: int) -> None:
    for segments in (WRITERS, 1):
        rates, retries = zip(*(measure_writers(store, segments) for _ in range(runs)), strict=True)
        sys.stdout.write(
            f"{statistics.median(rates):7,.0f}/s   {max(retries)} tried again at most, none lost"
            f"   {WRITERS} writers of {IDS} ids each; segments: {segments}\n"
        )


def report_single(segments: str, store: str, folder: Path, runs: int) -> None:
    """`get`, and reads from `serve`."""
    with closing(open_backend(BackendTarget(store, timeout=60))) as backend:
        for number in range(PAGE):
            backend.add_segment(SegmentDraft(f"S{number}", "a name"))
    env = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    get = [segments, "get", "S1", "-o", "json", "--backend", store]
    pairs = [(seconds(get, env), seconds(REFERENCE, env)) for _ in range(PAIRS)]
    print_ratio(pairs, "get -o json / gh --version")
    with served(folder, "--backend", store) as server:
        token = ("-H", f"Authorization: {server.fetch_headers()['Authorization']}")
        url = f"{server.url}{SEGMENTS}"
        requests.get(url, headers=server.fetch_headers(), timeout=10).raise_for_status()
        targets = {f"GetSegments, {PAGE} segments": url, "GetSegment": f"{url}/1"}
        loads: dict[str, list[Load]] = {name: [] for name in targets}
        for _ in range(runs):
            for name, target in targets.items():
                loads[name].append(measure(target, 5, *token))
    for name, of_name in loads.items():
        rate, p50, p99 = map(statistics.median, zip(*of_name, strict=True))
        sys.stdout.write(f"{rate:7,.0f}/s   p50 {p50:5.2f} ms   p99 {p99:5.2f} ms   {name}\n")


def main(segments: str, runs: int, accounts: int, url: str) -> None:
    segments = os.path.abspath(segments)
    with tempfile.TemporaryDirectory() as name, stores(url) as created:
        folder = Path(name)
        created += [new_store(url) for _ in range(3)]
        report_single(segments, created[0], folder, runs)
        report_writers(created[1], runs)
        measure_many(Bench(segments, folder), url, created[2], runs, accounts)


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[2:4]]
    runs, accounts = numbers + [3, 5_000_000][len(numbers) :]
    if len(sys.argv) > 4:
        main(sys.argv[1], runs, accounts, sys.argv[4])
    else:
        with new_server() as url:
            main(sys.argv[1], runs, accounts, url)
