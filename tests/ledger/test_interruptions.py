"""kill -9, Ctrl-C, SIGTERM, faults and parallel commands: the ledger has what the tenant acknowledged."""

import os
import random
import signal
import time

import pytest

from tests.support.bulk import Tenant, is_chunk, journals, wait_for, write_ids
from tests.support.fault_scripts import always, first_of, reply
from tests.support.ledgers import ledgers, recorded
from tests.support.tenant_server import Fault, Request

KILLS = int(os.environ.get("SEGMENTS_TEST_LEDGER_KILLS", "3"))
SLOW = Fault(delay=0.05)


def journaled(tenant: Tenant) -> set[int]:
    """The accounts that the journal of the run knows to be done."""
    [journal] = journals(tenant.segments)
    pieces = [line.split() for line in journal.read_text().split("\n")[1:-1]]
    return {n + 1 for start, stop, _ in pieces for n in range(int(start), int(stop))}


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_run_is_recorded_with_what_was_acknowledged(tenant: Tenant, seed: int) -> None:
    chance = random.Random(seed)
    file = write_ids(tenant.segments.home / "ids.txt", range(1, 20_001))
    tenant.play(lambda request: Fault(delay=chance.uniform(0, 0.02)) if is_chunk(request) else None)
    process = tenant.segments.start("accounts", "add", "VIP", "--file", file, "--chunk-size", "20")
    wait_for(lambda: journals(tenant.segments) and len(tenant.chunks) > 10)
    time.sleep(chance.uniform(0, 0.5))
    process.kill()
    process.communicate()
    [entry] = recorded(tenant.segments)
    assert entry.state == ("accounts", False, False)
    assert set(entry.joined) <= set(tenant.members)


