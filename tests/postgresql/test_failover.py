"""The primary is lost under writers: they go on with the standby, and nothing acknowledged is lost."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.history import ChangeQuery
from segcli.backends.target import BackendTarget
from segcli.model import SegmentRef
from tests.postgresql.writer import STRIDE, reports, start_writer
from tests.support.backends import add, members
from tests.support.replication import Pair, replicated

WRITERS = 4
WRITES = 60


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Servers that run as another user cannot reach the tests' own folders."""
    with TemporaryDirectory(prefix="segcli-pg-") as folder, replicated(Path(folder)) as pair:
        yield pair


def test_writers_continue_after_the_primary_is_lost(pair: Pair) -> None:
    with closing(open_backend(BackendTarget(pair.url, 30))) as backend:
        (vip,) = add(backend, "VIP")
        writers = [start_writer(pair.url, name, WRITES, vip.id) for name in range(WRITERS)]
        wait_until_written(backend, vip.id, WRITERS * 5)
        pair.fail_over()
        reported = reports(writers)
        expected = [name * STRIDE + n + 1 for name, each in enumerate(reported) for n in each.done]
        assert members(backend, vip) == expected
        found = list(backend.history.changes(ChangeQuery(segment=SegmentRef(id=vip.id))))
        assert sum(change.joined for change in found) == len(found) - 1 == len(expected)
        for each in reported:
            assert each.done[-1] == WRITES - 1
            assert all(code == 6 for _, code, _ in each.failed)
            assert len(each.failed) <= 2
        backend.checks()[1].run()


def wait_until_written(backend: Backend, segment_id: int, count: int) -> None:
    deadline = time.monotonic() + 30
    while backend.count_segment_accounts([segment_id])[segment_id] < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
