"""Several writers at the same time, and writers that are killed: the history is what happened."""

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.history import ChangeQuery
from segcli.backends.target import BackendTarget
from segcli.model import SegmentDraft
from tests.history.walk import assert_alternates, walk_back
from tests.support.postgresql import shared_store

WRITERS, WRITES = 8, 50
ACCOUNTS = range(1, 9)
WRITE = """
import random, sys
from segcli.account_set import AccountSet
from segcli.backends.history import ChangeQuery
from segcli.backends import open_backend
from segcli.backends.target import BackendTarget
url, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
backend, chance, effective = open_backend(BackendTarget(url, 60)), random.Random(seed), 0
for _ in range(count):
    segment_id, some = chance.choice((1, 2)), AccountSet(chance.sample(range(1, 9), 3))
    if chance.random() < 0.5:
        effective += bool(backend.add_segment_accounts(segment_id, some))
    else:
        effective += len(backend.remove_segment_accounts(segment_id, some)) < len(some)
print(effective)
"""


def a_writer(url: str, seed: int, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITE, url, str(seed), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


@pytest.fixture(params=["sqlite", "postgresql", "citus"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store with two segments."""
    url = f"sqlite:{tmp_path / 'store.db'}" if request.param == "sqlite" else shared_store(request.param)
    with opened(url) as backend:
        for code in ("A", "B"):
            backend.add_segment(SegmentDraft(code))
        backend.add_segment_accounts(1, AccountSet([1, 2]))
    return url


def opened(url: str) -> "closing[Backend]":
    return closing(open_backend(BackendTarget(url, 30)))


def test_there_are_as_many_changes_as_effective_writes(store: str) -> None:
    writers = [a_writer(store, seed, WRITES) for seed in range(WRITERS)]
    effective = sum(int(writer.communicate(timeout=120)[0]) for writer in writers)
    with opened(store) as backend:
        changes = walk_back(backend)
        assert len(changes) == 3 + effective
        assert_alternates(backend, ACCOUNTS)
        for segment_id in (1, 2):
            moments = [change.at for change in changes if change.segment_id == segment_id]
            assert moments == sorted(set(moments), reverse=True)


def test_a_killed_writer_leaves_no_change_without_its_effect_or_the_other_way_round(store: str) -> None:
    chance, seen = random.Random(14), 3
    for seed in range(6):
        writer = a_writer(store, seed, 100_000)
        with opened(store) as backend:
            while sum(1 for _ in backend.history.changes(ChangeQuery())) == seen:  # until it writes
                time.sleep(0.02)
        time.sleep(chance.random() * 0.1)
        writer.kill()
        writer.communicate(timeout=60)
        with opened(store) as backend:
            seen = len(walk_back(backend))
            assert_alternates(backend, ACCOUNTS)
