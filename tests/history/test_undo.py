"""segments undo: what it reverts, when it refuses to, and what it leaves after an interruption."""

import random
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.history import ChangeQuery
from segcli.backends.origin import Origin
from segcli.backends.target import BackendTarget
from segcli.errors import AlreadyExistsError
from segcli.model import SegmentDraft
from segcli.operations.undo import undo
from segcli.query.tree import SegmentQuery
from segcli.terminal.streams import Terminal
from tests.support.command import Segments
from tests.support.postgresql import shared_store
from tests.support.rows import rows
from tests.support.shell import ended
from tests.support.stores import fill, fill_accounts, members_of, open_store
from tests.support.writes import operate


@pytest.fixture
def changed(segments: Segments) -> Segments:
    """A store in which the command made VIP (change 1), added 1 to 3 (2) and described it (3)."""
    segments.ok("add", "VIP", "--name", "Very important")
    segments.ok("accounts", "add", "VIP", "1", "2", "3")
    segments.ok("update", "VIP", "--description", "Spent a lot")
    return segments


def accounts(segments: Segments, code: str = "VIP") -> list[int]:
    return list(map(int, segments.ok("accounts", "list", code, "-o", "id").lines))


@contextmanager
def a_store(kind: str = "sqlite") -> Iterator[Backend]:
    with TemporaryDirectory() as folder:
        url = f"sqlite:{folder}/store.db" if kind == "sqlite" else shared_store(kind)
        with closing(open_backend(BackendTarget(url, 30))) as backend:
            yield backend


def state(backend: Backend) -> list[tuple[object, ...]]:
    """Every segment and its accounts, without dates."""
    found = list(backend.iter_segments(SegmentQuery()).items)
    return [(*segment[:4], list(backend.get_segment_accounts(segment.id))) for segment in found]


def revert(backend: Backend, *changes: str) -> None:
    undo(backend, Terminal({}), changes, origin=Origin(), yes=True)


def numbers(backend: Backend) -> list[str]:
    """All changes, the newest first."""
    ids = sorted((change.id for change in backend.history.changes(ChangeQuery())), reverse=True)
    return list(map(str, ids))


def test_without_a_change_the_last_run_is_undone_then_the_one_before(changed: Segments) -> None:
    changed.ok("undo", "--yes")
    assert changed.ok("get", "VIP", "-o", "json").json["description"] is None
    changed.ok("undo", "--yes")
    assert accounts(changed) == []
    changed.ok("undo", "--yes")
    assert changed("get", "VIP").code == 3
    done = changed("undo", "--yes")
    assert (done.code, "nothing to undo" in done.stderr) == (3, True)


def test_the_report_names_the_change_and_what_was_done(changed: Segments) -> None:
    done = changed.ok("undo", "2", "--yes", "-o", "json")
    assert done.json == {
        "items": [
            {
                "change": 2,
                "run": 2,
                "segmentId": 1,
                "id": 1,
                "code": "VIP",
                "action": "accounts",
                "joined": 0,
                "left": 3,
            }
        ]
    }
    assert changed.ok("get", "VIP", "-o", "json").json["description"] == "Spent a lot"


def test_a_deleted_segment_returns_with_its_id_dates_and_accounts(changed: Segments) -> None:
    before = changed.ok("get", "VIP", "-o", "json").json
    changed.ok("delete", "VIP", "--yes")
    changed.ok("undo", "--yes")
    assert changed.ok("get", "VIP", "-o", "json").json == before
    assert accounts(changed) == [1, 2, 3]
    assert changed.ok("list", "--counts", "-o", "json").json["items"][0]["accounts"] == 3


def test_an_undo_that_is_undone_leaves_the_run_in_effect(changed: Segments) -> None:
    changed.ok("undo", "--yes")  # of change 3, by change 4
    changed.ok("undo", "4", "--yes")
    assert changed.ok("get", "VIP", "-o", "json").json["description"] == "Spent a lot"
    done = changed.ok("undo", "--yes", "-o", "json")
    assert [item["change"] for item in done.json["items"]] == [3]


def test_runs_of_other_users_are_not_the_last_one(changed: Segments) -> None:
    changed.ok("accounts", "add", "VIP", "9", USER="other", LOGNAME="other")
    changed.ok("undo", "--yes")
    assert changed.ok("get", "VIP", "-o", "json").json["description"] is None
    assert accounts(changed) == [1, 2, 3, 9]


def test_later_changes_that_do_not_conflict_are_kept(changed: Segments) -> None:
    changed.ok("accounts", "add", "VIP", "4")
    changed.ok("undo", "2", "--yes")
    assert accounts(changed) == [4]


@pytest.mark.parametrize(
    ("later", "change", "named"),
    [
        (["accounts", "remove", "VIP", "2"], "2", "account 2 is no longer a member of VIP (id 1)"),
        (["update", "VIP", "--description", "x"], "3", "the description of VIP (id 1) was changed"),
        (["accounts", "add", "VIP", "9"], "1", "accounts 1, 2, 3, 9 are now members"),
        (["delete", "VIP", "--yes"], "3", "VIP (id 1) was deleted"),
    ],
)
def test_a_conflict_names_what_differs(changed: Segments, later: list[str], change: str, named: str) -> None:
    if change == "1":
        changed.ok("undo", "3", "--yes")
    changed.ok(*later)
    before = changed.store.read_bytes()
    done = changed("undo", change, "--yes")
    assert done.code == 4
    assert f"change {change} cannot be undone: " in done.stderr
    assert named in done.stderr
    assert changed.store.read_bytes() == before


