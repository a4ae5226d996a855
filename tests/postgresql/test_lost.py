"""A connection that is lost: nothing is done twice, and nothing that was done is reported as failed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.backends.history import ChangeQuery
from segcli.backends.origin import Origin
from segcli.backends.postgresql.database import PostgresqlDatabase
from segcli.backends.postgresql.server import Server
from segcli.backends.target import BackendTarget
from segcli.errors import StoreError, UnavailableError
from segcli.model import Segment, SegmentDraft
from segcli.operations.apply import ApplyOptions
from segcli.operations.apply_source import SourceOptions
from segcli.operations.move import move
from segcli.query.tree import SegmentQuery
from segcli.terminal.streams import Terminal
from tests.postgresql.conftest import Open
from tests.postgresql.proxy import Proxy, in_front_of
from tests.postgresql.writer import STRIDE, reports, start_writer
from tests.support.backends import add, codes, members
from tests.support.postgresql import new_role, server

Write = Callable[[Backend, Segment], object]

WRITES: dict[str, Write] = {
    "add": lambda backend, vip: backend.add_segment(SegmentDraft("NEW")),
    "update": lambda backend, vip: backend.update_segment(vip.id, SegmentDraft("GOLD")),
    "delete": lambda backend, vip: backend.delete_segment(vip.id),
    "add accounts": lambda backend, vip: backend.add_segment_accounts(vip.id, AccountSet([3])),
    "remove accounts": lambda backend, vip: backend.remove_segment_accounts(vip.id, AccountSet([1])),
}


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with in_front_of(server().port) as proxy:
        yield proxy


@pytest.fixture
def vip(backend: Backend) -> Segment:
    (segment,) = add(backend, "VIP")
    backend.add_segment_accounts(segment.id, AccountSet([1, 2]))
    return segment


@pytest.fixture
def distant(opened: Open, url: str, proxy: Proxy) -> Backend:
    """The store through the proxy."""
    return opened(url.replace(f":{server().port}", f":{proxy.port}"))


def changes(backend: Backend) -> int:
    return sum(1 for _ in backend.history.changes(ChangeQuery()))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_commit_whose_answer_is_lost_is_a_success(
    backend: Backend, vip: Segment, distant: Backend, proxy: Proxy, write: Write
) -> None:
    before = changes(backend)
    proxy.cut, proxy.arrives = b"COMMIT\0", True
    write(distant, vip)
    assert proxy.cuts == 1
    assert changes(backend) == before + 1


def test_a_commit_that_leaves_no_trace_is_not_said_to_have_changed_nothing(
    backend: Backend, vip: Segment, url: str, proxy: Proxy
) -> None:
    """What is removed from the history for good is not itself in the history."""
    target = BackendTarget(url.replace(f":{server().port}", f":{proxy.port}"), 10)
    database = PostgresqlDatabase(Server(target))

    def remove() -> None:
        with database.write() as connection:
            connection.execute("DELETE FROM change_accounts")
            connection.execute("DELETE FROM change")

    proxy.cut, proxy.arrives = b"COMMIT\0", True
    with closing(database), pytest.raises(UnavailableError, match="it may be saved or not") as raised:
        remove()
    assert "nothing was changed" not in raised.value.message
    assert proxy.cuts == 1
    deadline = time.monotonic() + 20
    while changes(backend):  # the server is still committing
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_error_of_a_request_whose_savepoint_was_not_set(url: str, backend: Backend, vip: Segment) -> None:
    """The server refuses the whole request, with the savepoint: that is the error, not the lack of it."""
    database = PostgresqlDatabase(Server(BackendTarget(url, 10)))

    def write() -> None:
        with database.write() as connection:
            connection.execute("INSERT nothing")

    with closing(database):
        with pytest.raises(StoreError, match="syntax error"):
            write()
        with database.write() as connection:  # the connection is of use again
            connection.execute("DELETE FROM change_accounts")
    assert members(backend, vip) == [1, 2]


@pytest.mark.parametrize("statement", [b"COMMIT\0", b"INSERT INTO change", b"SAVEPOINT"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_commit_that_does_not_arrive_has_changed_nothing(
    backend: Backend, vip: Segment, distant: Backend, proxy: Proxy, write: Write, statement: bytes
) -> None:
    before = changes(backend)
    proxy.cut, proxy.arrives = statement, False
    with pytest.raises(UnavailableError, match="nothing was changed") as caught:
        write(distant, vip)
    assert caught.value.message.count("nothing was changed") == 1
    assert (proxy.cuts, changes(backend)) == (1, before)
    assert (codes(backend), members(backend, vip)) == (["VIP"], [1, 2])
    write(distant, vip)  # the backend connects again
    assert changes(backend) == before + 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_end_of_a_transaction_that_is_still_being_committed_is_waited_for(
    opened: Open, backend: Backend, vip: Segment, url: str, proxy: Proxy, write: Write
) -> None:
    """A deferred trigger makes the commit slow: the client asks long before it has ended."""
    role = new_role("LOGIN SUPERUSER")
    schema = url.rpartition("=")[2]
    server().sql(
        f"CREATE FUNCTION {schema}.slow() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END';"
        f" CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON {schema}.change DEFERRABLE INITIALLY DEFERRED"
        f" FOR EACH ROW EXECUTE FUNCTION {schema}.slow()"
    )
    distant = opened(url.replace(f"postgres@127.0.0.1:{server().port}", f"{role}@127.0.0.1:{proxy.port}"))
    before = changes(backend)
    proxy.cut, proxy.arrives = b"COMMIT\0", True
    write(distant, vip)
    assert changes(backend) == before + 1


def test_what_records_no_change_may_be_saved_or_not(
    backend: Backend, vip: Segment, distant: Backend, proxy: Proxy
) -> None:
    """Pruning leaves nothing that could be looked up."""
    moment = max(change.at for change in backend.history.changes(ChangeQuery()))
    for arrives in (False, True):
        proxy.cut, proxy.arrives = b"COMMIT\0", arrives
        with pytest.raises(UnavailableError, match="may be saved or not") as caught:
            distant.upkeep.prune(moment, Origin(), dry_run=False)
        assert "nothing was changed" not in caught.value.message
    assert members(backend, vip) == [1, 2]


@pytest.mark.parametrize("arrives", [False, True])
def test_a_store_that_is_moved_may_be_saved_or_not(
    opened: Open, backend: Backend, distant: Backend, proxy: Proxy, tmp_path: Path, arrives: bool
) -> None:
    """What is copied is not a change of this run, which could be looked up."""
    source = f"sqlite:{tmp_path / 'old.db'}"
    add(opened(source), "OLD")
    with backend.transaction():
        pass  # creates the tables
    proxy.cut, proxy.arrives = b"COMMIT\0", arrives
    with pytest.raises(UnavailableError, match="may be saved or not") as caught:
        move(distant, Terminal({}), source, opened, SourceOptions(accounts=True), ApplyOptions(yes=True))
    assert proxy.cuts == 1
    assert "nothing was changed" not in caught.value.message
    assert codes(backend) in ([["OLD"], []] if arrives else [[]])  # the server may still be committing


def test_a_server_that_stays_away_leaves_the_outcome_unknown(
    opened: Open, url: str, backend: Backend, vip: Segment
) -> None:
    with in_front_of(server().port) as proxy:
        distant = opened(url.replace(f":{server().port}", f":{proxy.port}"), timeout=1)
        distant.get_segment(vip.id)
        proxy.stop_at(b"COMMIT\0")
        with pytest.raises(UnavailableError, match="may be saved or not"):
            distant.update_segment(vip.id, SegmentDraft("GOLD"))


def test_reads_go_on_after_a_lost_connection(backend: Backend, vip: Segment) -> None:
    reads: list[Callable[[], bool]] = [
        lambda: backend.get_segment(vip.id) == vip,
        lambda: members(backend, vip) == [1, 2],
        lambda: next(backend.iter_segments(SegmentQuery()).items) == vip,
        lambda: backend.update_segment(vip.id, SegmentDraft("VIP")).code == "VIP",
    ]
    for read in reads:
        terminate_all()
        assert read()


def terminate_all() -> None:
    server().sql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'segcli'"
    )


def test_a_stream_whose_connection_is_lost_fails(backend: Backend) -> None:
    with backend.transaction():
        for number in range(1_050):
            backend.add_segment(SegmentDraft(f"S{number}"))
    _, items = backend.iter_segments(SegmentQuery())
    next(items)
    terminate_all()
    with pytest.raises(UnavailableError):
        list(items)


def test_connections_that_are_ended_again_and_again(url: str, backend: Backend, vip: Segment) -> None:
    """Each write ends as done or as unavailable, and the state is what was reported."""
    stop = threading.Event()

    def terminate() -> None:
        while not stop.wait(0.15):
            terminate_all()

    terminator = threading.Thread(target=terminate)
    terminator.start()
    try:
        into_vip = [start_writer(url, name, 40, vip.id) for name in (1, 2, 3)]
        adding = [start_writer(url, name, 40) for name in (4, 5)]
        joined, added = reports(into_vip), reports(adding)
    finally:
        stop.set()
        terminator.join()
    assert all(code == 6 for reported in (*joined, *added) for _, code, _ in reported.failed)
    time.sleep(0.1)
    expected = [
        name * STRIDE + n + 1 for name, each in zip((1, 2, 3), joined, strict=True) for n in each.done
    ]
    assert members(backend, vip) == [1, 2, *expected]
    expected_codes = {f"{name}-{n}" for name, each in zip((4, 5), added, strict=True) for n in each.done}
    assert set(codes(backend)) == {"VIP", *expected_codes}
    assert changes(backend) == 2 + len(expected) + len(expected_codes)
    backend.checks()[1].run()
