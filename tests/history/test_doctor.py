"""doctor on the history: its extent, and that it walks back through everything that commands write."""

import random
import re
import tracemalloc
from contextlib import closing

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.stores import open_store
from tests.support.writes import operate


def history_of(segments: Segments) -> str:
    (item,) = [
        each for each in segments.ok("doctor", "-o", "json").json["items"] if each["check"] == "history"
    ]
    assert item["ok"] is True
    return str(item["detail"])


def verify(backend: Backend) -> str:
    return [check.run() for check in backend.checks()][-1]


def test_its_extent_is_shown(vip: Segments) -> None:
    assert re.fullmatch(r"4 changes since 20..-..-..T.*Z, \d\.\d kB", history_of(vip))


def test_a_store_without_data_has_no_changes(segments: Segments) -> None:
    assert history_of(segments) == "no changes yet"


def test_what_commands_write_is_valid(segments: Segments) -> None:
    chance = random.Random(7)
    with closing(open_store(str(segments.store), timeout=10)) as backend:
        for _ in range(60):
            operate(backend, chance)
        assert "changes since" in verify(backend)


def test_memory_does_not_grow_with_the_number_of_changes(segments: Segments) -> None:
    def peak(changes: int) -> int:
        with closing(open_store(str(segments.store), timeout=10)) as backend:
            with backend.transaction():
                segment = backend.add_segment(SegmentDraft(f"S{changes}", "x" * 1000))
            for number in range(changes):
                backend.add_segment_accounts(segment.id, AccountSet([number * 1000 + 1]))
            tracemalloc.start()
            verify(backend)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return found

    small = peak(30)
    assert peak(600) < small + 300_000
