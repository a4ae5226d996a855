"""Commands on a tenant with 20 ms latency, compared with curl and HTTPie.

    python -m tests.bench.tenant path/to/segments path/to/http [PAIRS]

The tenant is `segments serve`. `list --all` of 2,000 segments is compared with one curl with keep-alive
that fetches the same ten pages, `get` with HTTPie fetching the same segment. Each pair is run in turn,
PAIRS times (default 11). Prints the median of the ratios and the medians in milliseconds, then the
number of requests that some commands send. Needs curl and HTTPie.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from segcli.model import SegmentDraft
from tests.bench.timing import print_ratio, seconds
from tests.support.command import Segments
from tests.support.serving import SEGMENTS as PATH
from tests.support.serving import served
from tests.support.stores import open_store

LATENCY = "20"  # milliseconds
SEGMENTS = 2000
PAGE = 200


def compare(label: str, own: list[str], other: list[str], env: dict[str, str], pairs: int) -> None:
    """Runs both commands in turn; the first pair is not counted."""
    measured = [(seconds(own, env), seconds(other, env)) for _ in range(pairs + 1)]
    print_ratio(measured[1:], label)


def fill(store: Path) -> None:
    backend = open_store(str(store), timeout=10)
    with backend.transaction():
        for number in range(SEGMENTS):
            backend.add_segment(SegmentDraft(f"S{number:05}", f"Segment {number}"))
    backend.close()


def count_requests(segments: str, arguments: list[str], env: dict[str, str]) -> int:
    """The number of requests that a command sends, by its --verbose log."""
    done = subprocess.run([segments, *arguments, "-v"], env=env, check=True, capture_output=True, text=True)
    return len(done.stderr.splitlines())


def main(segments: str, http: str, pairs: int = 11) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(Segments(home).store)
        with served(home, "--latency", LATENCY, "-q") as server:
            env = {"HOME": folder, "PATH": os.environ["PATH"], **server.environ}
            subprocess.run([segments, "doctor"], env=env, check=True, stdout=subprocess.DEVNULL)
            token = f"Authorization: {server.fetch_headers()['Authorization']}"
            url = f"{server.url}{PATH}"
            pages = [f"{url}?startIndex={start}&pageSize={PAGE}" for start in range(0, SEGMENTS, PAGE)]
            list_all = ["list", "--all", "-o", "jsonl"]
            compare(
                "list --all of 2,000 segments / curl with keep-alive",
                [segments, *list_all],
                ["curl", "-s", "-H", token, *pages],
                env,
                pairs,
            )
            compare(
                "get by id / HTTPie",
                [segments, "get", "1", "-o", "json"],
                [http, "--ignore-stdin", f"{url}/1", token],
                env,
                pairs,
            )
            for arguments in (list_all, ["get", "1"], ["get", "S00001"], ["update", "S00001", "--name", "x"]):
                count = count_requests(segments, arguments, env)
                sys.stdout.write(f"{count:5} requests   {' '.join(arguments)}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
