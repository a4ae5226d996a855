"""Simulated faults: what a client receives, and that the log and the store agree with it."""

from pathlib import Path
from threading import Thread

import pytest
import requests

from segcli.query.tree import SegmentQuery
from segcli.server.faults import Fault, FaultInjector
from segcli.server.options import Faults
from tests.support.command import Segments
from tests.support.serving import SEGMENTS, Served, served
from tests.support.stores import open_store


def test_above_the_rate_limit_all_requests_are_rejected_until_the_wait_is_over(home: Path) -> None:
    with served(home, "--no-auth", "--rate-limit", "3") as server:
        responses = [requests.get(server.url + SEGMENTS, timeout=10) for _ in range(8)]
        rejected = [response for response in responses if response.status_code == 429]
        assert rejected
        for response in rejected:
            assert response.content == b""
            assert int(response.headers["Retry-After"]) >= 1
            assert response.headers["x-vol-correlation"]
        # On the platform tickets come from another host, which has its own limit.
        assert server.fetch_ticket()


def test_the_rate_limit_with_a_fake_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    injector = FaultInjector(Faults(rate_limit=2))
    assert [injector.retry_after() for _ in range(4)] == [None, None, 1, 1]
    now += 0.9
    assert injector.retry_after() == 1
    now += 0.2
    assert [injector.retry_after() for _ in range(3)] == [None, None, 1]


def test_latency_delays_one_request_and_no_other(home: Path) -> None:
    with served(home, "--no-auth", "--latency", "500") as server:
        finished: list[str] = []

        def fetch(path: str) -> None:
            requests.get(server.url + path, timeout=10)
            finished.append(path)

        slow = Thread(target=fetch, args=(SEGMENTS,))
        slow.start()
        fetch("/api/openapi.json")
        slow.join()
    assert finished == ["/api/openapi.json", SEGMENTS]


def test_a_fault_is_a_503_or_a_dropped_connection_and_the_log_says_which(home: Path) -> None:
    with served(home, "--no-auth", "--fault-rate", "0.5") as server:
        outcomes = [outcome(server, f"S{number}") for number in range(60)]
        lines = server.log.read_text().splitlines()
    assert set(outcomes) == {200, 503, None}
    lost_responses = sum(line.endswith(Fault.LOST_RESPONSE.value) for line in lines)
    lost_requests = sum(line.endswith(Fault.LOST_REQUEST.value) for line in lines)
    assert sum(line.endswith(Fault.MAINTENANCE.value) for line in lines) == outcomes.count(503)
    assert lost_responses + lost_requests == outcomes.count(None)
    store = open_store(str(Segments(home).store), timeout=10)
    assert store.get_segments(SegmentQuery()).total_count == outcomes.count(200) + lost_responses
    store.close()


def outcome(server: Served, code: str) -> int | None:
    """The status of an AddSegment; None if the connection was dropped."""
    try:
        response = requests.post(server.url + SEGMENTS, json={"code": code}, timeout=10)
    except requests.ConnectionError:
        return None
    if response.status_code == 503:
        assert response.json()["errorCode"] == "SYSTEM_MAINTENANCE"
    return response.status_code
