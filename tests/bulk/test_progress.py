"""Progress of a bulk command: a bar on a terminal, no escape sequences elsewhere, nothing when quiet."""

from pathlib import Path

import pytest

from tests.support.bulk import Tenant, is_chunk, write_ids
from tests.support.fault_scripts import reply
from tests.support.tenant_server import Fault, Request


def slow(request: Request) -> Fault | None:
    return Fault(delay=0.25) if is_chunk(request) else None


@pytest.fixture
def file(tmp_path: Path) -> str:
    return write_ids(tmp_path / "ids.txt", range(1, 1201))


def test_a_terminal_shows_a_bar_and_erases_it_at_the_end(tenant: Tenant, file: str) -> None:
    tenant.play(slow)
    child = tenant.segments.terminal(
        "accounts", "add", "VIP", "--file", file, "--chunk-size", "50", "-o", "json", columns=120
    )
    child.expect(r"━.* adding [\d,]+/1,200 ")
    rest = child.read()
    child.close()
    assert child.exitstatus == 0
    assert '"added": 1200' in rest
    assert "adding" not in rest.rpartition("\x1b[2K")[2]


def test_a_short_run_has_no_bar(tenant: Tenant) -> None:
    assert "adding" not in tenant.segments.shown("accounts", "add", "VIP", "1", "2").stdout


def test_the_bar_shows_why_it_waits(tenant: Tenant, file: str) -> None:
    limited: list[Request] = []

    def limit(request: Request) -> Fault | None:
        if is_chunk(request) and not limited:
            limited.append(request)
            return reply(429, Retry_After="4")
        return None

    tenant.play(limit)
    child = tenant.segments.terminal(
        "accounts", "add", "VIP", "--file", file, "--chunk-size", "50", columns=160
    )
    child.expect(r"adding .*rate limited; resuming in \d s")
    child.read()
    child.close()
    assert child.exitstatus == 0


def test_quiet_shows_no_bar_on_a_terminal(tenant: Tenant, file: str) -> None:
    tenant.play(slow)
    arguments = ("accounts", "add", "VIP", "-f", file, "--chunk-size", "50", "-q", "-o", "json")
    shown = tenant.segments.shown(*arguments)
    assert shown.stdout.startswith("{")
    assert "adding" not in shown.stdout


def test_a_piped_stderr_gets_no_escape_sequences(tenant: Tenant, file: str) -> None:
    tenant.play(slow)
    done = tenant.segments("accounts", "add", "VIP", "--file", file, "--chunk-size", "50")
    assert (done.code, "\x1b" in done.stderr) == (0, False)
