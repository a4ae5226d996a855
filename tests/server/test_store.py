"""The store while it is served: locked by another process, moved, deleted."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
import requests

from tests.support.command import Segments
from tests.support.serving import SEGMENTS, Served, served


def test_a_locked_store_does_not_stop_the_server(segments: Segments, home: Path) -> None:
    segments.ok("add", "VIP")
    with closing(sqlite3.connect(segments.store, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")  # in this mode a writer excludes readers
        with served(home, "--no-auth", "--timeout", "3") as server:
            other.execute("BEGIN EXCLUSIVE")
            statuses: list[int] = []
            reader = Thread(target=lambda: statuses.append(get(server, f"{SEGMENTS}/1")))
            reader.start()
            time.sleep(0.3)
            for _ in range(5):
                assert requests.get(server.url, timeout=1).status_code == 200
            assert statuses == [], "the read did not wait for the lock"
            reader.join()
            assert statuses == [503]
            other.execute("ROLLBACK")
            assert get(server, f"{SEGMENTS}/1") == 200


def get(server: Served, path: str) -> int:
    return requests.get(server.url + path, timeout=20).status_code


WRITES = [
    ("POST", SEGMENTS, {"code": "NEW"}),
    ("PUT", f"{SEGMENTS}/1", {"code": "NEW"}),
    ("DELETE", f"{SEGMENTS}/1", None),
    ("POST", f"{SEGMENTS}/1/accounts", [1]),
]


@pytest.mark.parametrize("used", [True, False], ids=["used before", "not used before"])
@pytest.mark.parametrize("gone", ["moved", "deleted", "replaced"])
def test_requests_on_a_store_that_is_gone_are_not_acknowledged(
    segments: Segments, home: Path, gone: str, used: bool
) -> None:
    store = segments.store
    segments.ok("add", "VIP")
    with served(home, "--no-auth") as server:
        if used:
            requests.post(server.url + SEGMENTS, json={"code": "FIRST"}, timeout=10).raise_for_status()
            assert [get(server, SEGMENTS) for _ in range(8)] == [200] * 8
        moved = store.with_name("moved.db")
        if gone == "deleted":
            for path in store.parent.glob(f"{store.name}*"):
                path.unlink()
        else:
            for path in store.parent.glob(f"{store.name}*"):
                path.rename(str(path).replace(str(store), str(moved)))
        if gone == "replaced":
            segments.ok("add", "OTHER")
        for url in (SEGMENTS, f"{SEGMENTS}/1"):
            assert [get(server, url) for _ in range(8)] == [503] * 8
        for method, url, body in WRITES:
            assert requests.request(method, server.url + url, json=body, timeout=20).status_code == 503
        happened = "was replaced by another file" if gone == "replaced" else "was moved or deleted"
        assert f"{happened} while it was open" in server.log.read_text()
        if gone == "moved":
            for path in moved.parent.glob(f"{moved.name}*"):
                path.rename(str(path).replace(str(moved), str(store)))
            assert get(server, f"{SEGMENTS}/1") == 200
        elif gone == "replaced":
            assert segments.ok("list", "-o", "code").lines == ["OTHER"]
        else:
            assert not store.exists()


def test_a_store_that_did_not_exist_is_created_at_the_start(segments: Segments, home: Path) -> None:
    with served(home, "--no-auth") as server:
        segments.store.unlink()
        response = requests.post(server.url + SEGMENTS, json={"code": "NEW"}, timeout=10)
    assert response.status_code == 503
    assert not segments.store.exists()
