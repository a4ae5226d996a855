"""Readers and writers at once: readers see one state, do not wait, and block nobody."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.sqlite.worker import SHARED, start_worker, wait_until_ready
from tests.support.command import Segments
from tests.support.stores import open_store

SEGMENTS = 2_000


@pytest.fixture
def large(segments: Segments) -> Segments:
    """A store whose list is much larger than a pipe's buffer."""
    with closing(open_store(str(segments.store), timeout=10)) as backend, backend.transaction():
        for number in range(SEGMENTS):
            backend.add_segment(SegmentDraft(f"S{number}", "old", "x" * 500))
    return segments


@pytest.mark.parametrize("format", ["jsonl", "csv", "json"])
def test_a_stalled_reader_blocks_no_writer_and_sees_none_of_its_writes(large: Segments, format: str) -> None:
    last = f"S{SEGMENTS - 1}"
    reader = large.start("list", "--all", "-o", format)
    assert reader.stdout is not None
    begun = os.read(reader.stdout.fileno(), 1)
    large.ok("update", last, "--name", "new", "--timeout", "1")
    large.ok("delete", f"S{SEGMENTS - 2}", "--yes", "--timeout", "1")
    large.ok("add", "NEW", "--timeout", "1")
    assert reader.poll() is None
    rest, stderr = reader.communicate(timeout=60)
    assert (reader.returncode, stderr) == (0, b"")
    text = (begun + rest).decode()
    assert text.count("old") == text.count("x" * 500) == SEGMENTS
    assert "NEW" not in text
    now = large.ok("list", "--all", "-o", "jsonl", "--fields", "code,name").lines
    assert [json.loads(line)["code"] for line in now[-2:]] == [last, "NEW"]
    assert json.loads(now[-2])["name"] == "new"


def test_the_total_of_a_list_matches_its_items_while_others_write(segments: Segments) -> None:
    worker = start_worker(segments.store, 1, 1_000_000)
    try:
        wait_until_ready(worker)
        sizes = set()
        for _ in range(6):
            document = segments.ok("list", "--all", "-o", "json").json
            codes = [item["code"] for item in document["items"]]
            assert document["totalCount"] == len(codes)
            groups = [code for code in codes if code != SHARED]
            assert groups == [f"1-{2 * number}" for number in range(len(groups))]
            sizes.add(len(codes))
        assert worker.poll() is None
        assert len(sizes) > 1
    finally:
        worker.kill()
        worker.communicate()


def test_a_page_and_its_total_are_from_one_state(tmp_path: Path) -> None:
    """Another process adds a segment just before the statement that reads the page."""
    store = str(tmp_path / "store.db")
    with closing(open_store(store, timeout=10)) as writer:
        writer.add_segment(SegmentDraft("VIP"))

        def write_meanwhile(statement: str) -> None:
            if "LIMIT" in statement and "OFFSET" in statement:
                writer.add_segment(SegmentDraft("NEW"))

        with closing(open_store(store, timeout=10, trace=write_meanwhile)) as reader:
            page = reader.get_segments(SegmentQuery())
        assert page.total_count == len(page.items)
        assert writer.get_segments(SegmentQuery()).total_count == 2
