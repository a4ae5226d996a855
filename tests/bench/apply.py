"""`diff` and `apply` of a manifest with 1,000 segments of 10,000 accounts each, and of changes on a tenant.

    python -m tests.bench.apply [SEGMENTS [ACCOUNTS]]

Prints seconds and the peak memory in MB of: a diff and an apply to a new store, a diff with nothing to
change, and a second apply; then the requests of an apply to a tenant with 20 ms latency on which ten
segments differ by ten accounts each, and what was forecast.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from segcli.account_set import AccountSet
from tests.support.command import COMMAND, Segments
from tests.support.states import client_of, store_at
from tests.support.tenant_server import Fault, serving

LATENCY = 0.02  # seconds
CHANGED = 10  # segments on the tenant that differ
KNOWN = 2_000_000  # accounts that the ids are drawn from


def write_manifest(folder: Path, segments: int, accounts: int) -> list[AccountSet]:
    """A manifest with a file of accounts for each segment; returns their accounts."""
    rng = random.Random(1)
    (folder / "accounts").mkdir(parents=True)
    lines = ["version: 1", "segments:"]
    sets = []
    for number in range(segments):
        members = AccountSet(rng.sample(range(1, KNOWN), accounts))
        sets.append(members)
        file = folder / "accounts" / f"S{number:04}.txt"
        file.write_text("".join(members.lines()))
        lines += [f"  - code: S{number:04}", f"    name: Segment {number}"]
        lines += ["    accounts:", f"      file: accounts/{file.name}"]
    (folder / "segments.yaml").write_text("\n".join(lines) + "\n")
    return sets


def run(label: str, segments: Segments, *arguments: str) -> str:
    """Runs the command, prints its time and peak memory, and returns its output."""
    start = time.perf_counter()
    process = subprocess.Popen([COMMAND, *arguments], env=segments.env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - start
    peak = usage.ru_maxrss / 1024
    sys.stdout.write(f"{took:7.2f} s {peak:7,.0f} MB  exit {process.returncode}  {label}\n")
    return output


def measure_store(home: Path, manifest: str) -> None:
    segments = Segments(home)
    run("diff, to a new store", segments, "diff", manifest, "-o", "json")
    run("apply, to a new store", segments, "apply", manifest, "--yes", "-o", "json")
    run("diff, nothing changed", segments, "diff", manifest, "-o", "json")
    run("apply, nothing changed", segments, "apply", manifest, "--yes", "-o", "json")


def measure_tenant(home: Path, manifest: Path, sets: list[AccountSet]) -> None:
    store = store_at(home / "tenant.db")
    run_segments = Segments(home)
    run(
        "the tenant's store",
        run_segments,
        "--backend",
        f"sqlite:{home / 'tenant.db'}",
        "apply",
        str(manifest),
        "--yes",
    )
    for number in range(CHANGED):
        some = list(sets[number])
        store.remove_segment_accounts(number + 1, AccountSet(some[:5]))
        store.add_segment_accounts(number + 1, AccountSet(range(KNOWN + 1, KNOWN + 6)))
    store.close()
    with serving(home / "tenant.db", lambda _: Fault(delay=LATENCY)) as server:
        client_of(server).close()
        run_segments.env |= server.environ
        options = ("--yes", "--timeout", "600", "-o", "json")
        run("diff, on the tenant", run_segments, "diff", str(manifest), *options[1:])
        reads = len(server.requests)
        planned = json.loads(run("apply, on the tenant", run_segments, "apply", str(manifest), *options))
        sent = len(server.requests) - 2 * reads
        sys.stdout.write(f"{planned['requests']:,} requests forecast, {sent:,} sent\n")
        before = len(server.requests)
        run("apply again, on the tenant", run_segments, "apply", str(manifest), *options)
        written = [each for each in server.requests[before:] if each.method != "GET"]
        sys.stdout.write(f"{len(written)} requests to change in the second run\n")


def main(segments: int = 1_000, accounts: int = 10_000, tenant_segments: int = 100) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write_manifest(home / "manifest", segments, accounts)
        measure_store(home, str(home / "manifest" / "segments.yaml"))
        sets = write_manifest(home / "small", tenant_segments, 2_000)
        (home / "other").mkdir()
        measure_tenant(home / "other", home / "small" / "segments.yaml", sets)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
