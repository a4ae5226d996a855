"""accounts set: a segment contains exactly the accounts of a file, after confirmation."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.bulk import Tenant, is_chunk, members_in, write_ids
from tests.support.command import Segments
from tests.support.fault_scripts import reply

SET = ("accounts", "set", "VIP", "--file")
COUNTS = ("requested", "unique", "added", "removed", "unchanged", "invalid")


@pytest.fixture
def file(tmp_path: Path) -> str:
    return write_ids(tmp_path / "ids.txt", [3, 4, 5, 6, 6])


@pytest.fixture
def vip(each: Segments) -> Segments:
    """A segment with the accounts 1 to 4, on each kind of store."""
    each.ok("add", "VIP")
    each.ok("accounts", "add", "VIP", "1", "2", "3", "4")
    return each


def counts(report: Any) -> list[int]:
    return [report[name] for name in COUNTS]


def test_missing_accounts_are_added_and_others_removed(vip: Segments, file: str) -> None:
    report = vip.ok(*SET, file, "--yes", "-o", "json").json
    assert counts(report) == [5, 4, 2, 2, 2, 0]
    assert members_in(vip) == [3, 4, 5, 6]


def test_repeating_it_changes_nothing(vip: Segments, file: str) -> None:
    vip.ok(*SET, file, "--yes")
    assert counts(vip.ok(*SET, file, "--yes", "-o", "json").json) == [5, 4, 0, 0, 4, 0]


def test_a_dry_run_counts_as_the_run_does_and_changes_nothing(vip: Segments, file: str) -> None:
    dry = vip.ok(*SET, file, "--dry-run", "-o", "json")
    assert dry.json["dryRun"] is True
    assert members_in(vip) == [1, 2, 3, 4]
    assert counts(dry.json) == counts(vip.ok(*SET, file, "--yes", "-o", "json").json)


def test_a_dry_run_says_so(vip: Segments, file: str) -> None:
    assert "dry run: nothing was changed" in vip.ok(*SET, file, "--dry-run").stderr


def test_without_a_terminal_it_refuses(vip: Segments, file: str) -> None:
    assert vip(*SET, file).code == 2
    assert members_in(vip) == [1, 2, 3, 4]


@pytest.mark.parametrize(("answer", "members", "code"), [("y", [3, 4, 5, 6], 0), ("n", [1, 2, 3, 4], 1)])
def test_the_confirmation_shows_the_counts(
    vip: Segments, file: str, answer: str, members: list[int], code: int
) -> None:
    child = vip.terminal(*SET, file, columns=200)
    child.expect_exact(f"Set VIP (id 1) to the accounts of {file}: add 2, remove 2 of its 4? [y/N]")
    child.sendline(answer)
    child.read()
    child.close()
    assert (child.exitstatus, members_in(vip)) == (code, members)


def test_no_confirmation_if_nothing_would_change(vip: Segments, tmp_path: Path) -> None:
    assert vip.shown(*SET, write_ids(tmp_path / "same.txt", [1, 2, 3, 4])).code == 0


def test_a_change_during_the_confirmation_is_a_conflict(vip: Segments, file: str) -> None:
    child = vip.terminal(*SET, file, columns=200)
    child.expect_exact("[y/N]")
    vip.ok("accounts", "add", "VIP", "99")
    child.sendline("y")
    assert "changed during the confirmation; nothing was changed" in child.read()
    child.close()
    assert (child.exitstatus, members_in(vip)) == (4, [1, 2, 3, 4, 99])


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_requires_allow_empty(vip: Segments, tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.txt"
    path.write_text(text)
    done = vip(*SET, str(path), "--yes")
    assert done.code == 2
    assert "--allow-empty" in done.stderr
    assert members_in(vip) == [1, 2, 3, 4]
    assert vip.ok(*SET, str(path), "--yes", "--allow-empty", "-o", "json").json["removed"] == 4
    assert members_in(vip) == []


def test_a_file_with_only_invalid_values_is_empty(vip: Segments, tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text("x\ny\n")
    assert vip(*SET, str(path), "--yes", "--skip-invalid").code == 2
    assert members_in(vip) == [1, 2, 3, 4]


@pytest.mark.parametrize("limit", ["1", "0", "49%", "49.9%", "0%"])
@pytest.mark.parametrize("how", ["--yes", "--dry-run"])
def test_removing_more_than_the_limit_is_refused_before_the_first_write(
    vip: Segments, file: str, limit: str, how: str
) -> None:
    done = vip(*SET, file, how, "--max-remove", limit)
    assert done.code == 2
    assert "2 of the 4 accounts of VIP would be removed, more than --max-remove allows" in done.stderr
    assert members_in(vip) == [1, 2, 3, 4]


@pytest.mark.parametrize("limit", ["2", "50%", "50.0%", "100%"])
def test_a_removal_within_the_limit_is_done(vip: Segments, file: str, limit: str) -> None:
    vip.ok(*SET, file, "--yes", "--max-remove", limit)
    assert members_in(vip) == [3, 4, 5, 6]


@pytest.mark.parametrize("limit", ["", "x", "-1", "1.5", "%", "1%%", "٣", "1_0", "1.%", ".5%", "9" * 20])
def test_an_invalid_limit_is_a_usage_error(vip: Segments, file: str, limit: str) -> None:
    done = vip(*SET, file, "--yes", f"--max-remove={limit}")
    assert done.code == 2
    assert members_in(vip) == [1, 2, 3, 4]


def test_an_unknown_segment_is_not_found(vip: Segments, file: str) -> None:
    assert vip("accounts", "set", "NOPE", "--file", file, "--yes").code == 3


def test_a_file_is_required(vip: Segments) -> None:
    assert vip("accounts", "set", "VIP", "--yes").code == 2


def test_an_invalid_value_changes_nothing(vip: Segments, tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text("5\nx\n")
    done = vip(*SET, str(path), "--yes")
    assert (done.code, "line 2" in done.stderr) == (2, True)
    assert members_in(vip) == [1, 2, 3, 4]


def test_a_tenant_receives_only_the_difference(tenant: Tenant, file: str) -> None:
    tenant.report("add", "VIP", "1", "2", "3", "4")
    tenant.server.requests.clear()
    assert counts(tenant.report("set", "VIP", "--file", file, "--yes")) == [5, 4, 2, 2, 2, 0]
    assert tenant.chunks == [[5, 6]]
    removed = [request.path for request in tenant.server.requests if request.method == "DELETE"]
    assert sorted(path.rsplit("/", 1)[1] for path in removed) == ["1", "2"]
    assert tenant.members == [3, 4, 5, 6]


def test_on_a_tenant_nothing_is_removed_if_an_addition_fails(tenant: Tenant, file: str) -> None:
    tenant.report("add", "VIP", "1", "2", "3", "4")
    tenant.play(lambda request: reply(403, b'{"errorCode": "FORBIDDEN"}') if is_chunk(request) else None)
    assert tenant.segments(*SET, file, "--yes").code == 5
    assert tenant.members == [1, 2, 3, 4]
    tenant.play(None)
    tenant.report("set", "VIP", "--file", file, "--yes")
    assert tenant.members == [3, 4, 5, 6]