def test_removed_accounts_that_are_members_again_are_a_conflict(changed: Segments) -> None:
    changed.ok("accounts", "remove", "VIP", "1", "2")
    changed.ok("accounts", "add", "VIP", "2")
    done = changed("undo", "4", "--yes")
    assert (done.code, "account 2 is again a member" in done.stderr) == (4, True)


def test_a_deleted_segment_whose_code_is_taken_is_a_conflict(changed: Segments) -> None:
    changed.ok("delete", "VIP", "--yes")
    changed.ok("add", "VIP")
    done = changed("undo", "4", "--yes")
    assert (done.code, "another segment has the code VIP" in done.stderr) == (4, True)


def test_several_changes_are_undone_all_or_none_newest_first(changed: Segments) -> None:
    done = changed.ok("undo", "1", "2", "3", "--yes", "-o", "json")
    assert [item["change"] for item in done.json["items"]] == [3, 2, 1]
    changed.ok("undo", "run:4", "--yes")
    assert accounts(changed) == [1, 2, 3]
    changed.ok("accounts", "remove", "VIP", "1")
    done = changed("undo", "3", "2", "--yes")
    assert done.code == 4
    assert changed.ok("get", "VIP", "-o", "json").json["description"] == "Spent a lot"


@pytest.mark.parametrize("change", ["99", "run:99", "999999999999999999"])
def test_an_unknown_change_is_not_found(changed: Segments, change: str) -> None:
    assert changed("undo", change, "--yes").code == 3


@pytest.mark.parametrize("change", ["x", "run:", "-1x", "1" * 30, "run:x"])
def test_what_is_no_number_is_a_usage_error(changed: Segments, change: str) -> None:
    assert changed("undo", "--yes", "--", change).code == 2


def test_a_store_that_does_not_exist_is_not_created(segments: Segments) -> None:
    assert segments("undo", "--yes").code == 3
    assert not segments.store.exists()


def test_without_a_terminal_it_needs_yes(changed: Segments) -> None:
    done = changed("undo")
    assert (done.code, "--yes" in done.stderr) == (2, True)
    assert changed.ok("get", "VIP", "-o", "json").json["description"] == "Spent a lot"


def test_a_dry_run_reports_the_same_and_changes_nothing(changed: Segments) -> None:
    before = changed.store.read_bytes()
    planned = changed.ok("undo", "run:2", "--dry-run", "-o", "json")
    assert changed.store.read_bytes() == before
    assert changed.ok("undo", "run:2", "--yes", "-o", "json").json == planned.json


def test_the_question_counts_accounts_and_names_segments(changed: Segments) -> None:
    changed.ok("accounts", "remove", "VIP", "1", "2")
    child = changed.terminal("undo", columns=120)
    child.expect_exact("2 accounts rejoin? [y/N] ")
    child.sendline("n")
    assert ended(child)[0] == 1
    changed.ok("delete", "VIP", "--yes")
    child = changed.terminal("undo", columns=120)
    child.expect_exact("restore VIP (id 1), 1 account rejoins? [y/N] ")
    child.sendline("y")
    code, text = ended(child)
    assert code == 0
    assert "restored VIP (id 1), 1 account rejoined." in text
    assert accounts(changed) == [3]


def test_what_changes_during_the_confirmation_is_a_conflict(changed: Segments) -> None:
    child = changed.terminal("undo", "2", columns=200)
    child.expect_exact("[y/N] ")
    changed.ok("accounts", "remove", "VIP", "3")
    child.sendline("y")
    code, text = ended(child)
    assert (code, "nothing was undone" in text) == (4, True)
    assert accounts(changed) == [1, 2]


def test_the_question_shows_the_start_of_a_long_command(changed: Segments) -> None:
    changed.ok("accounts", "add", "VIP", *map(str, range(1000, 1300)))
    child = changed.terminal("undo", columns=200)
    shown = "accounts add VIP 1000 1001 1002 1003 1004 1005 10…"
    child.expect_exact(f"Undo run 4 ({shown}): 300 accounts leave? [y/N] ")
    child.sendline("n")
    assert ended(child)[0] == 1


@pytest.mark.parametrize(
    ("other", "code", "error"),
    [
        (["prune-history", "--before", "2021-01-01"], 3, "there is no change 2"),
        (["forget", "3"], 4, "change 2 was altered by another process"),
    ],
)
def test_a_change_that_is_removed_during_the_confirmation_is_not_damage(
    changed: Segments, other: list[str], code: int, error: str
) -> None:
    rows(changed.store, "UPDATE change SET changed_at = 1577836800000000 + id * 1000")
    child = changed.terminal("undo", "2", columns=200)
    child.expect_exact("[y/N] ")
    changed.ok(*other, "--yes")
    before = accounts(changed)
    child.sendline("y")
    ending, text = ended(child)
    assert (ending, error in text, "nothing was" in text) == (code, True, True)
    assert accounts(changed) == before


