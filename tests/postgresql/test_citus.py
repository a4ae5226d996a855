"""A cluster of Citus: how the tables are distributed, and what goes on while a worker is down.

SEGMENTS_TEST_CITUS has the URL of a coordinator with two workers, SEGMENTS_TEST_CITUS_NODE a command that
takes `kill N` or `start N`.
"""

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import UnavailableError
from segcli.model import Segment, SegmentDraft
from tests.postgresql.conftest import Open
from tests.postgresql.writer import STRIDE, reports, start_writer
from tests.support.backends import add, codes, members
from tests.support.postgresql import CITUS, new_store, schema_of

NODE = os.environ.get("SEGMENTS_TEST_CITUS_NODE", "")
pytestmark = pytest.mark.skipif(not CITUS, reason="SEGMENTS_TEST_CITUS has no URL of a Citus cluster")


@pytest.fixture
def url() -> str:
    return new_store(CITUS)


def ask(sql: str) -> list[tuple[object, ...]]:
    """The rows of a query to the coordinator."""
    with closing(psycopg2.connect(CITUS)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(sql)
        return cursor.fetchall()


def test_everything_about_a_segment_is_on_one_node(url: str, backend: Backend) -> None:
    add(backend, "VIP")
    schema = schema_of(url)
    rows = ask(
        "SELECT relname::text, partmethod::text, colocationid,"
        " column_to_column_name(logicalrelid, partkey) FROM pg_dist_partition"
        " JOIN pg_class ON pg_class.oid = logicalrelid"
        f" WHERE relnamespace = '{schema}'::regnamespace ORDER BY relname"
    )
    kinds = {name: (method, column) for name, method, _, column in rows}
    by_segment = dict.fromkeys(
        ("change", "change_accounts", "membership", "membership_size"), ("h", "segment_id")
    )
    assert kinds == {"segment_record": ("n", None), **by_segment}
    assert len({colocation for name, _, colocation, _ in rows if name in by_segment}) == 1
    detail = backend.checks()[0].run()
    assert "Citus with 2 workers" in detail
    assert "distributed: change, change_accounts, membership, membership_size" in detail


def test_processes_write_to_one_segment_and_none_is_lost(url: str, backend: Backend) -> None:
    (vip,) = add(backend, "VIP")
    for reported in reports([start_writer(url, name, 15, vip.id) for name in range(4)]):
        assert reported == (list(range(15)), [])
    assert members(backend, vip) == [name * STRIDE + n + 1 for name in range(4) for n in range(15)]


@pytest.fixture
def two_nodes(url: str, backend: Backend) -> list[tuple[Segment, int]]:
    """A segment on each of the workers, and the worker's port."""
    segments = add(backend, *(f"S{n}" for n in range(24)))
    found: dict[int, Segment] = {}
    for segment in segments:
        ((port,),) = ask(
            "SELECT nodeport FROM pg_dist_shard_placement WHERE shardid ="
            f" get_shard_id_for_distribution_column('{schema_of(url)}.membership', {segment.id})"
        )
        assert isinstance(port, int)
        found.setdefault(port, segment)
    assert len(found) == 2
    return [(segment, port) for port, segment in sorted(found.items())]


@contextmanager
def first_worker_down() -> Iterator[None]:
    """Kills it, and starts it again at the end of the block."""
    subprocess.run([*shlex.split(NODE), "kill", "1"], check=True)
    try:
        yield
    finally:
        deadline = time.monotonic() + 60  # what is left of the old processes may still have its memory
        while subprocess.run([*shlex.split(NODE), "start", "1"], check=False).returncode:
            assert time.monotonic() < deadline
            time.sleep(0.5)


@pytest.mark.skipif(not NODE, reason="SEGMENTS_TEST_CITUS_NODE has no command")
def test_only_what_needs_a_lost_worker_stops(
    opened: Open, backend: Backend, two_nodes: list[tuple[Segment, int]]
) -> None:
    (lost, port), (kept, _) = two_nodes
    for segment in (lost, kept):
        backend.add_segment_accounts(segment.id, AccountSet([1]))
    needs_it: list[Callable[[], object]] = [
        lambda: backend.add_segment_accounts(lost.id, AccountSet([2])),
        lambda: members(backend, lost),
        lambda: backend.update_segment(kept.id, SegmentDraft("GOLD")),
        lambda: backend.add_segment(SegmentDraft("NEW")),
    ]
    with first_worker_down():
        assert backend.add_segment_accounts(kept.id, AccountSet([2, 3])) == 2
        assert members(opened(), kept) == [1, 2, 3]
        for use in needs_it:
            with pytest.raises(UnavailableError, match=f"a node of the store .*{port}"):
                use()
    again = opened()
    assert members(again, lost) == [1]
    assert members(again, kept) == [1, 2, 3]
    assert not {"NEW", "GOLD"} & set(codes(again))
    again.checks()[1].run()
    assert again.add_segment_accounts(lost.id, AccountSet([2])) == 1
