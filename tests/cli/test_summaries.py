"""On a terminal, a change of accounts is reported as a sentence; programs get the fields."""

from pathlib import Path

import pytest

from segcli.operations.summary import summarize
from tests.support.command import Segments
from tests.support.tenant_server import TenantServer


def sentence(segments: Segments, *arguments: str) -> str:
    """The first line that a terminal shows."""
    return segments.shown("accounts", *arguments).lines[0]


def test_a_store_reports_what_it_did(vip: Segments) -> None:
    assert sentence(vip, "add", "VIP", "1002", "7", "8") == "Added 2 accounts to VIP; 1 was already a member."
    assert sentence(vip, "add", "VIP", "9") == "Added 1 account to VIP."
    assert sentence(vip, "remove", "VIP", "7", "55", "56") == (
        "Removed 1 account from VIP; 2 were not members."
    )
    assert sentence(vip, "add", "VIP", "8", "10", "--dry-run") == (
        "Would add 1 account to VIP; 1 is already a member."
    )
    assert sentence(vip, "remove", "VIP", "8", "--dry-run") == "Would remove 1 account from VIP."


def test_set_reports_what_it_did(vip: Segments, tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("1002\n3\n4\nx\n")
    command = ("set", "VIP", "--file", str(file), "--skip-invalid", "--yes")
    done = "add 2, remove 0, 2 unchanged; 1 invalid value skipped."  # x may be the other member
    assert sentence(vip, *command, "--dry-run") == f"Would set VIP: {done}"
    assert sentence(vip, *command) == f"Set VIP: {done.replace('add', 'added').replace('remove', 'removed')}"


@pytest.mark.usefixtures("tenant_variables")
def test_a_tenant_does_not_say_what_was_new(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP")
    assert sentence(segments, "add", "VIP", "1", "2") == (
        "Sent 2 accounts to VIP; the tenant does not say how many were already members."
    )
    assert sentence(segments, "add", "VIP", "2", "3", "--dry-run") == (
        "Would add 1 account to VIP; 1 is already a member."
    )
    assert sentence(segments, "remove", "VIP", "2", "9") == "Removed 1 account from VIP; 1 was not a member."


def test_failures_and_an_earlier_run_are_counted() -> None:
    counts = {"added": 2_500, "alreadyMembers": 1_200, "invalid": 2}
    assert summarize("VIP", counts, failed=3, resumed=1_000) == (
        "Added 2,500 accounts to VIP; 1,200 were already members; 1,000 were done before; 3 failed;"
        " 2 invalid values skipped."
    )


@pytest.mark.parametrize(
    "options", [("-o", "table"), ("-o", "json"), ("-o", "tsv"), ("--query", "@")], ids=str
)
def test_a_requested_format_has_the_fields(vip: Segments, options: tuple[str, ...]) -> None:
    shown = vip.shown("accounts", "add", "VIP", "7", *options).stdout
    assert "Added" not in shown
    assert ("alreadyMembers" in shown) is (options[-1] != "tsv")


def test_a_pipe_has_the_fields(vip: Segments) -> None:
    assert vip.ok("accounts", "add", "VIP", "7").stdout.startswith("1\tVIP\t1\t1\t1\t0\t0")


def test_the_code_is_shown_safely(segments: Segments) -> None:
    segments.ok("add", "a\x1b[31mb")
    assert sentence(segments, "add", "id:1", "7") == "Added 1 account to a\\x1b[31mb."
