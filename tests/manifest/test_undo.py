"""An apply on a store is one run of the history, which undo reverts as a whole."""

import os
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.backends.origin import Origin
from segcli.errors import ConflictError, UsageError
from segcli.manifest.compare import Pruning, plan_for
from segcli.manifest.desired import Desired, DesiredSegment
from segcli.manifest.execute import Execution
from segcli.operations.undo import undo
from segcli.terminal.streams import Terminal
from tests.support.command import Segments
from tests.support.manifests import written
from tests.support.states import Held, State, ids_of, state_of, store_at

Has = Callable[[State], None]
CODES = "ABCDE"
BEFORE = {
    "A": Held("First", None, (1, 2)),
    "B": Held(None, "b", (3,)),
    "GONE": Held("Old", "Older", (4, 5)),
    "LEFT": Held(None, None, (6,)),
}
# B was A and C was B: two renames in a chain, and a new A.
MANIFEST = """\
version: 1
segments:
  - {code: C, was: B, accounts: {where: A or B}}
  - {code: B, was: A, name: Second}
  - {code: A, accounts: {ids: [7, 8]}}
  - {code: GONE, absent: true}
"""


@pytest.mark.parametrize("saved", [False, True])
def test_one_run_that_undo_reverts(segments: Segments, has: Has, tmp_path: Path, saved: bool) -> None:
    has(BEFORE)
    source = str(written(tmp_path, MANIFEST))
    before = segments.ok("list", "--all", "--counts", "-o", "json").json
    exported = segments.ok("export", "--accounts").stdout
    runs = {each["run"] for each in segments.ok("history", "-o", "json").json["items"]}
    if saved:
        plan = str(tmp_path / "plan.json")
        segments.ok("apply", source, "--prune", "--dry-run", "--save-plan", plan)
        segments.ok("apply", plan, "--yes", "--max-remove", "100%", "--reason", "spring")
    else:
        segments.ok("apply", source, "--prune", "--yes", "--max-remove", "100%", "--reason", "spring")
    changes = segments.ok("history", "-o", "json").json["items"]
    new = [each for each in changes if each["run"] not in runs]
    assert len({each["run"] for each in new}) == 1
    assert sorted(each["kind"] for each in new) == ["add", "delete", "delete", "update", "update"]
    assert {each["reason"] for each in new} == {"spring"}
    segments.ok("apply", source, "--prune", "--yes")  # changes nothing, and is not recorded
    assert segments.ok("history", "-o", "json").json["items"] == changes
    segments.ok("undo", "--yes")
    assert segments.ok("export", "--accounts").stdout == exported
    after = segments.ok("list", "--all", "--counts", "-o", "json").json
    without_dates = [[{**each, "auditInfo": None} for each in found["items"]] for found in (before, after)]
    assert without_dates[0] == without_dates[1]  # with the same ids


TEXTS = st.none() | st.sampled_from(["x", "y"])
ACCOUNTS = st.sets(st.integers(1, 6)).map(lambda found: tuple(sorted(found)))
STATES = st.dictionaries(st.sampled_from(CODES), st.builds(Held, TEXTS, TEXTS, ACCOUNTS))
SEGMENTS = st.lists(
    st.builds(
        lambda code, name, was, accounts: DesiredSegment(
            code, name, was=was, accounts=None if accounts is None else AccountSet(accounts)
        ),
        st.sampled_from(CODES),
        TEXTS,
        st.none() | st.sampled_from(CODES),
        st.none() | ACCOUNTS,
    ),
    unique_by=lambda segment: segment.code,
)


@settings(max_examples=100, deadline=None)
@given(STATES, SEGMENTS, st.booleans())
def test_undo_restores_any_state(before: State, wanted: list[DesiredSegment], prune: bool) -> None:
    terminal = Terminal(os.environ)
    with TemporaryDirectory() as folder, closing(store_at(Path(folder) / "a.db", before)) as backend:
        ids = ids_of(backend)
        with suppress(UsageError, ConflictError):  # of renames
            plan = plan_for(backend, terminal, Desired(wanted), Pruning(prune))
            if plan.effective:
                with backend.transaction():
                    Execution(backend, terminal, plan).in_transaction()
                undo(backend, terminal, (), origin=Origin(), yes=True)
        assert state_of(backend) == before
        assert ids_of(backend) == ids
