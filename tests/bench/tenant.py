"""A tenant's commands beside what people use today, in one run, 20 ms away.

    python tests/bench/tenant.py path/to/segments path/to/http [pairs]

`list --all` over 2,000 segments beside one curl with keep-alive that fetches the same ten pages, and
`get` beside HTTPie fetching the same segment. Ratios are medians, pair by pair.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from segcli.backends.sqlite import SqliteBackend
from segcli.model import SegmentDraft
from tests.tenant_server import Fault, TenantServer, serving

LATENCY = 0.02
SEGMENTS = 2000
PAGE = 200
PATH = "/api/commerce/customer/segments"


def seconds(command: list[str], env: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def compare(name: str, ours: list[str], theirs: list[str], env: dict[str, str], pairs: int) -> None:
    measured = [(seconds(ours, env), seconds(theirs, env)) for _ in range(pairs + 1)][1:]
    ratio = statistics.median(own / other for own, other in measured)
    own, other = (statistics.median(column) * 1000 for column in zip(*measured, strict=True))
    sys.stdout.write(f"{ratio:5.2f} x   {own:6.0f} ms beside {other:6.0f} ms   {name}\n")


def fill(server: TenantServer) -> None:
    backend = SqliteBackend(str(server.store), timeout=10)
    with backend.transaction():
        for number in range(SEGMENTS):
            backend.add_segment(SegmentDraft(f"S{number:05}", f"Segment {number}"))
    backend.close()


def main(segments: str, http: str, pairs: int = 11) -> None:
    with tempfile.TemporaryDirectory() as home, serving(Path(home) / "tenant.db") as server:
        fill(server)
        env = {
            "HOME": home,
            "PATH": os.environ["PATH"],
            **server.environ,
        }
        subprocess.run([segments, "doctor"], env=env, check=True, stdout=subprocess.DEVNULL)
        server.script = lambda _: Fault(delay=LATENCY)
        token = f"Authorization: Bearer token-{server.tickets}"
        pages = [
            f"{server.url}{PATH}?startIndex={start}&pageSize={PAGE}" for start in range(0, SEGMENTS, PAGE)
        ]
        compare(
            "list --all over 2,000 segments, beside curl with keep-alive over the same pages",
            [segments, "list", "--all", "-o", "jsonl"],
            ["curl", "-s", "-H", token, *pages],
            env,
            pairs,
        )
        del server.requests[:]
        subprocess.run([segments, "list", "--all"], env=env, check=True, stdout=subprocess.DEVNULL)
        sys.stdout.write(f"        {len(server.requests)} requests\n")
        compare(
            "get by id, beside HTTPie",
            [segments, "get", "1", "-o", "json"],
            [http, "--ignore-stdin", f"{server.url}{PATH}/1", token],
            env,
            pairs,
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
