"""Mixed load from many connections, and then an exact count of what must be there.

    python -m tests.server.soak [seconds]

Each connection has a segment of its own, so that it knows what every answer must be: a request that
saw another's data would be noticed at once.
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

CONNECTIONS = 16


class Visitor:
    """One connection: what it has done, and what it therefore must see."""

    def __init__(self, server: Served, number: int) -> None:
        from tests.server.conftest import Client

        self.client = Client(server)
        self.random = random.Random(number)
        self.code = f"OWN-{number}"
        self.name: str | None = None
        self.members: set[int] = set()
        self.first_account = 1_000_000 * (number + 1)
        self.requests = 0
        self.segment_id = self.client.add(self.code)
        self.path = f"{SEGMENTS}/{self.segment_id}"

    def visit_until(self, end: float) -> "Visitor":
        acts = (self.get, self.find, self.rename, self.add, self.add, self.remove, self.look_up, self.fail)
        with self.client:
            while time.monotonic() < end:
                self.random.choice(acts)()
                self.requests += 1
        return self

    def get(self) -> None:
        segment = self.client.call("GET", self.path).json()
        assert (segment["code"], segment["name"]) == (self.code, self.name)

    def find(self) -> None:
        page = self.client.call("GET", f"{SEGMENTS}?filter=code+eq+{self.code}").json()
        assert [segment["id"] for segment in page["items"]] == [self.segment_id]

    def rename(self) -> None:
        self.name = f"{self.code} {self.random.random()}"
        answer = self.client.call("PUT", self.path, json={"code": self.code, "name": self.name})
        assert answer.json()["name"] == self.name

    def add(self) -> None:
        some = [self.first_account + self.random.randrange(5000) for _ in range(10)]
        assert self.client.call("POST", f"{self.path}/accounts", json=some).status_code == 204
        self.members.update(some)

    def remove(self) -> None:
        account = self.first_account + self.random.randrange(5000)
        answer = self.client.call("DELETE", f"{self.path}/accounts/{account}")
        assert answer.status_code == (204 if account in self.members else 409)
        self.members.discard(account)

    def look_up(self) -> None:
        account = self.first_account + self.random.randrange(5000)
        page = self.client.call("GET", f"{ACCOUNTS}/{account}/segments").json()
        assert page["totalCount"] == (account in self.members)

    def fail(self) -> None:
        answer = self.client.call("POST", SEGMENTS, json={"code": self.code})
        assert answer.status_code == 409
        assert self.code in answer.json()["message"]


def soak(home: Path, seconds: float) -> tuple[int, int, int]:
    """Requests made, and the server's resident memory in kB before and after them."""
    with served(home) as server:
        visitors = [Visitor(server, number) for number in range(CONNECTIONS)]
        before = resident(server)
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            visitors = list(pool.map(lambda visitor: visitor.visit_until(end), visitors))
        after = resident(server)
        assert " 500 " not in server.log.read_text()
    store = sqlite3.connect(Segments(home).store)
    try:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        found = set(store.execute("SELECT segment_id, account_id FROM segment_account"))
        assert found == {(visitor.segment_id, account) for visitor in visitors for account in visitor.members}
        names = dict(store.execute("SELECT code, name FROM segment"))
        assert names == {visitor.code: visitor.name for visitor in visitors}
    finally:
        store.close()
    return sum(visitor.requests for visitor in visitors), before, after


def resident(server: Served) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made, before, after = soak(Path(folder), float(sys.argv[1]) if sys.argv[1:] else 30.0)
    sys.stdout.write(f"{made:,} requests; resident {before:,} kB before, {after:,} kB after\n")
