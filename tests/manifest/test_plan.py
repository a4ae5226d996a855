"""What a plan contains, and that applying it gives what the SOURCE asks for."""

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend, Memberships
from segcli.backends.target import BackendTarget
from segcli.errors import ConflictError, SegcliError, UsageError
from segcli.expressions.assertions import parse_assertion
from segcli.manifest.compare import NO_PRUNING, Pruning, plan_for
from segcli.manifest.desired import Desired, DesiredSegment
from segcli.manifest.execute import Execution
from segcli.manifest.plan import Plan
from segcli.manifest.steps import forecast
from segcli.terminal.streams import Terminal
from tests.support.postgresql import shared_store
from tests.support.states import Held, State, client_of, desired, ids_of, put, state_of, store_at
from tests.support.tenant_server import serving

ALL = Pruning(prune=True)
TERMINAL = Terminal(os.environ)
CODES = st.sampled_from(["A", "B", "C", "D", "e", "Ä", "with space", "7"])
TEXTS = st.none() | st.sampled_from(["x", "y", "Grüße", "a, b"])
ACCOUNTS = st.sets(st.integers(1, 12) | st.sampled_from([65_536, 2_147_483_647]))
STATES = st.dictionaries(
    CODES, st.builds(lambda n, d, a: Held(n, d, tuple(sorted(a))), TEXTS, TEXTS, ACCOUNTS), max_size=6
)


def plan(backend: Backend, wanted: Desired, pruning: Pruning = NO_PRUNING) -> Plan:
    return plan_for(backend, TERMINAL, wanted, pruning)


def apply(backend: Backend, wanted: Desired, pruning: Pruning = NO_PRUNING) -> dict[str, int]:
    """Applies the SOURCE, and returns what was counted; nothing may be rejected."""
    execution = Execution(backend, TERMINAL, plan(backend, wanted, pruning))
    if backend.atomic:
        with backend.transaction():
            done = execution.in_transaction()
    else:
        done = execution.in_requests()
    assert not done.rejected
    assert done.error is None
    return done.counts


def counted(before: State, after: State) -> dict[str, int]:
    """The counts that a plan from one state to another must have."""
    both = before.keys() & after.keys()
    changed = [code for code in both if before[code] != after[code]]
    pairs = [
        (set(before.get(code, Held()).accounts), set(after.get(code, Held()).accounts))
        for code in before.keys() | after.keys()
    ]
    return {
        "add": len(after.keys() - before.keys()),
        "update": len(changed),
        "delete": len(before.keys() - after.keys()),
        "none": len(both) - len(changed),
        "joined": sum(len(new - old) for old, new in pairs),
        "left": sum(len(old - new) for old, new in pairs),
    }


@settings(max_examples=150, deadline=None)
@given(STATES, STATES)
def test_applying_b_to_a_gives_b(a: State, b: State) -> None:
    with TemporaryDirectory() as folder, closing(store_at(Path(folder) / "a.db", a)) as backend:
        assert_gives(backend, a, b)


@pytest.mark.parametrize("kind", ["postgresql", "citus"])
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(a=STATES, b=STATES)
def test_applying_b_to_a_gives_b_on_a_shared_store(kind: str, a: State, b: State) -> None:
    with closing(open_backend(BackendTarget(shared_store(kind), 30))) as backend:
        put(backend, a)
        assert_gives(backend, a, b)


def assert_gives(backend: Backend, a: State, b: State) -> None:
    """Applying `b` to a backend with the state `a` changes what differs, and leaves nothing to change."""
    assert plan(backend, desired(b), ALL).summary() == counted(a, b)
    assert apply(backend, desired(b), ALL) == counted(a, b)
    assert state_of(backend) == b
    assert plan(backend, desired(b), ALL).effective == []


@settings(max_examples=12, deadline=None)
@given(STATES, STATES)
def test_applying_b_to_a_gives_b_on_a_tenant(a: State, b: State) -> None:
    with TemporaryDirectory() as folder:
        store = store_at(Path(folder) / "t.db", a)
        with serving(Path(folder) / "t.db") as server:
            backend = client_of(server)
            planned = plan(backend, desired(b), ALL)
            before = len(server.requests)
            done = Execution(backend, TERMINAL, planned).in_requests()
            assert (done.error, done.rejected) == (None, [])
            assert done.counts == planned.summary() == counted(a, b)
            assert len(server.requests) - before == forecast(planned).requests
            assert state_of(store) == b
            before = len(server.requests)
            assert apply(backend, desired(b), ALL)["none"] == len(b)
            assert all(request.method == "GET" for request in server.requests[before:])
            backend.close()
        store.close()


