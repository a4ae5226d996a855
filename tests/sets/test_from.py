"""accounts add, remove and set with --from EXPRESSION."""

import pytest

from tests.support.bulk import journals
from tests.support.command import Segments
from tests.support.sets import SETS
from tests.support.stores import members_of

A, B = set(SETS["A"]), set(SETS["B"])


def members(segments: Segments, code: str) -> set[int]:
    return {int(line) for line in segments.ok("accounts", "list", code).lines}


def test_adding_and_removing_an_expression(each: Segments) -> None:
    report = each.ok("accounts", "add", "C", "--from", "A and B", "-o", "json").json
    assert (report["requested"], report["unique"], report["added"]) == (len(A & B),) * 3
    assert members(each, "C") == A & B
    report = each.ok("accounts", "remove", "A", "--from", "C", "-o", "json").json
    assert (report["removed"], report["notMembers"], report["invalid"]) == (len(A & B), 0, 0)
    assert members(each, "A") == A - B


def test_a_segment_is_set_to_an_expression_of_itself(each: Segments) -> None:
    report = each.ok("accounts", "set", "A", "--from", "A minus B", "--yes", "-o", "json").json
    kept = len(A - B)
    assert [report[name] for name in ("requested", "added", "removed", "unchanged")] == [
        kept,
        0,
        len(A & B),
        kept,
    ]
    assert members(each, "A") == A - B
    report = each.ok("accounts", "set", "A", "--from", "A xor B", "--yes", "-o", "json").json
    assert members(each, "A") == (A - B) ^ B
    assert journals(each) == []


@pytest.mark.parametrize("verb", ["add", "remove", "set"])
def test_a_dry_run_counts_as_the_run_does_and_changes_nothing(each: Segments, verb: str) -> None:
    line = ("accounts", verb, "B", "--from", "A and not C", "-o", "json")
    yes = ("--yes",) if verb == "set" else ()
    dry = each.ok(*line, "--dry-run").json
    assert members(each, "B") == B
    done = each.ok(*line, *yes).json
    assert dry["dryRun"] is True
    names = dry.keys() - {"dryRun", "added", "alreadyMembers"}
    assert {name: dry[name] for name in names} == {name: done[name] for name in names}


def test_the_confirmation_names_the_expression_and_the_counts(store: Segments) -> None:
    child = store.terminal("accounts", "set", "A", "--from", "B", columns=200)
    child.expect_exact(
        f"Set A (id 1) to the accounts of 'B': add {len(B - A)}, remove {len(A - B)} of its {len(A)}? [y/N]"
    )
    child.sendline("y")
    child.read()
    child.close()
    assert (child.exitstatus, members(store, "A")) == (0, B)


@pytest.mark.parametrize("changed", ["A", "B"])
def test_a_change_during_the_confirmation_is_a_conflict(store: Segments, changed: str) -> None:
    child = store.terminal("accounts", "set", "A", "--from", "B", columns=200)
    child.expect_exact("[y/N]")
    store.ok("accounts", "add", changed, "99998")
    child.sendline("y")
    assert "changed during the confirmation; nothing was changed" in child.read()
    child.close()
    assert child.exitstatus == 4
    assert members(store, "A") == (A | {99998} if changed == "A" else A)


def test_a_file_on_stdin_is_read_once(store: Segments) -> None:
    done = store("accounts", "set", "A", "--from", "file:- or C", "--yes", stdin="5\n6\n")
    assert (done.code, members(store, "A")) == (0, {5, 6})


@pytest.mark.parametrize("limit", ["3", "1%"])
def test_max_remove(each: Segments, limit: str) -> None:
    done = each("accounts", "set", "A", "--from", "A minus B", "--yes", "--max-remove", limit)
    assert done.code == 2
    assert f"{len(A & B)} of the {len(A)} accounts of A would be removed" in done.stderr
    assert "check the expression, or raise --max-remove" in done.stderr
    assert members(each, "A") == A


@pytest.mark.parametrize("verb", ["add", "remove", "set"])
def test_no_accounts_require_allow_empty(each: Segments, verb: str) -> None:
    line = ("accounts", verb, "A", "--from", "B and C", *(("--yes",) if verb == "set" else ()))
    done = each(*line)
    assert (done.code, "--allow-empty" in done.stderr) == (2, True)
    assert "'B and C' contains no account ids" in done.stderr
    each.ok(*line, "--allow-empty")
    assert members(each, "A") == (set() if verb == "set" else A)


@pytest.mark.parametrize(
    "options",
    [
        ("5",), ("-",), ("--file", "x.txt"), ("--column", "id"), ("--skip-invalid",), ("--resume",),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("verb", ["add", "remove"])
def test_what_cannot_be_combined(store: Segments, verb: str, options: tuple[str, ...]) -> None:
    done = store("accounts", verb, "A", *options, "--from", "B")
    assert (done.code, done.stdout) == (2, "")
    if options == ("--resume",):
        assert "run the command again" in done.stderr
    assert members(store, "A") == A


@pytest.mark.parametrize("options", [("--file", "x.txt"), ("--column", "id"), ("--skip-invalid",)], ids=str)
def test_what_set_cannot_combine(store: Segments, options: tuple[str, ...]) -> None:
    assert store("accounts", "set", "A", "--yes", *options, "--from", "B").code == 2
    assert members(store, "A") == A


@pytest.mark.parametrize(("expression", "code"), [("B and", 2), ("NOPE", 3), ("file:nope.txt", 2)])
@pytest.mark.parametrize("verb", ["add", "remove", "set"])
def test_a_wrong_expression_changes_nothing(each: Segments, verb: str, expression: str, code: int) -> None:
    done = each("accounts", verb, "A", "--from", expression, *(("--yes",) if verb == "set" else ()))
    assert done.code == code
    assert members(each, "A") == A


def test_an_unknown_segment_is_not_found(each: Segments) -> None:
    for verb in ("add", "remove", "set"):
        done = each("accounts", verb, "NOPE", "--from", "A", *(("--yes",) if verb == "set" else ()))
        assert done.code == 3


def test_in_transactions_of_a_given_size(store: Segments) -> None:
    report = store.ok("accounts", "add", "C", "--from", "A", "--chunk-size", "10", "-o", "json").json
    assert (report["added"], report["chunks"]) == (len(A), -(-len(A) // 10))
    assert set(members_of(store.store, 3)) == A
