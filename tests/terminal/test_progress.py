"""Progress lines: one every ten seconds if stderr is not a terminal, none with --quiet."""

import pytest

from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_without_a_terminal_a_line_is_printed_every_ten_seconds(
    capsys: pytest.CaptureFixture[str], clock: Clock
) -> None:
    with Progress(Terminal({}), "adding", retries=lambda: 2, clock=clock) as progress:
        for second in range(26):
            clock.now = 1000.0 + second
            progress.update(second * 1_000, 1_000_000)
    assert capsys.readouterr().err.splitlines() == [
        "adding: 10,000 of 1,000,000 accounts, 1,000/s, 16 min 30 s left, 2 retries",
        "adding: 20,000 of 1,000,000 accounts, 1,000/s, 16 min 20 s left, 2 retries",
    ]


def test_the_rate_ignores_what_an_earlier_run_did(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    with Progress(Terminal({}), "adding", clock=clock) as progress:
        progress.update(500, 1_000)
        clock.now += 10
        progress.update(600, 1_000)
    assert capsys.readouterr().err == "adding: 600 of 1,000 accounts, 10/s, 40 s left\n"


def test_without_a_total_only_the_count_and_the_rate_are_printed(
    capsys: pytest.CaptureFixture[str], clock: Clock
) -> None:
    with Progress(Terminal({}), "reading", clock=clock) as progress:
        progress.update(0, None)
        clock.now += 100
        progress.update(500_000, None)
    assert capsys.readouterr().err == "reading: 500,000 accounts, 5,000/s\n"


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    terminal = Terminal({})
    terminal.quiet = True
    with Progress(terminal, "adding", clock=clock) as progress:
        clock.now += 100
        progress.update(1, 2)
    assert capsys.readouterr().err == ""


def test_without_a_total_the_share_may_be_known(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    with Progress(Terminal({}), "reading", share=lambda: 0.25, clock=clock) as progress:
        progress.update(0, None)
        clock.now += 100
        progress.update(500_000, None)
    assert capsys.readouterr().err == "reading: 500,000 accounts, 25%, 5,000/s, 5 min 0 s left\n"
