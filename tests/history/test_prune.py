"""segments prune-history: what it removes, and that the rest of the history stays right."""

import random
from contextlib import closing

import pytest

from segcli.backends.base import Reader
from segcli.backends.history import ChangeQuery
from segcli.backends.origin import Origin
from segcli.errors import NotFoundError
from segcli.query.tree import SegmentQuery
from tests.support.command import Segments
from tests.support.rows import rows
from tests.support.shell import ended
from tests.support.stores import open_store
from tests.support.writes import operate

FUTURE = "2999-01-01"


@pytest.fixture
def aged(vip: Segments) -> Segments:
    """VIP and STAFF of 2020, and an account that joined VIP now, which is change 5."""
    rows(vip.store, "UPDATE change SET changed_at = 1577836800000000 + id * 1000")
    vip.ok("accounts", "add", "VIP", "7")
    return vip


def state(reader: Reader) -> list[object]:
    found = reader.iter_segments(SegmentQuery()).items
    return [(*segment, list(reader.get_segment_accounts(segment.id))) for segment in found]


def test_older_changes_are_replaced_by_baselines(aged: Segments) -> None:
    done = aged.ok("prune-history", "--before", "2021-01-01", "--yes", "--reason", "old", "-o", "json")
    assert rows(aged.store, "SELECT DISTINCT reason FROM change WHERE kind = 'baseline'") == [("old",)]
    assert done.json == {"before": "2021-01-01T00:00:00.000Z", "changes": 4, "baselines": 2}
    found = rows(aged.store, "SELECT kind, segment_id, joined, changed_by FROM change ORDER BY id")
    assert found == [
        ("accounts", 1, 1, "tester"),
        ("baseline", 1, 2, "tester"),
        ("baseline", 2, 1, "tester"),
    ]
    assert rows(aged.store, "SELECT change_id FROM change_accounts") == [(5,)]
    aged.ok("doctor")
    aged.ok("undo", "--yes")
    assert aged.ok("accounts", "list", "VIP").lines == ["1001", "1002"]


def test_a_second_run_finds_nothing_and_asks_nothing(aged: Segments) -> None:
    aged.ok("prune-history", "--before", "2021-01-01", "--yes")
    before = rows(aged.store, "SELECT * FROM change")
    done = aged.ok("prune-history", "--before", "2021-01-01", "--yes", "-o", "json")
    assert done.json["changes"] == 0
    assert rows(aged.store, "SELECT * FROM change") == before


def test_it_asks_with_counts(aged: Segments) -> None:
    child = aged.terminal("prune-history", "--before", "2021-01-01", columns=150)
    child.expect_exact(
        "Remove 4 changes before 2021-01-01T00:00:00.000Z for good, and write 2 baselines? [y/N] "
    )
    child.sendline("n")
    assert ended(child)[0] == 1
    assert aged("prune-history", "--before", "2021-01-01").code == 2
    dry = aged.ok("prune-history", "--before", "2021-01-01", "--dry-run", "-o", "json")
    assert (dry.json["changes"], dry.json["baselines"]) == (4, 2)
    assert rows(aged.store, "SELECT count(*) FROM change") == [(5,)]


def test_a_moment_is_required_and_is_not_in_the_future(aged: Segments) -> None:
    for arguments in ([], ["--before", FUTURE], ["--before", "soon"]):
        assert aged("prune-history", *arguments, "--yes").code == 2
    assert rows(aged.store, "SELECT count(*) FROM change") == [(5,)]


def test_a_profile_says_how_much_is_kept(aged: Segments) -> None:
    store = f"sqlite:{aged.store}"
    assert aged("profile", "add", "shop", "--backend", store, "--keep-history", "long").code == 2
    aged.ok("profile", "add", "shop", "--backend", store, "--keep-history", "365d", "--use")
    shown = {
        each["setting"]: each["value"] for each in aged.ok("profile", "show", "-o", "json").json["items"]
    }
    assert shown["keep_history"] == "365d"
    assert aged("prune-history", "--yes", "--backend", f"sqlite:{aged.home}/other.db").code == 2
    assert aged.ok("prune-history", "--yes", "-o", "json").json["changes"] == 4


@pytest.mark.parametrize("seed", range(4))
def test_the_state_at_later_moments_stays_the_same(segments: Segments, seed: int) -> None:
    chance = random.Random(seed)
    with closing(open_store(str(segments.store), timeout=10)) as backend:
        for _ in range(40):
            operate(backend, chance)
        moments = sorted({change.at for change in backend.history.changes(ChangeQuery())})
        start = moments[len(moments) // 2]
        expected = {moment: state(backend.at(moment)) for moment in moments if moment >= start}
        dry = backend.upkeep.prune(start, Origin(), dry_run=True)
        assert backend.upkeep.prune(start, Origin(), dry_run=False) == dry
        if not dry.baselines:  # no segment existed then: the history starts with the next change
            del expected[start]
        assert {moment: state(backend.at(moment)) for moment in expected} == expected
        with pytest.raises(NotFoundError):
            state(backend.at(start - 1))
        assert [check.run() for check in backend.checks()]
