"""Many accounts to a tenant 20 ms away, beside curl, in one run.

    python tests/bench/bulk_tenant.py path/to/segments [rounds]

The tenant is `segments serve`. Removal of 5,000 accounts stands beside one curl that sends the same
requests over one kept-alive connection; addition of 1,000,000 beside a curl that sends the same
thousand lists over four connections, which is what the server alone needs for them.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LATENCY = "20"
ADDED = 1_000_000
REMOVED = 5_000
CHUNK = 1_000
WORKERS = "4"


@contextmanager
def server(segments: str, home: Path) -> Iterator[str]:
    arguments = [segments, "serve", "--port", "0", "--no-auth", "--latency", LATENCY, "-q", "-o", "json"]
    process = subprocess.Popen(
        [*arguments, "--backend", f"sqlite:{home / 'tenant.db'}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["url"]
    process.terminate()
    process.wait()


def seconds(*command: str) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def write_additions(home: Path, url: str) -> str:
    """A curl configuration that adds all accounts, a list a request."""
    config = []
    for start in range(1, ADDED + 1, CHUNK):
        body = home / f"{start}.json"
        body.write_text(json.dumps(list(range(start, start + CHUNK))))
        config.append(
            f'url = "{url}/accounts"\ndata = "@{body}"\nheader = "Content-Type: application/json"\n'
        )
    return write(home / "add.curl", "next\n".join(config))


def write_removals(home: Path, url: str) -> str:
    config = [f'url = "{url}/accounts/{account_id}"\n' for account_id in range(1, REMOVED + 1)]
    return write(home / "remove.curl", 'request = "DELETE"\n' + "".join(config))


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def tell(name: str, measured: list[tuple[float, float]]) -> None:
    ratio = statistics.median(own / other for own, other in measured)
    own, other = (statistics.median(column) for column in zip(*measured, strict=True))
    sys.stdout.write(f"{ratio:5.2f} x   {own:6.2f} s beside {other:6.2f} s   {name}\n")


def new_segment(segments: str, code: str) -> str:
    done = subprocess.run([segments, "add", code, "-o", "id"], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def members(segments: str, segment: str) -> int:
    """How many accounts a segment has, as the tenant's own store says."""
    store = f"sqlite:{Path(os.environ['HOME']) / 'tenant.db'}"
    command = [segments, "--backend", store, "accounts", "list", segment, "--query", "totalCount"]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main(segments: str, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder, server(segments, Path(folder)) as url:
        home = Path(folder)
        os.environ |= {"HOME": folder, "SEGMENTS_BACKEND": url}
        all_ids = write(home / "all.txt", "".join(f"{n}\n" for n in range(1, ADDED + 1)))
        few_ids = write(home / "few.txt", "".join(f"{n}\n" for n in range(1, REMOVED + 1)))
        added: list[tuple[float, float]] = []
        removed: list[tuple[float, float]] = []
        for number in range(rounds):
            own, other = (new_segment(segments, f"{name}{number}") for name in ("OWN", "CURL"))
            api = f"{url}/api/commerce/customer/segments/{other}"
            parallel = ["--parallel", "--parallel-max", WORKERS]
            added.append(
                (
                    seconds(segments, "accounts", "add", own, "--file", all_ids, "--concurrency", WORKERS),
                    seconds("curl", "-s", *parallel, "-K", write_additions(home, api)),
                )
            )
            removed.append(
                (
                    seconds(segments, "accounts", "remove", own, "--file", few_ids),
                    seconds("curl", "-s", "-K", write_removals(home, api)),
                )
            )
            counts = [members(segments, segment) for segment in (own, other)]
            assert counts == [ADDED - REMOVED] * 2, counts
        tell(f"addition of {ADDED:,} accounts, beside curl over {WORKERS} connections", added)
        tell(f"removal of {REMOVED:,} accounts, beside curl over one connection", removed)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
