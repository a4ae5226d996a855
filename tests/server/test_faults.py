"""Faults on request: what a client under test is shown, and that the server's state is what it says."""

from pathlib import Path
from threading import Thread

import pytest
import requests

from segcli.backends.sqlite.backend import SqliteBackend
from segcli.query.tree import SegmentQuery
from segcli.server.faults import Fault, Trouble
from segcli.server.options import Faults
from tests.support.command import Segments
from tests.support.serving import SEGMENTS, Served, served


def test_above_the_rate_all_are_refused_until_the_wait_is_over(home: Path) -> None:
    with served(home, "--no-auth", "--rate-limit", "3") as server:
        answers = [requests.get(server.url + SEGMENTS, timeout=10) for _ in range(8)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        for answer in refused:
            assert answer.content == b""
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.headers["x-vol-correlation"]
        # Tickets come from another host on the platform, whose limit this is not.
        assert server.fetch_ticket()


def test_the_rate_limit_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    trouble = Trouble(Faults(rate_limit=2))
    assert [trouble.retry_after() for _ in range(4)] == [None, None, 1, 1]
    now += 0.9
    assert trouble.retry_after() == 1
    now += 0.2
    assert [trouble.retry_after() for _ in range(3)] == [None, None, 1]


def test_latency_holds_up_one_request_and_no_other(home: Path) -> None:
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


def test_a_fault_is_a_503_or_a_lost_connection_and_the_log_tells_which(home: Path) -> None:
    with served(home, "--no-auth", "--fault-rate", "0.5") as server:
        outcomes = [outcome(server, f"S{number}") for number in range(60)]
        lines = server.log.read_text().splitlines()
    assert set(outcomes) == {200, 503, None}
    lost_answers = sum(line.endswith(Fault.LOST_ANSWER.value) for line in lines)
    lost_requests = sum(line.endswith(Fault.LOST_REQUEST.value) for line in lines)
    assert lost_answers + lost_requests == outcomes.count(None)
    store = SqliteBackend(str(Segments(home).store), timeout=10)
    assert store.get_segments(SegmentQuery()).total_count == outcomes.count(200) + lost_answers
    store.close()


def outcome(server: Served, code: str) -> int | None:
    """The status that an AddSegment is answered with; None where the connection was lost."""
    try:
        answer = requests.post(server.url + SEGMENTS, json={"code": code}, timeout=10)
    except requests.ConnectionError:
        return None
    if answer.status_code == 503:
        assert answer.json()["errorCode"] == "SYSTEM_MAINTENANCE"
    return answer.status_code
