"""Plans as files: reviewed, applied later, rejected if they are damaged or out of date."""

import json
import os
import random
import stat
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.manifest.plan import Base, Change, Plan
from segcli.manifest.saved_plan import load_plan, save_plan, without_password
from segcli.model import SegmentDraft, SegmentRef
from tests.manifest.conftest import Source
from tests.support.command import Segments
from tests.support.states import Held, State, state_of, store_at

Has = Callable[[State], None]
BEFORE = {"VIP": Held("Very", None, (1, 2, 3)), "OLD": Held(None, None, (9,)), "SAME": Held()}
AFTER = {"VIP": Held("New", None, (2, 3, 4)), "STAFF": Held("Staff", None, (5,)), "SAME": Held()}
MUTATIONS = 500


@pytest.fixture
def saved(segments: Segments, has: Has, source: Source, tmp_path: Path) -> Path:
    """A saved plan from BEFORE, which the command's store has, to AFTER."""
    has(BEFORE)
    path = tmp_path / "plan.json"
    segments.ok("apply", source(AFTER), "--prune", "--accounts", "--dry-run", "--save-plan", str(path))
    return path


def state(segments: Segments) -> dict[str, Held]:
    backend = store_at(segments.store)
    try:
        return state_of(backend)
    finally:
        backend.close()


def test_a_saved_plan_is_applied_once(segments: Segments, saved: Path) -> None:
    assert state(segments) == BEFORE
    done = segments.ok("apply", str(saved), "--yes", "-o", "json").json
    assert done["summary"] == {"add": 1, "update": 1, "delete": 1, "none": 1, "joined": 2, "left": 2}
    assert state(segments) == AFTER
    again = segments("apply", str(saved), "--yes")
    assert again.code == 4
    assert "STAFF was added, VIP has another name, OLD no longer exists; nothing was changed" in again.stderr


def test_diff_prints_a_saved_plan(segments: Segments, saved: Path) -> None:
    shown = segments.ok("diff", str(saved), "-o", "json").json
    assert [item["code"] for item in shown["items"]] == ["STAFF", "VIP", "OLD"]
    assert shown["summary"]["none"] == 1
    segments.ok("apply", str(saved), "--yes")
    assert segments.ok("diff", str(saved), "-o", "json").json == shown  # as it was made
    assert segments("diff", str(saved), "--exit-code").code == 10


