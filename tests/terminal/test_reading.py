"""Progress of long reads on a terminal, and that nothing of it is left when something else is printed."""

import re

import pytest

from segcli.backends import open_backend
from segcli.backends.target import BackendTarget
from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.fault_scripts import reply
from tests.support.tenant_server import Fault, Request, TenantServer

SEGMENTS = 1_200


@pytest.fixture
def slow(segments: Segments, tenant: TenantServer) -> Segments:
    """A tenant with 1,200 segments, whose pages take half a second each."""
    backend = open_backend(BackendTarget(f"sqlite:{tenant.store}", 30.0))
    with backend.transaction():
        for number in range(SEGMENTS):
            backend.add_segment(SegmentDraft(f"S{number:04}"))
    backend.close()

    def delay(request: Request) -> Fault | None:
        start = request.parameters.get("startindex")  # not the order: pages are requested in parallel
        return None if start is None else Fault(delay=0.5 * int(start) / 200)

    tenant.script = delay
    segments.env |= tenant.environ
    return segments


def piped(segments: Segments, line: str, columns: int, **env: str) -> str:
    """What the terminal shows while stdout is a file."""
    segments.env |= env
    child = segments.through_a_shell(f"{line} > {segments.home}/out", columns=columns)
    text = child.read()
    child.close()
    return text


def test_a_list_into_a_file_shows_its_share(slow: Segments) -> None:
    text = piped(slow, "list --all -o jsonl", 100)
    assert re.search(r"━.* reading [\d,]+/1,200 \d+% [\d,]+/s \d+ s left", text)
    assert text.endswith("\x1b[2K")
    assert len((slow.home / "out").read_text().splitlines()) == SEGMENTS


def test_a_narrow_terminal_keeps_the_numbers(slow: Segments) -> None:
    text = piped(slow, "list --all -o jsonl", 40)
    assert re.search(r"reading [\d,]+/1,200 \d+% ", text)
    assert "━" not in text
    assert "…" not in text


def test_a_dumb_terminal_gets_lines(slow: Segments) -> None:
    text = piped(slow, "list --all -o jsonl", 80, TERM="dumb")
    assert re.match(r"reading: [\d,]+ of 1,200 segments, [\d,]+/s, \d+ s left\r\n", text)
    assert "\x1b" not in text


def test_rows_on_the_same_terminal_are_not_mixed_with_progress(slow: Segments) -> None:
    shown = slow.shown("list", "--all", "-o", "jsonl")
    assert len(shown.lines) == SEGMENTS


def test_an_error_is_printed_after_progress_is_erased(slow: Segments, tenant: TenantServer) -> None:
    script = tenant.script

    def fail(request: Request) -> Fault | None:
        fault = script(request) if script else None
        return reply(404)._replace(delay=fault.delay) if fault and fault.delay >= 2 else fault

    tenant.script = fail
    text = piped(slow, "list --all -o jsonl", 100)
    assert "reading " in text
    assert "━" not in text.partition("error:")[2]
    assert re.search(r"\x1b\[2K(\x1b\[[0-9;]*m)*error:", text)


def test_quiet_shows_nothing(slow: Segments) -> None:
    assert piped(slow, "list --all -o jsonl -q", 100) == ""
