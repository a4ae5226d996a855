"""The state at a moment equals a copy that was made then; properties of random changes."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from segcli.account_set import AccountSet
from segcli.backends.base import Reader
from segcli.backends.history import ChangeQuery
from segcli.backends.store.backend import StoreBackend
from segcli.errors import AlreadyExistsError, NotFoundError
from segcli.model import SegmentDraft, SegmentRef
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.history.clock import (
    MILLISECOND,
    START,
    ClockedDatabase,
    ClockedServer,
    open_clocked,
    open_clocked_server,
)
from tests.history.walk import assert_alternates, walk_back
from tests.support.postgresql import NEEDS_CITUS, shared_store

CODES = ("A", "B", "C")
ACCOUNTS = range(1, 8)
SOME = st.sets(st.sampled_from([*ACCOUNTS, 70_000, 2**31 - 1]), min_size=1).map(AccountSet)
PLACES = st.integers(0, 9)


def copy_of(reader: Reader) -> dict[str, Any]:
    """Everything that can be read."""
    segments = list(reader.iter_segments(SegmentQuery()).items)
    ids = [segment.id for segment in segments]
    return {
        "segments": segments,
        "page": list(reader.get_segments(parse_query(filter="code ne 'B'", sort_by="name desc")).items),
        "by code": [_found(reader, code) for code in CODES],
        "members": {each: list(reader.get_segment_accounts(each)) for each in ids},
        "counts": dict(reader.count_segment_accounts(ids)),
        "of": [list(reader.get_account_segments(each, SegmentQuery()).items) for each in ACCOUNTS],
        "known": list(reader.get_memberships([], known=True).known or ()),
    }


def _found(reader: Reader, code: str) -> object:
    try:
        return reader.find_segment(SegmentRef(code=code))
    except NotFoundError:
        return None


class Changes(RuleBasedStateMachine):
    """Random transactions of a store; every one of them is later than the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.backend, self.database = self.opened()
        self.copies: dict[int, dict[str, Any]] = {}
        self.count = 0

    def opened(self) -> tuple[StoreBackend, ClockedDatabase | ClockedServer]:
        return open_clocked(f"{self.folder.name}/store.db")

    def teardown(self) -> None:
        for moment, copy in self.copies.items():
            assert copy_of(self.backend.at(moment)) == copy
            assert copy_of(self.backend.at(moment + MILLISECOND - 1)) == copy
        assert len(walk_back(self.backend)) == self.count
        assert_alternates(self.backend, ACCOUNTS)
        self.backend.close()
        self.folder.cleanup()

    @rule(
        steps=st.lists(
            st.one_of(
                st.tuples(st.just("add"), st.sampled_from(CODES)),
                st.tuples(st.just("name"), PLACES, st.sampled_from(("x", "Y", None))),
                st.tuples(st.just("code"), PLACES, st.sampled_from(CODES)),
                st.tuples(st.just("delete"), PLACES),
                st.tuples(st.just("join"), PLACES, SOME),
                st.tuples(st.just("leave"), PLACES, SOME),
            ),
            min_size=1,
            max_size=3,
        )
    )
    def change(self, steps: list[tuple[Any, ...]]) -> None:
        self.database.time += MILLISECOND
        before = self._state()
        with self.backend.transaction():
            for step in steps:
                self._carry_out(*step)
        after = self._state()
        ids = before.keys() | after.keys()
        self.count += sum(before.get(each) != after.get(each) for each in ids)
        if self.count:
            self.copies[self.database.time] = copy_of(self.backend)

    def _state(self) -> dict[int, object]:
        found = list(self.backend.iter_segments(SegmentQuery()).items)
        return {each.id: (each, self.backend.get_segment_accounts(each.id)) for each in found}

    def _carry_out(self, action: str, *values: Any) -> None:
        try:
            if action == "add":
                self.backend.add_segment(SegmentDraft(values[0]))
                return
            segments = list(self.backend.iter_segments(SegmentQuery()).items)
            if not segments:
                return
            place, *rest = values
            old = segments[place % len(segments)]
            if action == "name":
                self.backend.update_segment(old.id, SegmentDraft(old.code, rest[0], old.description))
            elif action == "code":
                self.backend.update_segment(old.id, SegmentDraft(rest[0], old.name, old.description))
            elif action == "delete":
                self.backend.delete_segment(old.id)
            elif action == "join":
                self.backend.add_segment_accounts(old.id, rest[0])
            else:
                self.backend.remove_segment_accounts(old.id, rest[0])
        except AlreadyExistsError:
            pass  # another segment has the code; the transaction goes on

    @invariant()
    def the_present_is_the_past_of_the_future(self) -> None:
        if self.count:
            assert copy_of(self.backend.at(self.database.time + 1)) == copy_of(self.backend)


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=15, stateful_step_count=10, deadline=None)


