"""A tenant's commands beside what people use today, in one run, 20 ms away.

    python tests/bench/tenant.py path/to/segments path/to/http [pairs]

The tenant is `segments serve`. `list --all` over 2,000 segments stands beside one curl with keep-alive
that fetches the same ten pages, `get` beside HTTPie fetching the same segment. Ratios are medians, pair
by pair.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from segcli.backends.sqlite.backend import SqliteBackend
from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.serving import SEGMENTS as PATH
from tests.support.serving import served

LATENCY = "20"  # milliseconds
SEGMENTS = 2000
PAGE = 200


def seconds(command: list[str], env: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def compare(name: str, ours: list[str], theirs: list[str], env: dict[str, str], pairs: int) -> None:
    measured = [(seconds(ours, env), seconds(theirs, env)) for _ in range(pairs + 1)][1:]
    ratio = statistics.median(own / other for own, other in measured)
    own, other = (statistics.median(column) * 1000 for column in zip(*measured, strict=True))
    sys.stdout.write(f"{ratio:5.2f} x   {own:6.0f} ms beside {other:6.0f} ms   {name}\n")


def fill(store: Path) -> None:
    backend = SqliteBackend(str(store), timeout=10)
    with backend.transaction():
        for number in range(SEGMENTS):
            backend.add_segment(SegmentDraft(f"S{number:05}", f"Segment {number}"))
    backend.close()


def requests_of(segments: str, arguments: list[str], env: dict[str, str]) -> int:
    """How many requests a command sends, as it tells itself."""
    done = subprocess.run([segments, *arguments, "-v"], env=env, check=True, capture_output=True, text=True)
    return len(done.stderr.splitlines())


def main(segments: str, http: str, pairs: int = 11) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(Segments(home).store)
        with served(home, "--latency", LATENCY, "-q") as server:
            env = {
                "HOME": folder,
                "PATH": os.environ["PATH"],
                "KIBO_API_HOST": server.url,
                "KIBO_CLIENT_ID": server.client_id,
                "KIBO_SHARED_SECRET": server.secret,
            }
            subprocess.run([segments, "doctor"], env=env, check=True, stdout=subprocess.DEVNULL)
            token = f"Authorization: {server.fetch_headers()['Authorization']}"
            url = f"{server.url}{PATH}"
            pages = [f"{url}?startIndex={start}&pageSize={PAGE}" for start in range(0, SEGMENTS, PAGE)]
            listing = ["list", "--all", "-o", "jsonl"]
            compare(
                "list --all over 2,000 segments, beside curl with keep-alive over the same pages",
                [segments, *listing],
                ["curl", "-s", "-H", token, *pages],
                env,
                pairs,
            )
            compare(
                "get by id, beside HTTPie",
                [segments, "get", "1", "-o", "json"],
                [http, "--ignore-stdin", f"{url}/1", token],
                env,
                pairs,
            )
            for arguments in (listing, ["get", "1"], ["get", "S00001"], ["update", "S00001", "--name", "x"]):
                count = requests_of(segments, arguments, env)
                sys.stdout.write(f"{count:5} requests   {' '.join(arguments)}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