def test_what_was_acknowledged_a_while_before_the_kill_is_in_the_ledger(tenant: Tenant) -> None:
    """Also if nothing is acknowledged any more: a timer saves it."""
    file = write_ids(tenant.segments.home / "ids.txt", range(1, 2_001))

    def stall(request: Request) -> Fault | None:
        return Fault(delay=30) if is_chunk(request) and request.body[0] > 1_000 else None

    tenant.play(stall)
    process = tenant.segments.start("accounts", "add", "VIP", "--file", file, "--chunk-size", "100")
    wait_for(lambda: journals(tenant.segments) and journaled(tenant) == set(range(1, 1_001)))
    wait_for(lambda: recorded(tenant.segments)[0].joined == list(range(1, 1_001)))
    process.kill()
    process.communicate()
    [entry] = recorded(tenant.segments)
    assert (entry.joined, entry.change.complete) == (list(range(1, 1_001)), False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_interrupted_run_is_recorded_exactly(tenant: Tenant, number: signal.Signals) -> None:
    file = write_ids(tenant.segments.home / "ids.txt", range(1, 2_001))
    tenant.play(lambda request: SLOW if is_chunk(request) else None)
    process = tenant.segments.start("accounts", "add", "VIP", "--file", file, "--chunk-size", "20")
    wait_for(lambda: len(tenant.chunks) >= 6)
    process.send_signal(number)
    process.communicate(timeout=20)
    [entry] = recorded(tenant.segments)
    assert entry.change.complete
    assert entry.joined == tenant.members
    assert 0 < len(entry.joined) < 2_000


def test_an_interrupted_removal_is_recorded_exactly(tenant: Tenant) -> None:
    tenant.segments.ok("accounts", "add", "STAFF", *map(str, range(1, 201)))
    tenant.play(lambda request: SLOW if request.method == "DELETE" else None)
    process = tenant.segments.start("accounts", "remove", "STAFF", *map(str, range(1, 201)))
    wait_for(lambda: sum(each.method == "DELETE" for each in tenant.server.requests) >= 6)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    entry = recorded(tenant.segments)[-1]
    assert entry.state == ("accounts", True, True)
    left = {int(each.path.rpartition("/")[2]) for each in tenant.server.requests if each.method == "DELETE"}
    assert set(entry.left) == left


def test_two_commands_at_once_are_two_runs(tenant: Tenant) -> None:
    for name, ids in (("one", range(1, 1_001)), ("two", range(501, 1_501))):
        write_ids(tenant.segments.home / f"{name}.txt", ids)
    tenant.play(lambda request: Fault(delay=0.01) if is_chunk(request) else None)
    processes = [
        tenant.segments.start(
            "accounts", "add", code, "--file", str(tenant.segments.home / f"{name}.txt"), "--chunk-size", "20"
        )
        for code, name in (("VIP", "one"), ("VIP", "two"), ("STAFF", "one"), ("STAFF", "two"))
    ]
    for process in processes:
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 0
        assert b"warning" not in stderr
    entries = recorded(tenant.segments)
    assert [entry.change.run for entry in entries] == [entry.change.id for entry in entries]
    assert all(entry.change.complete for entry in entries)
    sizes = sorted((entry.change.code, min(entry.joined), len(entry.joined)) for entry in entries)
    assert sizes == [("STAFF", 1, 1_000), ("STAFF", 501, 1_000), ("VIP", 1, 1_000), ("VIP", 501, 1_000)]


@pytest.mark.parametrize(
    ("line", "method", "kind"),
    [
        ("add NEW", "POST", "add"),
        ("update VIP --name x", "PUT", "update"),
        ("accounts add VIP 9", "POST", "accounts"),
        ("accounts remove VIP 2", "DELETE", "accounts"),
        ("delete VIP --yes", "DELETE", "delete"),
    ],
)
def test_a_request_without_a_response_leaves_an_incomplete_entry(
    tenant: Tenant, line: str, method: str, kind: str
) -> None:
    tenant.play(first_of(method, Fault(reset_before=True), 99))
    assert tenant.segments(*line.split(), "--timeout", "1").code == 6
    [entry] = recorded(tenant.segments)
    assert (entry.change.kind, entry.change.complete) == (kind, False)
    # what is lost if the request was executed after all
    assert entry.left == ([1, 2, 3] if kind == "delete" else [])


def test_a_request_that_was_not_sent_is_not_recorded(tenant: Tenant) -> None:
    tenant.play(lambda request: reply(429, Retry_After="3600") if request.method == "PUT" else None)
    assert tenant.segments("update", "VIP", "--name", "x", "--timeout", "1").code == 6
    assert recorded(tenant.segments) == []


def test_a_killed_command_leaves_its_entry(tenant: Tenant) -> None:
    tenant.play(lambda request: Fault(delay=30) if request.method == "DELETE" else None)
    process = tenant.segments.start("delete", "VIP", "--yes")
    wait_for(lambda: tenant.server.requests and tenant.server.requests[-1].method == "DELETE")
    process.kill()
    process.communicate()
    [entry] = recorded(tenant.segments)
    assert (entry.state, entry.left) == (("delete", True, False), [1, 2, 3])
    assert entry.change.before is not None
    assert entry.change.before.code == "VIP"


def test_the_entry_is_there_before_the_request(tenant: Tenant) -> None:
    known: list[int] = []

    def look(request: Request) -> Fault | None:
        if is_chunk(request):
            known.append(len(recorded(tenant.segments)))
        return None

    tenant.play(look)
    tenant.segments.ok("accounts", "add", "VIP", "9")
    assert known == [1]


def test_a_run_that_is_stopped_by_an_error_has_what_was_done(tenant: Tenant) -> None:
    file = write_ids(tenant.segments.home / "ids.txt", range(1, 1_001))
    forbidden = reply(403, b'{"errorCode": "FORBIDDEN"}')
    tenant.play(lambda request: forbidden if is_chunk(request) and request.body[0] > 500 else None)
    arguments = ("accounts", "add", "VIP", "--file", file, "--chunk-size", "100", "--concurrency", "1")
    assert tenant.segments(*arguments).code == 5
    [entry] = recorded(tenant.segments)
    assert (entry.joined, entry.change.complete) == (list(range(1, 501)), True)


def test_nothing_is_recorded_if_every_request_fails(tenant: Tenant) -> None:
    tenant.play(always(reply(403, b'{"errorCode": "FORBIDDEN"}')))
    assert tenant.segments("add", "NEW").code == 5
    assert recorded(tenant.segments) == []
    assert len(ledgers(tenant.segments)) <= 1
