"""Adding and removing many accounts on a tenant with 20 ms latency, compared with curl.

    python -m tests.bench.bulk_tenant path/to/segments [ROUNDS]

The tenant is `segments serve`. Adding 1,000,000 accounts is compared with one curl that sends the same
1,000 lists over four connections, which is the time that the server alone needs. Removing 5,000 accounts
is compared with one curl that sends the same requests over one kept-alive connection. Both are run in
turn, ROUNDS times (default 3). Prints the median of the ratios and the medians in milliseconds. Needs
curl.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.timing import Pair, print_ratio, seconds
from tests.support.command import Segments
from tests.support.serving import SEGMENTS, served

LATENCY = "20"  # milliseconds
ADDED = 1_000_000
REMOVED = 5_000
CHUNK = 1_000
CONNECTIONS = "4"


def curl_additions(home: Path, url: str) -> str:
    """A curl configuration that adds all accounts, one request per chunk."""
    requests = []
    for start in range(1, ADDED + 1, CHUNK):
        body = home / f"{start}.json"
        body.write_text(json.dumps(list(range(start, start + CHUNK))))
        requests.append(
            f'url = "{url}/accounts"\ndata = "@{body}"\nheader = "Content-Type: application/json"\n'
        )
    return write(home / "add.curl", "next\n".join(requests))


def curl_removals(home: Path, url: str) -> str:
    """A curl configuration that removes accounts, one request per account."""
    urls = [f'url = "{url}/accounts/{account_id}"\n' for account_id in range(1, REMOVED + 1)]
    return write(home / "remove.curl", 'request = "DELETE"\n' + "".join(urls))


def write_ids(path: Path, count: int) -> str:
    return write(path, "".join(f"{account_id}\n" for account_id in range(1, count + 1)))


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def output(command: list[str], env: dict[str, str]) -> str:
    return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main(segments: str, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = f"sqlite:{home / 'tenant.db'}"
        options = ("--no-auth", "--latency", LATENCY, "-q", "--backend", store)
        with served(home, *options, command=(segments,)) as server:
            env = Segments(home).env | {"SEGMENTS_BACKEND": server.url}
            all_ids = write_ids(home / "all.txt", ADDED)
            some_ids = write_ids(home / "some.txt", REMOVED)
            added: list[Pair] = []
            removed: list[Pair] = []
            for number in range(rounds):
                own, other = (
                    output([segments, "add", f"{name}{number}", "-o", "id"], env) for name in ("OWN", "CURL")
                )
                url = f"{server.url}{SEGMENTS}/{other}"
                add = [segments, "accounts", "add", own, "--file", all_ids, "--concurrency", CONNECTIONS]
                curl_add = ["curl", "-s", "--parallel", "--parallel-max", CONNECTIONS]
                added.append((seconds(add, env), seconds([*curl_add, "-K", curl_additions(home, url)])))
                remove = [segments, "accounts", "remove", own, "--file", some_ids]
                removed.append(
                    (seconds(remove, env), seconds(["curl", "-s", "-K", curl_removals(home, url)]))
                )
                for segment in (own, other):
                    listing = [segments, "--backend", store, "accounts", "list", segment]
                    assert int(output([*listing, "--query", "totalCount"], env)) == ADDED - REMOVED
            print_ratio(added, f"accounts add, {ADDED:,} accounts / curl over {CONNECTIONS} connections")
            print_ratio(removed, f"accounts remove, {REMOVED:,} accounts / curl over one connection")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
