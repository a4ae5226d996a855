"""While another process moves accounts, a command sees one state, and changes what it saw."""

from collections.abc import Iterator

import pytest

from tests.sets.mover import ACCOUNTS, moving
from tests.support.command import Segments
from tests.support.sets import fill_sets

TIMES = 6


@pytest.fixture
def moved(segments: Segments) -> Iterator[Segments]:
    segments.store.parent.mkdir(parents=True)
    fill_sets(segments.store, {"A": ACCOUNTS, "B": (), "C": ()})
    with moving(segments.store):
        yield segments


def test_all_expressions_are_counted_in_one_state(moved: Segments) -> None:
    line = ("accounts", "count", "A", "B", "A and B", "A or B", "?", "all", "-o", "json")
    for _ in range(TIMES):
        a, b, both, either, pattern, known = (item["accounts"] for item in moved.ok(*line).json["items"])
        assert (a + b, both, either, pattern, known) == (len(ACCOUNTS), 0, *[len(ACCOUNTS)] * 3)


@pytest.mark.parametrize("verb", ["set", "add"])
def test_reading_and_writing_are_one_transaction(moved: Segments, verb: str) -> None:
    yes = ("--yes",) if verb == "set" else ()
    for _ in range(TIMES):
        report = moved.ok("accounts", verb, "C", "--from", "A or B", *yes, "-o", "json").json
        assert report["unique"] == len(ACCOUNTS)
    assert len(moved.ok("accounts", "list", "C").lines) == len(ACCOUNTS)


def test_a_segment_set_to_itself_loses_no_change_of_others(moved: Segments) -> None:
    for _ in range(TIMES):
        moved.ok("accounts", "set", "A", "--from", "A or none", "--yes", "--allow-empty")
    (either,) = moved.ok("accounts", "count", "A xor B", "-o", "json").json["items"]
    assert either["accounts"] == len(ACCOUNTS)


def test_a_split_sees_one_state(moved: Segments) -> None:
    for _ in range(TIMES):
        line = ("accounts", "split", "A or B", "C=50%", "D=rest", "--create", "--yes", "-o", "json")
        items = moved.ok(*line).json["items"]
        assert sum(item["accounts"] for item in items) == len(ACCOUNTS)
