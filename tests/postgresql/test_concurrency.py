"""Several processes write to one database: none fails, nothing is lost, and a code has one owner."""

import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.history import ChangeQuery
from segcli.backends.target import BackendTarget
from segcli.errors import AlreadyExistsError, SegcliError, UnavailableError
from segcli.model import SegmentDraft, SegmentRef
from tests.postgresql.conftest import Open
from tests.postgresql.writer import STRIDE, reports, start_writer
from tests.support.backends import add, codes, members
from tests.support.command import Segments
from tests.support.postgresql import server

PROCESSES = 8
WRITES = 25


def at_once(url: str, uses: "list[Callable[[Backend], object]]") -> list[object]:
    """What each use of the store returns or raises, begun at the same time by a client of its own."""
    found: list[object] = [None] * len(uses)
    barrier = threading.Barrier(len(uses))

    def run(number: int) -> None:
        with closing(open_backend(BackendTarget(url, 20))) as backend:
            barrier.wait()
            try:
                found[number] = uses[number](backend)
            except SegcliError as error:
                found[number] = error

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(uses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def adding(code: str) -> Callable[[Backend], object]:
    return lambda backend: backend.add_segment(SegmentDraft(code)).code


def test_clients_that_create_the_same_store_at_once_all_succeed(url: str, backend: Backend) -> None:
    wanted = [f"S{number}" for number in range(PROCESSES)]
    assert at_once(url, [adding(code) for code in wanted]) == wanted
    assert sorted(codes(backend)) == wanted


def test_a_race_for_one_code_has_one_winner(url: str, backend: Backend) -> None:
    for turn in range(5):
        code = f"VIP{turn}"
        found = at_once(url, [adding(code)] * PROCESSES)
        assert found.count(code) == 1
        assert sum(isinstance(each, AlreadyExistsError) for each in found) == PROCESSES - 1
    assert len(codes(backend)) == 5


def test_eight_processes_write_to_one_segment_and_none_is_lost(url: str, backend: Backend) -> None:
    (vip,) = add(backend, "VIP")
    writers = [start_writer(url, name, WRITES, vip.id) for name in range(PROCESSES)]
    for reported in reports(writers):
        assert reported == (list(range(WRITES)), [])
    expected = [name * STRIDE + n + 1 for name in range(PROCESSES) for n in range(WRITES)]
    assert members(backend, vip) == expected
    assert backend.count_segment_accounts([vip.id]) == {vip.id: len(expected)}
    changes = backend.history.changes(ChangeQuery(segment=SegmentRef(id=vip.id)))
    assert sum(change.joined for change in changes) == len(expected)


def test_a_deadlock_ends_one_transaction_with_nothing_changed(url: str, backend: Backend) -> None:
    """Two transactions that lock two segments in opposite order."""
    one, two = add(backend, "ONE", "TWO")
    barrier = threading.Barrier(2)

    def both(first: int, second: int, account: int) -> Callable[[Backend], object]:
        def write(client: Backend) -> object:
            with client.transaction():
                client.add_segment_accounts(first, AccountSet([account]))
                barrier.wait()
                client.add_segment_accounts(second, AccountSet([account]))
            return account

        return write

    found = at_once(url, [both(one.id, two.id, 1), both(two.id, one.id, 2)])
    (error,) = (each for each in found if isinstance(each, UnavailableError))
    (account,) = (each for each in found if isinstance(each, int))
    assert "nothing was changed" in error.message
    assert members(backend, one) == members(backend, two) == [account]


def test_a_single_operation_that_loses_a_deadlock_is_run_again(url: str, opened: Open) -> None:
    """It holds a segment and waits for a code; the transaction has the code and waits for the segment.

    The transaction looks for a deadlock so late that it is the operation that finds it.
    """
    backend = opened(f"{url}%20-cdeadlock_timeout=30s")
    vip, staff = add(backend, "VIP", "STAFF")

    def take_the_code() -> list[object]:
        return at_once(url, [lambda client: client.update_segment(staff.id, SegmentDraft("GOLD"))])

    with backend.transaction():
        backend.update_segment(vip.id, SegmentDraft("GOLD"))
        found: list[object] = []
        other = threading.Thread(target=lambda: found.extend(take_the_code()))
        other.start()
        wait_for_waiters(1)
        backend.add_segment_accounts(staff.id, AccountSet([1]))
    other.join()
    assert [type(each) for each in found] == [AlreadyExistsError]
    assert codes(backend) == ["GOLD", "STAFF"]
    assert members(backend, staff) == [1]


def wait_for_waiters(count: int) -> None:
    """Until that many statements wait for a lock."""
    deadline = time.monotonic() + 20
    while int(server().sql("SELECT count(*) FROM pg_locks WHERE NOT granted")) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_transactions_that_lock_their_segments_first_do_not_meet_in_a_deadlock(
    url: str, backend: Backend
) -> None:
    segments = add(backend, "ONE", "TWO", "THREE")
    ids = [segment.id for segment in segments]

    def write(order: list[int], account: int) -> Callable[[Backend], object]:
        def use(client: Backend) -> object:
            with client.transaction():
                client.lock_segments(order)
                for segment_id in order:
                    client.add_segment_accounts(segment_id, AccountSet([account]))
            return account

        return use

    uses = [write(ids[::-1] if number % 2 else ids, number) for number in range(1, PROCESSES + 1)]
    assert at_once(url, uses) == list(range(1, PROCESSES + 1))
    for segment in segments:
        assert members(backend, segment) == list(range(1, PROCESSES + 1))


def test_accounts_that_change_while_a_transaction_reads_them_are_not_damage(
    url: str, backend: Backend
) -> None:
    """A transaction reads the count and the accounts in two statements, between which others may commit."""
    vip, staff = add(backend, "VIP", "STAFF")
    backend.add_segment_accounts(staff.id, AccountSet([1]))
    stop = threading.Event()

    def change(client: Backend) -> None:
        number = 1
        while not stop.is_set():
            number += 1
            client.add_segment_accounts(vip.id, AccountSet([number]))

    def read(client: Backend) -> int:
        found = 0
        try:
            for _ in range(60):
                with client.transaction():
                    client.lock_segments([staff.id])
                    found = len(client.get_memberships([vip.id], known=True).of[vip.id])
        finally:
            stop.set()
        return found

    assert at_once(url, [change, read])[1] != 0


def test_commands_that_update_different_fields_at_once_keep_both(segments: Segments, url: str) -> None:
    segments.env["SEGMENTS_BACKEND"] = url
    segments.ok("add", "VIP")
    for turn in range(3):
        fields = {"--name": f"name {turn}", "--description": f"text {turn}"}
        processes = [segments.start("update", "VIP", option, text) for option, text in fields.items()]
        for process in processes:
            process.communicate(timeout=60)
            assert process.returncode == 0
        found = segments.ok("get", "VIP", "-o", "json").json
        assert [found["name"], found["description"]] == list(fields.values())


@pytest.mark.parametrize("high", [1_000, 2_000_000_000])
def test_ids_are_not_used_again_after_a_restored_higher_one(backend: Backend, high: int) -> None:
    (staff,) = add(backend, "STAFF")
    backend.delete_segment(staff.id)
    restored = backend.restore_segment(staff._replace(id=high, code="OLD"))
    assert restored.id == high
    backend.restore_segment(staff)
    (next_one,) = add(backend, "NEXT")
    assert next_one.id > high