def test_only_its_owner_can_read_it(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_it_is_also_saved_when_it_is_applied(segments: Segments, saved: Path, source: Source) -> None:
    other = saved.with_name("other.json")
    segments.ok("apply", source(AFTER), "--prune", "--accounts", "--yes", "--save-plan", str(other))
    assert state(segments) == AFTER
    assert load_plan(str(other)).changes == load_plan(str(saved)).changes


CHANGED: list[tuple[Callable[[Any], object], str]] = [
    (lambda b: b.add_segment_accounts(1, AccountSet([50])), "VIP has 4 accounts instead of 3"),
    (
        lambda b: (b.add_segment_accounts(1, AccountSet([50])), b.remove_segment_account(1, 1)),
        "VIP has other accounts",
    ),
    (lambda b: b.update_segment(1, SegmentDraft("VIP", "Very", "d")), "VIP has another description"),
    (lambda b: b.update_segment(1, SegmentDraft("VIP2", "Very")), "VIP has another code"),
    (lambda b: b.delete_segment(1), "VIP no longer exists"),
    (lambda b: b.add_segment_accounts(2, AccountSet([50])), "OLD has 2 accounts instead of 1"),
    (lambda b: b.add_segment(SegmentDraft("STAFF")), "STAFF was added"),
]


@pytest.mark.parametrize(("change", "message"), CHANGED)
def test_a_changed_base_is_a_conflict_that_names_it(
    segments: Segments, saved: Path, change: Callable[[Any], object], message: str
) -> None:
    backend = store_at(segments.store)
    change(backend)
    before = state_of(backend)
    backend.close()
    done = segments("apply", str(saved), "--yes")
    assert done.code == 4
    assert f"{message}; nothing was changed" in done.stderr
    assert state(segments) == before


def test_what_the_plan_does_not_touch_may_change(segments: Segments, saved: Path) -> None:
    backend = store_at(segments.store)
    backend.update_segment(backend.find_segment(SegmentRef(code="SAME")).id, SegmentDraft("SAME", "other"))
    backend.add_segment(SegmentDraft("UNRELATED"))
    backend.close()
    segments.ok("apply", str(saved), "--yes")
    assert state(segments) == {**AFTER, "SAME": Held("other"), "UNRELATED": Held()}


def test_a_plan_for_another_backend_is_refused(segments: Segments, saved: Path, tmp_path: Path) -> None:
    done = segments("--backend", f"sqlite:{tmp_path / 'other.db'}", "apply", str(saved), "--yes")
    assert done.code == 2
    assert f"is a plan for sqlite:{segments.store}, not for sqlite:{tmp_path / 'other.db'}" in done.stderr
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize(
    "option", [("--prune",), ("--accounts",), ("--allow-empty",), ("--prune-except", "x")]
)
def test_options_of_a_source_do_not_work_with_a_plan(
    segments: Segments, saved: Path, option: tuple[str, ...]
) -> None:
    for command in (("apply", "--yes"), ("diff",)):
        done = segments(*command, str(saved), *option)
        assert done.code == 2
        assert f"{option[0]} does not work with a saved plan" in done.stderr


def test_an_empty_option_of_a_source_does_not_work_with_a_plan_either(
    saved: Path, segments: Segments
) -> None:
    done = segments("diff", str(saved), "--prune-except", "")
    assert done.code == 2
    assert "--prune-except does not work with a saved plan" in done.stderr


def test_a_plan_from_a_pipe_is_no_manifest(segments: Segments, saved: Path) -> None:
    done = segments("apply", "-", "--yes", stdin=saved.read_text())
    assert done.code == 2
    assert "stdin, line 1: a saved plan is only read from its own file" in done.stderr


def test_limits_apply_to_a_saved_plan(segments: Segments, saved: Path) -> None:
    assert segments("apply", str(saved), "--yes", "--max-delete", "0").code == 2
    assert segments("apply", str(saved), "--yes", "--max-remove", "0").code == 2
    assert state(segments) == BEFORE


def test_a_plan_that_cannot_be_written_changes_nothing(
    segments: Segments, has: Has, source: Source, tmp_path: Path
) -> None:
    has(BEFORE)
    (tmp_path / "file").write_text("")
    done = segments("apply", source(AFTER), "--yes", "--save-plan", str(tmp_path / "file" / "plan.json"))
    assert done.code == 1
    assert "cannot be written" in done.stderr
    assert state(segments) == BEFORE


@pytest.mark.parametrize("name", ["", "-", "{}", "{}/pipe"])
def test_a_plan_is_only_saved_as_a_regular_file(
    segments: Segments, has: Has, source: Source, tmp_path: Path, name: str
) -> None:
    """A pipe, or /dev/null, must not be replaced by a file."""
    has(BEFORE)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = segments("apply", source(AFTER), "--yes", "--save-plan", name.format(tmp_path))
    assert done.code == 2
    assert "is not a valid path for a plan: expected a regular file" in done.stderr
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert state(segments) == BEFORE


def test_mutated_plans_are_never_applied(saved: Path) -> None:
    """Bytes are replaced, removed, inserted; only a plan that means the same may be accepted."""
    original = saved.read_bytes()
    changes = load_plan(str(saved)).changes
    rng = random.Random(20)
    for _ in range(MUTATIONS):
        data = bytearray(original)
        for _ in range(rng.choice((1, 1, 2, 5))):
            place = rng.randrange(len(data))
            kind = rng.randrange(4)
            if kind == 0:
                data[place] = rng.randrange(256)
            elif kind == 1:
                del data[place : place + rng.choice((1, 10, 100))]
            elif kind == 2:
                data[place:place] = rng.choice((b'"', b"[", b"{", b"\x00", b"\xff", b"9" * 30))
            else:
                del data[place:]
                break
            data = data or bytearray(b" ")
        saved.write_bytes(data)
        with suppress(UsageError):
            assert load_plan(str(saved)).changes == changes


def with_plan(path: Path, edit: Callable[[Any], object]) -> None:
    """Edits the plan in the file, and writes the right checksum."""
    document = json.loads(path.read_text())
    edit(document["plan"])
    body = json.dumps(document["plan"])
    checksum = sha256(body.encode()).hexdigest()
    path.write_text(f'{{"segmentsPlan": 1, "checksum": "{checksum}", "plan": {body}}}')


EDITS: list[Callable[[Any], object]] = [
    lambda plan: plan["changes"][0].update(old=None, new=None),
    lambda plan: plan["changes"][1].update(base=None),
    lambda plan: plan["changes"][1].update(joined=plan["changes"][1]["left"]),
    lambda plan: plan["changes"][1].update(left=None),
    lambda plan: plan["changes"][1].update(joined="AAAA"),
    lambda plan: plan["changes"][1].update(joined="?"),
    lambda plan: plan["changes"][1].update(joined=""),
    lambda plan: plan["changes"][1]["base"].update(id=-1),
    lambda plan: plan["changes"][1]["base"].update(accounts=0),
    lambda plan: plan["changes"][0]["new"].update(code=" "),
    lambda plan: plan["changes"][0]["new"].update(code="x" * 300),
    lambda plan: plan["changes"][0]["new"].update(code=7),
    lambda plan: plan["changes"].append(plan["changes"][0]),
    lambda plan: plan["changes"].append(
        {**plan["changes"][2], "old": {**plan["changes"][2]["old"], "code": "Z"}}
    ),
    lambda plan: plan.update(checks=["VIP =="]),
    lambda plan: plan.update(unchanged=-1),
    lambda plan: plan.update(atomic=1),
    lambda plan: plan.update(more=1),
    lambda plan: plan.pop("place"),
]


@pytest.mark.parametrize("number", range(len(EDITS)))
def test_edited_plans_are_rejected_although_their_checksum_is_right(
    segments: Segments, saved: Path, number: int
) -> None:
    with_plan(saved, EDITS[number])
    done = segments("apply", str(saved), "--yes", "--max-remove", "100%")
    assert done.code == 2, done.stderr
    assert "is not a valid saved plan: " in done.stderr
    assert state(segments) == BEFORE


@pytest.mark.parametrize(
    "text",
    [
        '{"segmentsPlan"',
        '{"segmentsPlan": 1}',
        '{"segmentsPlan": 2, "checksum": "", "plan": {}}',
        '{"segmentsPlan": 1, "checksum": "", "plan": ' + "[" * 100_000,
    ],
)
def test_what_only_starts_like_a_plan(segments: Segments, tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    for command in (("diff",), ("apply", "--yes")):
        done = segments(*command, str(path))
        assert done.code == 2
        assert "Traceback" not in done.stderr


def test_a_plan_is_compact_and_has_no_password(tmp_path: Path) -> None:
    place = "postgresql://jane:s3cret@db.example.com/crm"
    members = AccountSet(range(1, 1_000_001))
    change = Change(None, SegmentDraft("A"), joined=members, left=AccountSet())
    path = tmp_path / "plan.json"
    save_plan(Plan(place, [change], atomic=True), str(path))
    text = path.read_text()
    assert "s3cret" not in text
    assert len(text) < 1_000
    found = load_plan(str(path))
    assert found.place == "postgresql://db.example.com/crm" == without_password(place)
    assert found.changes == [change]


def test_unchanged_segments_are_only_counted(tmp_path: Path) -> None:
    draft = SegmentDraft("A")
    plan = Plan("x", [Change(draft, draft, base=Base(1, "d", None))], atomic=True)
    save_plan(plan, str(tmp_path / "plan.json"))
    found = load_plan(str(tmp_path / "plan.json"))
    assert (found.changes, found.unchanged) == ([], 1)