def test_without_prune_other_segments_stay(tmp_path: Path) -> None:
    backend = store_at(tmp_path / "a.db", {"A": Held("a"), "KEEP": Held("k", None, (1,))})
    apply(backend, desired({"A": Held("b")}))
    assert state_of(backend) == {"A": Held("b"), "KEEP": Held("k", None, (1,))}


def test_a_membership_that_is_not_managed_is_not_read(tmp_path: Path) -> None:
    store = store_at(tmp_path / "t.db", {"A": Held("a", None, (1, 2)), "B": Held()})
    with serving(tmp_path / "t.db") as server:
        backend = client_of(server)
        planned = plan(backend, Desired([DesiredSegment("A", "new"), DesiredSegment("B")]))
        (change,) = planned.effective
        assert (change.joined, change.left) == (None, None)
        assert change.to_json()["accounts"] is None
        assert not [request for request in server.requests if request.path.endswith("/accounts")]
        backend.close()
    store.close()


def test_memberships_are_read_with_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {f"S{n}": Held(accounts=(n + 1,)) for n in range(5)}
    backend = store_at(tmp_path / "a.db", state)
    calls: list[int] = []
    read = backend.get_memberships

    def counted(ids: Sequence[int], *rest: Any, **more: Any) -> Memberships:
        calls.append(len(ids))
        return read(ids, *rest, **more)

    monkeypatch.setattr(backend, "get_memberships", counted)
    plan(backend, desired(state))
    assert calls == [5]


def renaming(*pairs: tuple[str, str | None], absent: str | None = None) -> Desired:
    segments = [DesiredSegment(code, was=was) for code, was in pairs]
    return Desired([*segments, *([DesiredSegment(absent, absent=True)] if absent else [])])


@pytest.mark.parametrize(
    ("present", "wanted", "ids"),
    [
        (["A"], renaming(("B", "A")), {"B": 1}),
        (["B"], renaming(("B", "A")), {"B": 1}),
        ([], renaming(("B", "A")), {"B": 1}),
        (["A", "B"], renaming(("B", "A"), ("C", "B")), {"B": 1, "C": 2}),
        (["A", "B"], renaming(("C", "B"), ("B", "A")), {"B": 1, "C": 2}),
        (["B", "C"], renaming(("B", "A"), ("C", "B")), {"B": 1, "C": 2}),
        (["A", "B", "C"], renaming(("D", "C"), ("B", "A"), ("C", "B")), {"B": 1, "C": 2, "D": 3}),
        (["A"], renaming(("B", "A"), ("A", None)), {"B": 1, "A": 2}),
        (["A", "B"], renaming(("B", "A"), ("A", None)), {"A": 1, "B": 2}),
        (["A", "B"], renaming(("B", "A"), absent="A"), {"B": 2}),
        (["A"], renaming(("B", "A"), absent="A"), {"B": 1}),
    ],
)
def test_renames(tmp_path: Path, present: list[str], wanted: Desired, ids: dict[str, int]) -> None:
    """The ids show which segment got which code; a second run changes nothing."""
    for kind in ("store", "tenant"):
        store = store_at(tmp_path / f"{kind}.db", {code: Held() for code in present})
        with serving(tmp_path / f"{kind}.db") as server:
            backend = store if kind == "store" else client_of(server)
            apply(backend, wanted)
            assert ids_of(store) == ids
            assert plan(backend, wanted).effective == []
            backend.close()
        store.close()


def test_a_rename_keeps_the_accounts_and_is_one_change(tmp_path: Path) -> None:
    backend = store_at(tmp_path / "a.db", {"A": Held("a", None, (1, 2))})
    (change,) = plan(backend, Desired([DesiredSegment("B", "a", was="A")]), ALL).effective
    assert change.renamed_from == "A"
    assert change.fields == {"code": ("A", "B")}
    apply(backend, Desired([DesiredSegment("B", "a", was="A")]), ALL)
    assert state_of(backend) == {"B": Held("a", None, (1, 2))}


