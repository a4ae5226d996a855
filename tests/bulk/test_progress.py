"""Progress of a long run: a bar on a terminal, a line every ten seconds elsewhere, nothing with --quiet."""

from pathlib import Path

import pytest

from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal
from tests.support.bulk import Tenant, is_chunk, write_ids
from tests.support.fault_scripts import reply
from tests.support.tenant_server import Fault, Request


class Clock:
    """A clock that advances only when it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_without_a_terminal_a_line_is_written_every_ten_seconds(
    capsys: pytest.CaptureFixture[str], clock: Clock
) -> None:
    with Progress(Terminal({}), "adding", retries=lambda: 2, clock=clock) as progress:
        for second in range(26):
            clock.now = 1000.0 + second
            progress.update(second * 1_000, 1_000_000)
    assert capsys.readouterr().err.splitlines() == [
        "adding: 10,000 of 1,000,000 accounts, 1,000 a second, 16 min 30 s left, 2 retries",
        "adding: 20,000 of 1,000,000 accounts, 1,000 a second, 16 min 20 s left, 2 retries",
    ]


def test_resumed_accounts_do_not_count_for_the_rate(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    with Progress(Terminal({}), "adding", clock=clock) as progress:
        progress.update(500, 1_000)
        clock.now += 10
        progress.update(600, 1_000)
    assert capsys.readouterr().err == "adding: 600 of 1,000 accounts, 10 a second, 40 s left\n"


def test_without_a_total_only_the_number_processed_is_shown(
    capsys: pytest.CaptureFixture[str], clock: Clock
) -> None:
    with Progress(Terminal({}), "reading", clock=clock) as progress:
        progress.update(0, None)
        clock.now += 100
        progress.update(500_000, None)
    assert capsys.readouterr().err == "reading: 500,000 accounts, 5,000 a second\n"


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    terminal = Terminal({})
    terminal.quiet = True
    with Progress(terminal, "adding", clock=clock) as progress:
        clock.now += 100
        progress.update(1, 2)
    assert capsys.readouterr().err == ""


def slow(request: Request) -> Fault | None:
    return Fault(delay=0.25) if is_chunk(request) else None


@pytest.fixture
def file(tmp_path: Path) -> str:
    return write_ids(tmp_path / "ids.txt", range(1, 1201))


def test_on_a_terminal_a_bar_is_shown_and_removed_at_the_end(tenant: Tenant, file: str) -> None:
    tenant.play(slow)
    child = tenant.segments.terminal(
        "accounts", "add", "VIP", "--file", file, "--chunk-size", "50", "-o", "json", columns=120
    )
    child.expect(r"adding .*━.*\d+/1200")
    rest = child.read()
    child.close()
    assert child.exitstatus == 0
    assert '"added": 1200' in rest
    assert "adding" not in rest.rpartition("\x1b[2K")[2]


def test_a_short_run_has_no_bar(tenant: Tenant) -> None:
    assert "adding" not in tenant.segments.shown("accounts", "add", "VIP", "1", "2").stdout


def test_the_bar_shows_waits(tenant: Tenant, file: str) -> None:
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


def test_quiet_shows_no_bar(tenant: Tenant, file: str) -> None:
    tenant.play(slow)
    arguments = ("accounts", "add", "VIP", "-f", file, "--chunk-size", "50", "-q", "-o", "json")
    shown = tenant.segments.shown(*arguments)
    assert shown.stdout.startswith("{")
    assert "adding" not in shown.stdout


def test_escape_sequences_are_not_written_to_a_pipe(tenant: Tenant, file: str) -> None:
    tenant.play(slow)
    done = tenant.segments("accounts", "add", "VIP", "--file", file, "--chunk-size", "50")
    assert (done.code, "\x1b" in done.stderr) == (0, False)
