"""Expressions of a manifest are evaluated over the memberships that it asks for."""

from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.errors import NotFoundError, UsageError
from segcli.expressions.sampling import parse_sample, sample
from segcli.manifest.compare import Pruning
from segcli.operations.desired import desired_of
from tests.support.manifests import accounts_of, quiet, read, resolved, store_with, written
from tests.support.serving import served
from tests.support.sets import fill_sets

HEAD = "version: 1\nsegments:\n"


def where(code: str, expression: str, more: str = "") -> str:
    return f"- code: {code}\n  {more}\n  accounts: {{where: '{expression}'}}\n"


def ids(code: str, *accounts: int) -> str:
    return f"- code: {code}\n  accounts: {{ids: {list(accounts)}}}\n"


def test_expressions_see_the_result_in_any_order(tmp_path: Path) -> None:
    text = HEAD + where("C", "B or A") + where("B", "A minus X") + ids("A", 1, 2, 3) + "- code: U\n"
    sets = {"A": {9}, "B": {8}, "X": {2}, "U": {5}}
    assert resolved(tmp_path, text, sets) == {"C": {1, 2, 3}, "B": {1, 3}, "A": {1, 2, 3}, "U": None}


def test_a_membership_that_is_not_managed_is_the_present_one(tmp_path: Path) -> None:
    text = HEAD + where("R", "NEW or U") + "- code: NEW\n- code: U\n"
    assert resolved(tmp_path, text, {"U": {5}})["R"] == {5}


def test_a_renamed_segment_has_the_accounts_of_its_old_code(tmp_path: Path) -> None:
    text = HEAD + where("R", "NEW") + "- code: NEW\n  was: OLD\n"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert resolved(tmp_path / "a", text, {"OLD": {5}})["R"] == {5}
    # It was renamed before: `was` says nothing any more.
    assert resolved(tmp_path / "b", text, {"NEW": {6}})["R"] == {6}


def test_a_chain_of_renames(tmp_path: Path) -> None:
    text = HEAD + where("R", "B minus C") + "- {code: C, was: B}\n- {code: B, was: A}\n"
    assert resolved(tmp_path, text, {"A": {1, 2}, "B": {2, 3}})["R"] == {1}


def test_patterns_match_the_codes_of_the_result(tmp_path: Path) -> None:
    text = HEAD + where("R", "S-*") + ids("S-1", 1) + "- {code: S-2, absent: true}\n- {code: T, was: S-4}\n"
    assert resolved(tmp_path, text, {"S-2": {2}, "S-3": {3}, "S-4": {4}})["R"] == {1, 3}


def test_all_contains_what_the_manifest_adds(tmp_path: Path) -> None:
    text = HEAD + where("R", "not X") + ids("A", 7)
    assert resolved(tmp_path, text, {"X": {1}, "Y": {2}})["R"] == {2, 7}


def test_files_in_expressions(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").write_text("2\n")
    text = HEAD + where("R", "A minus file:gone.txt") + ids("A", 1, 2)
    assert resolved(tmp_path, text, {})["R"] == {1}


def test_samples(tmp_path: Path) -> None:
    text = HEAD + "- code: R\n  accounts: {where: A, sample: 10%, seed: spring}\n" + ids("A", *range(1, 1001))
    expected = sample(AccountSet.between(1, 1000), parse_sample("10%"), "spring")
    assert resolved(tmp_path, text, {})["R"] == set(expected)


@pytest.mark.parametrize(
    ("segments", "cycle"),
    [
        (where("A", "A"), "A -> A"),
        (where("A", "B") + where("B", "A"), "A -> B -> A"),
        (
            where("X", "B") + where("C", "X or A") + where("B", "X2") + where("X2", "C") + ids("A"),
            "X -> B -> X2 -> C -> X",
        ),
        (where("S-ALL", "S-*") + ids("S-1", 1), "S-ALL -> S-ALL"),
    ],
)
def test_cycles(tmp_path: Path, segments: str, cycle: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolved(tmp_path, HEAD + segments, {})
    assert caught.value.message.endswith(f"the segments depend on each other: {cycle}")
    assert "accounts.where" in caught.value.message


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        (where("R", "NOPE"), "there is no segment with code NOPE"),
        (where("R", "GONE") + "- {code: GONE, absent: true}\n", "GONE is to be absent"),
        (where("R", "OLD") + "- {code: NEW, was: OLD}\n", "OLD is to be renamed to NEW"),
        (where("R", "N-*"), "no segment has a code that matches N-*"),
    ],
)
def test_unknown_segments(tmp_path: Path, segments: str, message: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        resolved(tmp_path, HEAD + segments, {"GONE": {1}, "OLD": {2}})
    assert caught.value.message.startswith(f"{tmp_path}/segments.yaml, line 5: segments[0].accounts.where: ")
    assert message in caught.value.message


def test_what_is_pruned_does_not_exist(tmp_path: Path) -> None:
    """Else a second run would fail, or give another result."""
    document = read(written(tmp_path, HEAD + where("R", "U-* or K")))
    with store_with(tmp_path / "store.db", {"U-1": {1}, "U-2": {2}, "K": {3}}) as backend:
        pruning = Pruning(True, lambda code: code in ("U-1", "K"))
        assert accounts_of(desired_of(document, backend, quiet(), pruning))["R"] == {1, 3}
        with pytest.raises(NotFoundError, match="K is to be deleted, as the source does not have it"):
            desired_of(document, backend, quiet(), Pruning(True, lambda code: code == "U-1"))


def test_a_keyword_that_is_a_code(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'not' is a keyword and the code of a segment"):
        resolved(tmp_path, HEAD + where("R", "not A") + ids("A", 1) + ids('"not"', 2), {})


def test_a_moment(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected the result, not a moment"):
        resolved(tmp_path, HEAD + where("R", "A@2026-01-01"), {"A": {1}})


def test_within_a_transaction_and_twice(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1\n2\n")
    text = HEAD + where("R", "A or U") + "- {code: A, accounts: {file: a.txt}}\n"
    document = read(written(tmp_path, text))
    (tmp_path / "a.txt").unlink()  # it was read
    with store_with(tmp_path / "store.db", {"U": {5}}) as backend:
        assert accounts_of(desired_of(document, backend, quiet()))["R"] == {1, 2, 5}
        with backend.transaction():
            backend.add_segment_accounts(1, AccountSet([6]))
            assert accounts_of(desired_of(document, backend, quiet()))["R"] == {1, 2, 5, 6}


def test_on_a_tenant(tmp_path: Path) -> None:
    document = read(written(tmp_path, HEAD + where("R", "not A or C") + ids("A", 1, 2)))
    store = tmp_path / "data" / "segments" / "segments.db"
    fill_sets(store, {"A": {1}, "B": {2, 3}, "C": {4}})
    with served(tmp_path) as server:
        backend = open_backend(server.access)
        assert accounts_of(desired_of(document, backend, quiet()))["R"] == {3, 4}
        backend.close()
