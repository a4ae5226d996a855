"""Mixed load from many connections, then an exact comparison with the store.

    python -m tests.server.soak [seconds]

Each connection has its own segment, so it knows what every response must be: a request that sees
another connection's data fails at once.
"""

import random
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.command import Segments
from tests.support.serving import ACCOUNTS, SEGMENTS, Served, served
from tests.support.stores import members_of

CONNECTIONS = 16


class Worker:
    """One connection: sends random requests, and keeps the state that its segment must have."""

    def __init__(self, server: Served, number: int) -> None:
        from tests.server.conftest import Client

        self.client = Client(server)
        self.random = random.Random(number)
        self.code = f"OWN-{number}"
        self.name: str | None = None
        self.members: set[int] = set()
        self.first_account = 1_000_000 * (number + 1)
        self.request_count = 0
        self.segment_id = self.client.add(self.code)
        self.path = f"{SEGMENTS}/{self.segment_id}"

    def run_until(self, end: float) -> "Worker":
        actions = (self.get, self.find, self.rename, self.add, self.add, self.remove, self.look_up, self.fail)
        with self.client:
            while time.monotonic() < end:
                self.random.choice(actions)()
                self.request_count += 1
        return self

    def get(self) -> None:
        segment = self.client.call("GET", self.path).json()
        assert (segment["code"], segment["name"]) == (self.code, self.name)

    def find(self) -> None:
        page = self.client.call("GET", f"{SEGMENTS}?filter=code+eq+{self.code}").json()
        assert [segment["id"] for segment in page["items"]] == [self.segment_id]

    def rename(self) -> None:
        self.name = f"{self.code} {self.random.random()}"
        response = self.client.call("PUT", self.path, json={"code": self.code, "name": self.name})
        assert response.json()["name"] == self.name

    def add(self) -> None:
        accounts = [self.first_account + self.random.randrange(5000) for _ in range(10)]
        assert self.client.call("POST", f"{self.path}/accounts", json=accounts).status_code == 204
        self.members.update(accounts)

    def remove(self) -> None:
        account = self.first_account + self.random.randrange(5000)
        response = self.client.call("DELETE", f"{self.path}/accounts/{account}")
        assert response.status_code == (204 if account in self.members else 409)
        self.members.discard(account)

    def look_up(self) -> None:
        account = self.first_account + self.random.randrange(5000)
        page = self.client.call("GET", f"{ACCOUNTS}/{account}/segments").json()
        assert page["totalCount"] == (account in self.members)

    def fail(self) -> None:
        response = self.client.call("POST", SEGMENTS, json={"code": self.code})
        assert response.status_code == 409
        assert self.code in response.json()["message"]


def soak(home: Path, seconds: float) -> tuple[int, int, int]:
    """Runs the load; the number of requests, and the server's resident memory in kB before and after."""
    with served(home) as server:
        workers = [Worker(server, number) for number in range(CONNECTIONS)]
        before = resident_kb(server)
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            workers = list(pool.map(lambda worker: worker.run_until(end), workers))
        after = resident_kb(server)
        assert " 500 " not in server.log.read_text()
    store = sqlite3.connect(Segments(home).store)
    try:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for worker in workers:
            assert members_of(Segments(home).store, worker.segment_id) == sorted(worker.members)
        names = dict(store.execute("SELECT code, name FROM segment_record"))
        assert names == {worker.code: worker.name for worker in workers}
    finally:
        store.close()
    return sum(worker.request_count for worker in workers), before, after


def resident_kb(server: Served) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        count, before, after = soak(Path(folder), float(sys.argv[1]) if sys.argv[1:] else 30.0)
    sys.stdout.write(f"{count:,} requests; resident memory {before:,} kB before, {after:,} kB after\n")