class ServerChanges(Changes):
    """The same on a PostgreSQL server."""

    kind = "postgresql"

    def opened(self) -> tuple[StoreBackend, ClockedDatabase | ClockedServer]:
        return open_clocked_server(shared_store(self.kind))


class ClusterChanges(ServerChanges):
    """The same on a Citus cluster."""

    kind = "citus"


TestServerChanges = ServerChanges.TestCase
TestServerChanges.settings = settings(max_examples=5, stateful_step_count=8, deadline=None)
TestClusterChanges = NEEDS_CITUS(ClusterChanges.TestCase)
TestClusterChanges.settings = settings(max_examples=3, stateful_step_count=6, deadline=None)


def test_a_clock_that_is_set_back_keeps_the_order_of_the_changes_of_a_segment(tmp_path: Path) -> None:
    backend, database = open_clocked(str(tmp_path / "store.db"))
    with closing(backend):
        segment = backend.add_segment(SegmentDraft("A"))
        for step, account in enumerate(range(1, 9)):
            database.time = START - step * 60_000_000
            backend.add_segment_accounts(segment.id, AccountSet([account]))
        changes = list(backend.history.changes(ChangeQuery()))
        assert [change.id for change in changes] == list(range(9, 0, -1))
        for count, change in enumerate(reversed(changes)):
            members = backend.at(change.at).get_segment_accounts(segment.id)
            assert list(members) == list(range(1, count + 1))
        walk_back(backend)


@pytest.mark.parametrize("freed", ["renamed", "deleted"])
def test_a_code_has_one_segment_at_every_moment_even_if_the_clock_is_set_back(
    tmp_path: Path, freed: str
) -> None:
    backend, database = open_clocked(str(tmp_path / "store.db"))
    with closing(backend):
        first = backend.add_segment(SegmentDraft("VIP"))
        second = backend.add_segment(SegmentDraft("NEW"))
        backend.add_segment_accounts(first.id, AccountSet([1]))
        database.time = START + 60_000_000
        if freed == "renamed":
            backend.update_segment(first.id, SegmentDraft("OLD"))
        else:
            backend.delete_segment(first.id)
        database.time = START
        backend.update_segment(second.id, SegmentDraft("VIP"))
        _, gave_up, *_ = backend.history.changes(ChangeQuery())
        for moment in (gave_up.at - 1, gave_up.at, gave_up.at + 10_000):
            codes = [each.code for each in backend.at(moment).iter_segments(SegmentQuery()).items]
            assert len(codes) == len(set(codes))
        vip = SegmentRef(code="VIP")
        assert backend.at(gave_up.at - 1).find_segment(vip).id == first.id
        assert backend.at(gave_up.at + 10_000).find_segment(vip).id == second.id
        with pytest.raises(NotFoundError, match="there was no segment with code VIP at"):
            backend.at(gave_up.at).find_segment(vip)


def test_the_changes_of_a_run_have_the_same_moment(tmp_path: Path) -> None:
    backend, database = open_clocked(str(tmp_path / "store.db"))
    with closing(backend):
        database.time = START + 9_000_000
        backend.add_segment(SegmentDraft("A"))
        database.time = START
        with backend.transaction():
            backend.update_segment(1, SegmentDraft("A", "one"))
            backend.add_segment(SegmentDraft("B"))
        changes = list(backend.history.changes(ChangeQuery()))
        assert [change.at for change in changes] == [START + 9_001_000] * 2 + [START + 9_000_000]
        assert changes[0].run == changes[1].run != changes[2].run
