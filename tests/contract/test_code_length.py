"""New and changed codes have at most 255 characters; longer ones that exist remain usable."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from segcli.backends.base import MAX_CODE, Backend
from segcli.errors import UsageError
from segcli.model import SegmentDraft, SegmentRef
from segcli.query.tree import SegmentQuery
from tests.support.command import Segments
from tests.support.stores import open_store

LONGEST = "é" * MAX_CODE
OLD = "OLD" * 200


def test_the_longest_code_is_accepted_and_a_longer_one_is_not(backend: Backend) -> None:
    segment = backend.add_segment(SegmentDraft(LONGEST))
    assert backend.find_segment(SegmentRef(code=LONGEST)) == segment
    for draft in (SegmentDraft(LONGEST + "é"), SegmentDraft("x" * 1_000_000)):
        with pytest.raises(UsageError, match="expected at most 255"):
            backend.add_segment(draft)
        with pytest.raises(UsageError, match="expected at most 255"):
            backend.update_segment(segment.id, draft)
    assert backend.get_segments(SegmentQuery()).items == (segment,)


@pytest.fixture
def old(segments: Segments) -> Segments:
    """A command whose store has one segment, with a code of 600 characters."""
    segments.ok("add", "VIP")
    with closing(sqlite3.connect(segments.store)) as connection, connection:
        connection.execute("UPDATE segment_record SET code = ?1, code_folded = ?1", [OLD])
    return segments


def test_a_longer_code_that_exists_can_be_kept(old: Segments) -> None:
    with closing(open_store(str(old.store), timeout=10)) as backend:
        assert backend.update_segment(1, SegmentDraft(OLD, "name")).name == "name"
        with pytest.raises(UsageError):
            backend.update_segment(1, SegmentDraft(OLD + "x", "name"))
        with pytest.raises(UsageError):
            backend.add_segment(SegmentDraft(OLD))


def test_commands_work_on_a_longer_code_that_exists(old: Segments) -> None:
    assert old.ok("get", OLD, "-o", "json").json["code"] == OLD
    assert old.ok("update", OLD, "--name", "new", "-o", "json").json["name"] == "new"
    old.ok("accounts", "add", OLD, "7")
    assert old("add", "x" * 256).code == 2
    assert old("update", OLD, "--code", "x" * 256).code == 2
    old.ok("update", OLD, "--code", "SHORT")
    old.ok("delete", "SHORT", "--yes")


def test_a_new_code_that_is_too_long_creates_no_store(segments: Segments, tmp_path: Path) -> None:
    done = segments("add", "x" * 256)
    assert (done.code, done.stdout) == (2, "")
    assert "'xxxxxxxxxxxxxxxxxxxx...' has 256 characters: expected at most 255" in done.stderr
    assert not segments.store.exists()