@pytest.mark.parametrize(
    ("present", "wanted", "error", "message"),
    [
        (["A", "B"], renaming(("A", "B"), ("B", "A")), UsageError, "cycle: "),
        (["A"], renaming(("A", "A")), UsageError, "cycle: A was A"),
        (["A"], renaming(("B", "A"), ("C", "A")), UsageError, "B and C cannot both be renamed from A"),
        (["A", "B"], renaming(("B", "A")), ConflictError, "A cannot be renamed to B: both codes exist"),
        ([], renaming(("B", None), ("B", None)), UsageError, "B appears twice"),
        ([], renaming((" ", None)), UsageError, "not a valid code"),
        ([], renaming(("x" * 256, None)), UsageError, "256 characters"),
    ],
)
def test_what_is_refused_before_anything_is_written(
    tmp_path: Path, present: list[str], wanted: Desired, error: type[SegcliError], message: str
) -> None:
    backend = store_at(tmp_path / "a.db", {code: Held() for code in present})
    with pytest.raises(error, match=message):
        plan(backend, wanted)


def test_an_old_long_code_may_stay(tmp_path: Path) -> None:
    backend = store_at(tmp_path / "a.db", {"A": Held()})
    assert plan(backend, Desired([DesiredSegment("A", name="x" * 5000)])).summary()["update"] == 1


@pytest.mark.parametrize("same", ["name", "accounts"])
def test_a_plan_warns_about_what_may_be_a_rename(tmp_path: Path, same: str) -> None:
    name = "Staff" if same == "name" else None
    backend = store_at(tmp_path / "a.db", {"OLD": Held(name, None, (1, 2))})
    accounts = (1, 2) if same == "accounts" else (3,)
    (warning,) = plan(backend, desired({"NEW": Held(name, None, accounts)}), ALL).warnings
    assert f"OLD is deleted and NEW, with the same {same}, is added" in warning
    assert "was: OLD" in warning


def test_checks_are_about_the_planned_state(tmp_path: Path) -> None:
    backend = store_at(
        tmp_path / "a.db",
        {"A": Held(None, None, (1, 2)), "OLD": Held(None, None, (7,)), "X": Held(None, None, (8,))},
    )
    texts = {
        "A == 3": True,
        "B == 1": True,
        "NEW == 1": True,
        "A and B == 0": False,
        "X == 1": True,
        "'N*' == 1": None,
        "N* == 1": True,
        "A <= 50% of (A or X)": False,
        "not X == 4": True,
        "id:1 == 3": True,
    }
    checks = [parse_assertion(text) for text, holds in texts.items() if holds is not None]
    segments = [
        DesiredSegment("A", accounts=AccountSet([1, 2, 3])),
        DesiredSegment("B", accounts=AccountSet([3])),
        DesiredSegment("NEW", was="OLD"),
    ]
    found = {each.assertion.text: each.holds for each in plan(backend, Desired(segments, checks)).checks}
    assert found == {text: holds for text, holds in texts.items() if holds is not None}


@pytest.mark.parametrize("text", ["NOPE == 0", "OLD == 0", "Z* == 0", "id:77 == 0", "id:1 == 0"])
def test_a_check_about_a_segment_that_will_not_exist_is_an_error(tmp_path: Path, text: str) -> None:
    backend = store_at(tmp_path / "a.db", {"OLD": Held(), "A": Held()})
    wanted = Desired([DesiredSegment("OLD", absent=True)], [parse_assertion(text)])
    with pytest.raises(SegcliError) as raised:
        plan(backend, wanted)
    assert raised.value.exit_code == 3
    name = text.partition(" ")[0].removeprefix("id:")
    assert raised.value.message.startswith(f"a check names {name}: ")


def test_the_digest_covers_fields_and_members_but_no_dates(tmp_path: Path) -> None:
    backend = store_at(tmp_path / "a.db", {"A": Held("a", "d", (1,))})

    def digest() -> str:
        (change,) = plan(backend, desired({"A": Held("x")})).changes
        assert change.base is not None
        return change.base.digest

    first = digest()
    apply(backend, desired({"A": Held("b", "d", (1,))}))
    assert digest() != first
    apply(backend, desired({"A": Held("a", "d", (1,))}))
    assert digest() == first
    apply(backend, desired({"A": Held("a", "d", (1, 2))}))
    assert digest() != first


def test_an_empty_text_is_no_text(tmp_path: Path) -> None:
    backend = store_at(tmp_path / "a.db")
    put(backend, {"A": Held("", "")})
    assert plan(backend, Desired([DesiredSegment("A")])).effective == []