def test_of_two_undos_at_the_same_time_one_wins(changed: Segments) -> None:
    for run in (4, 6, 8):
        both = [changed.start("undo", "2", "--yes") for _ in range(2)]
        for process in both:
            process.communicate(timeout=60)
        assert sorted(process.returncode for process in both) == [0, 4]
        assert accounts(changed) == []
        changed.ok("undo", f"run:{run}", "--yes")


def test_killed_it_has_undone_everything_or_nothing(segments: Segments) -> None:
    chance = random.Random(4)
    fill(segments, [SegmentDraft(f"S{n}") for n in range(1, 31)])
    for segment_id in range(1, 31):
        fill_accounts(segments, segment_id, range(1, 3000, 2))
    changes = [str(change) for change in range(31, 61)]
    ends = set()
    for _ in range(12):
        process = segments.start("undo", *changes, "--yes")
        time.sleep(chance.uniform(0.05, 0.5))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        found = {len(members_of(segments.store, segment_id)) for segment_id in range(1, 31)}
        assert len(found) == 1
        ends |= found
        assert segments.ok("doctor").code == 0
        if found == {0}:
            break
    assert ends <= {0, 1500}


def test_codes_that_moved_between_segments_move_back(segments: Segments) -> None:
    with closing(open_store(str(segments.store), timeout=10)) as backend:
        first = backend.add_segment(SegmentDraft("A"))
        second = backend.add_segment(SegmentDraft("B"))
        third = backend.add_segment(SegmentDraft("C"))
        before = state(backend)
        with backend.transaction():  # recorded in the order of the ids, which is not that of the writes
            backend.update_segment(third.id, SegmentDraft("D"))
            backend.update_segment(second.id, SegmentDraft("C"))
            backend.update_segment(first.id, SegmentDraft("B"))
        revert(backend)
        assert state(backend) == before


def test_a_change_of_an_undo_says_which_it_undoes_and_who_did_it(segments: Segments) -> None:
    with closing(open_store(str(segments.store), timeout=10)) as backend:
        segment = backend.add_segment(SegmentDraft("VIP"))
        backend.add_segment_accounts(segment.id, AccountSet([1, 2]))
        origin = Origin("jane", "segments undo 1 2", "a mistake")
        undo(backend, Terminal({}), ["1", "2"], origin=origin, yes=True)
        last = list(backend.history.run(3))
        assert [(each.undoes, each.kind, each.joined, each.left) for each in last] == [
            (1, "undo", 0, 0),
            (2, "undo", 0, 2),
        ]
        assert {(each.by, each.command, each.reason) for each in last} == {
            ("jane", "segments undo 1 2", "a mistake")
        }
        assert last[0].at > last[1].at
        backend.add_segment(SegmentDraft("NEXT"))
        assert backend.history.change(5).undoes is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_undoing_every_change_in_reverse_gives_the_empty_store(seed: int) -> None:
    undo_everything("sqlite", seed)


@pytest.mark.parametrize("kind", ["postgresql", "citus"])
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_the_same_on_a_shared_store(kind: str, seed: int) -> None:
    undo_everything(kind, seed)


def undo_everything(kind: str, seed: int) -> None:
    chance = random.Random(seed)
    with a_store(kind) as backend:
        states = []
        for _ in range(12):
            operate(backend, chance)
            states.append(state(backend))
        before = numbers(backend)
        if chance.random() < 0.5:
            revert(backend, *before)
        else:
            for change in before:
                revert(backend, change)
        assert state(backend) == []
        undos = [change for change in numbers(backend) if change not in before]
        revert(backend, *undos)
        assert state(backend) == states[-1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_an_undo_is_undone_by_another(seed: int) -> None:
    chance = random.Random(seed)
    with a_store() as backend:
        for _ in range(8):
            operate(backend, chance)
        before, last = state(backend), backend.history.change(int(numbers(backend)[0]))
        revert(backend, f"run:{last.run}")
        undone = backend.history.change(int(numbers(backend)[0]))
        assert undone.undoes is not None
        revert(backend, f"run:{undone.run}")
        assert state(backend) == before


def test_a_code_that_another_segment_got_is_a_conflict(segments: Segments) -> None:
    with closing(open_store(str(segments.store), timeout=10)) as backend:
        first = backend.add_segment(SegmentDraft("A"))
        backend.update_segment(first.id, SegmentDraft("B"))
        backend.add_segment(SegmentDraft("A"))
        with pytest.raises(AlreadyExistsError):
            revert(backend, "2")


def test_a_store_of_another_folder(tmp_path: Path) -> None:
    """Changes are looked up in the store of --backend."""
    other = Segments(tmp_path)
    store = f"sqlite:{tmp_path}/other.db"
    other.ok("add", "VIP", "--backend", store)
    other.ok("undo", "--yes", "--backend", store)
    assert other("get", "VIP", "--backend", store).code == 3
