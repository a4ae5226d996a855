"""`diff` and `apply` on a store, from another backend."""

from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from jsonschema_rs import validator_for

from segcli.account_set import AccountSet
from segcli.model import SegmentRef
from segcli.schemas import schema_of
from tests.manifest.conftest import Source
from tests.support.command import Segments
from tests.support.states import Held, State, many, state_of, store_at

Has = Callable[[State], None]
BEFORE = {"VIP": Held("Very", None, (1, 2, 3)), "OLD": Held(None, None, (9,))}
AFTER = {"VIP": Held("New", None, (2, 3, 4)), "STAFF": Held("Staff", None, (5,))}
EVERYTHING = ("--prune", "--accounts")


def state(segments: Segments) -> dict[str, Held]:
    backend = store_at(segments.store)
    try:
        return state_of(backend)
    finally:
        backend.close()


def test_diff_shows_the_plan_and_changes_nothing(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    done = segments.ok("diff", source(AFTER), *EVERYTHING, "-o", "json").json
    assert done["items"] == [
        {
            "code": "STAFF",
            "action": "add",
            "renamedFrom": None,
            "fields": {"code": [None, "STAFF"], "name": [None, "Staff"]},
            "accounts": {"joined": 1, "left": 0},
        },
        {
            "code": "VIP",
            "action": "update",
            "renamedFrom": None,
            "fields": {"name": ["Very", "New"]},
            "accounts": {"joined": 1, "left": 1},
        },
        {
            "code": "OLD",
            "action": "delete",
            "renamedFrom": None,
            "fields": {"code": ["OLD", None]},
            "accounts": {"joined": 0, "left": 1},
        },
    ]
    assert done["summary"] == {"add": 1, "update": 1, "delete": 1, "none": 0, "joined": 2, "left": 2}
    assert done["requests"] == 0
    assert state(segments) == BEFORE


def test_diff_without_prune_and_accounts_is_about_definitions(
    segments: Segments, has: Has, source: Source
) -> None:
    has(BEFORE)
    items = segments.ok("diff", source(AFTER), "-o", "json").json["items"]
    assert [(item["code"], item["action"], item["accounts"]) for item in items] == [
        ("STAFF", "add", None),
        ("VIP", "update", None),
    ]


def test_exit_code_10_says_that_there_are_differences(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    assert segments("diff", source(AFTER), "--exit-code").code == 10
    assert segments("diff", source(BEFORE), *EVERYTHING, "--exit-code").code == 0
    assert segments("diff", source(AFTER)).code == 0


def test_apply_makes_the_store_match(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    url = source(AFTER)
    options = (*EVERYTHING, "--yes", "-o", "json")
    done = segments.ok("apply", url, *options).json
    assert done["summary"] == {"add": 1, "update": 1, "delete": 1, "none": 0, "joined": 2, "left": 2}
    assert state(segments) == AFTER
    assert segments.ok("apply", url, *options).json["summary"]["none"] == 2
    assert segments("diff", url, *EVERYTHING, "--exit-code").code == 0


def test_apply_creates_the_store(segments: Segments, source: Source) -> None:
    segments.ok("apply", source(AFTER), "--accounts", "--yes")
    assert state(segments) == AFTER


@pytest.mark.parametrize(
    "arguments", [("--dry-run",), ("--yes",), ("--max-delete", "5", "--yes"), ("--dry-run", "--prune")]
)
def test_a_run_that_changes_nothing_creates_no_store(
    segments: Segments, source: Source, arguments: tuple[str, ...]
) -> None:
    url = source(AFTER if "--dry-run" in arguments else {})
    segments.ok("apply", url, *arguments)
    assert not segments.store.exists()


def test_without_a_terminal_yes_is_required(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    done = segments("apply", source(AFTER))
    assert done.code == 2
    assert "pass --yes" in done.stderr
    assert state(segments) == BEFORE


def test_a_dry_run_needs_no_confirmation(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    done = segments.ok("apply", source(AFTER), *EVERYTHING, "--dry-run")
    assert "dry run: nothing was changed" in done.stderr
    assert state(segments) == BEFORE


def test_the_terminal_shows_the_plan_and_asks(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    child = segments.terminal("apply", source(AFTER), *EVERYTHING, NO_COLOR="1", columns=120)
    child.expect_exact(
        "+ STAFF: name 'Staff'; accounts +1\r\n"
        "~ VIP: name 'Very' → 'New'; accounts +1 \N{MINUS SIGN}1\r\n"
        "- OLD: accounts \N{MINUS SIGN}1\r\n"
        "Plan: add 1 segment, change 1 and delete 1; accounts +2 \N{MINUS SIGN}2; 0 unchanged.\r\n"
        "Add 1, change 1 and delete OLD (1 account)? [y/N] "
    )
    child.sendline("y")
    child.expect_exact("Added 1 segment, changed 1 and deleted 1; accounts +2 \N{MINUS SIGN}2; 0 unchanged.")
    child.expect(pexpect.EOF)
    assert state(segments) == AFTER


def test_a_no_changes_nothing(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    child = segments.terminal("apply", source(AFTER), *EVERYTHING)
    child.expect_exact("[y/N]")
    child.sendline("n")
    child.expect_exact("cancelled; nothing was changed")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    assert state(segments) == BEFORE


def test_the_marks_are_colored(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    text = segments.shown("diff", source(AFTER), *EVERYTHING).stdout
    assert "\x1b[32m+ STAFF" in text
    assert "\x1b[33m~ VIP" in text
    assert "\x1b[31m- OLD" in text
    assert "\x1b[" not in segments.shown("diff", source(AFTER), *EVERYTHING, NO_COLOR="1").stdout


def test_text_of_a_source_is_data(segments: Segments, has: Has, source: Source) -> None:
    has({})
    text = segments.shown("diff", source({"A\x1b[31m": Held("[red]\n")}), NO_COLOR="1").stdout
    assert "+ A\\x1b[31m: name '[red]\\n'" in text


def test_verbose_shows_samples_of_the_accounts(segments: Segments, has: Has, source: Source) -> None:
    has({"VIP": Held(None, None, (7,))})
    url = source({"VIP": Held(None, None, tuple(range(1, 16)))})
    lines = segments.ok("diff", url, "--accounts", "-v", "-o", "table").lines
    assert "    + 1, 2, 3, 4, 5, 6, 8, 9, 10, 11 and 4 more" in lines


def test_long_plans_are_summarized(segments: Segments, source: Source) -> None:
    url = source(many(f"S{n:03}" for n in range(60)))
    lines = segments.ok("diff", url, "-o", "table").lines
    assert len(lines) == 52
    assert lines[50] == "... and add 10 segments more; -o tsv lists everything"
    assert len(segments.ok("diff", url).lines) == 60


def test_a_confirmation_names_what_is_deleted_up_to_a_number(
    segments: Segments, has: Has, source: Source
) -> None:
    has(many((f"S{n:03}" for n in range(25)), [1]))
    child = segments.terminal("apply", source(many(["S000"])), "--prune", columns=2000)
    child.expect_exact("Delete S001 (1 account), S002 (1 account), ")
    child.expect_exact(", S020 (1 account) and 4 more? [y/N] ")
    child.sendline("n")
    child.expect(pexpect.EOF)


def test_a_change_during_the_confirmation_is_a_conflict(segments: Segments, has: Has, source: Source) -> None:
    has(BEFORE)
    child = segments.terminal("apply", source(AFTER), *EVERYTHING)
    child.expect_exact("[y/N]")
    other = store_at(segments.store)
    other.add_segment_accounts(other.find_segment(SegmentRef(code="VIP")).id, AccountSet([77]))
    other.close()
    child.sendline("y")
    child.expect_exact("the backend changed during the confirmation; nothing was changed")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 4
    assert state(segments)["VIP"] == Held("Very", None, (1, 2, 3, 77))


LIMITS: list[tuple[tuple[str, ...], str]] = [
    (("--max-remove", "0"), "1 of the 3 accounts of VIP would be removed"),
    (("--max-remove", "33%"), "1 of the 3 accounts of VIP would be removed"),
    (("--max-delete", "0"), "1 segment would be deleted, more than --max-delete allows"),
    (("--max-remove", "x"), "invalid --max-remove 'x'"),
]


@pytest.mark.parametrize(("options", "message"), LIMITS)
def test_limits(segments: Segments, has: Has, source: Source, options: tuple[str, ...], message: str) -> None:
    has(BEFORE)
    done = segments("apply", source(AFTER), *EVERYTHING, "--yes", *options)
    assert done.code == 2
    assert message in done.stderr
    assert state(segments) == BEFORE


def test_without_a_terminal_large_removals_need_a_limit(segments: Segments, has: Has, source: Source) -> None:
    has({"VIP": Held(None, None, (1, 2, 3))})
    url = source({"VIP": Held(None, None, (1,))})
    done = segments("apply", url, "--accounts", "--yes")
    assert done.code == 2
    assert "2 of the 3 accounts of VIP would be removed without a confirmation" in done.stderr
    segments.ok("apply", url, "--accounts", "--yes", "--max-remove", "70%")
    assert state(segments)["VIP"].accounts == (1,)


def test_without_a_terminal_many_deletions_need_a_limit(segments: Segments, has: Has, source: Source) -> None:
    has(many(f"S{n:03}" for n in range(12)))
    url = source(many(["S000"]))
    done = segments("apply", url, "--prune", "--yes")
    assert done.code == 2
    assert "11 segments would be deleted without a confirmation" in done.stderr
    assert "--max-delete 11" in done.stderr
    segments.ok("apply", url, "--prune", "--yes", "--max-delete", "11")
    assert list(state(segments)) == ["S000"]


def test_a_source_without_segments_prunes_only_if_that_is_said(
    segments: Segments, has: Has, source: Source
) -> None:
    has(BEFORE)
    url = source({})
    for command in (("apply", url, "--prune", "--yes"), ("diff", url, "--prune")):
        done = segments(*command)
        assert done.code == 2
        assert "pass --allow-empty" in done.stderr
    assert state(segments) == BEFORE
    segments.ok("apply", url, "--prune", "--yes", "--allow-empty")
    assert state(segments) == {}


def test_prune_except(segments: Segments, has: Has, source: Source) -> None:
    has(many(["A", "TEST-1", "TEST-2", "OLD"]))
    segments.ok("apply", source(many(["A"])), "--prune", "--prune-except", "TEST-*", "--yes")
    assert list(state(segments)) == ["A", "TEST-1", "TEST-2"]
    done = segments("apply", source(many(["A"])), "--prune-except", "*", "--yes")
    assert done.code == 2
    assert "--prune-except requires --prune" in done.stderr


def test_a_store_that_does_not_exist_is_not_an_empty_source(segments: Segments, has: Has) -> None:
    has(BEFORE)
    for command in (
        ("apply", "sqlite:gone.db", "--prune", "--yes", "--allow-empty"),
        ("diff", "sqlite:gone.db"),
    ):
        done = segments(*command)
        assert done.code == 2
        assert "gone.db does not exist" in done.stderr
    assert state(segments) == BEFORE


def test_the_backend_is_not_its_own_source(segments: Segments, has: Has) -> None:
    has(BEFORE)
    done = segments("diff", f"sqlite:{segments.store}")
    assert done.code == 2
    assert "the source and the backend are the same" in done.stderr


def test_the_source_is_not_changed(segments: Segments, has: Has, source: Source, tmp_path: Path) -> None:
    has(BEFORE)
    url = source(AFTER)
    path = Path(url.removeprefix("sqlite:"))
    before = path.read_bytes()
    segments.ok("apply", url, *EVERYTHING, "--yes")
    assert path.read_bytes() == before


@pytest.mark.parametrize("command", ["diff", "apply"])
def test_the_json_is_valid(segments: Segments, has: Has, source: Source, command: str) -> None:
    has(BEFORE)
    options = ("--yes",) if command == "apply" else ()
    done = segments.ok(command, source(AFTER), *EVERYTHING, *options, "-o", "json")
    validator_for(schema_of([command]) or False).validate(done.json)


def test_a_warning_about_a_rename_is_printed(segments: Segments, has: Has, source: Source) -> None:
    has({"OLD": Held("Staff")})
    done = segments.ok("apply", source({"NEW": Held("Staff")}), "--prune", "--yes")
    assert "warning: OLD is deleted and NEW, with the same name, is added" in done.stderr
