"""The pager: it gets output that is longer than the screen, on a terminal only."""

import re
import sys
import time

import pytest

from segcli.terminal.pager import Pages
from segcli.terminal.streams import Terminal
from tests.support.command import Segments
from tests.support.modules import loaded
from tests.support.shell import ended


@pytest.fixture
def reader(pages: Segments) -> Segments:
    """Somebody who has not chosen a pager, with 450 segments."""
    reader = Segments(pages.home)
    del reader.env["SEGMENTS_PAGER"]
    return reader


LONG = ("list", "--page-size", "200")


def recorder(segments: Segments, script: str = "") -> dict[str, str]:
    """A pager that writes what it reads to a file, after `script`."""
    file = segments.home / "pager.py"
    target = segments.home / "paged"
    file.write_text(
        f"import os, sys, time\n{script}\nopen({str(target)!r}, 'w').write(sys.stdin.read())\nprint('QUIT')"
    )
    return {"SEGMENTS_PAGER": f"{sys.executable} {file}"}


def paged(segments: Segments) -> str | None:
    """What the pager read; None if it was not started."""
    path = segments.home / "paged"
    text = path.read_text() if path.exists() else None
    path.unlink(missing_ok=True)
    return text


@pytest.mark.parametrize("format", ["table", "json", "yaml"])
def test_output_longer_than_the_screen_is_paged(reader: Segments, format: str) -> None:
    env = recorder(reader)
    done = reader.shown(*LONG, "-o", format, columns=80, **env)
    text = paged(reader)
    assert (done.code, "QUIT" in done.stdout) == (0, True)
    assert text is not None
    assert "S0200" in text
    assert len(text.splitlines()) >= 200


@pytest.mark.parametrize("format", ["tsv", "csv", "jsonl", "id", "code"])
def test_a_format_for_programs_is_not_paged(reader: Segments, format: str) -> None:
    assert reader.shown(*LONG, "-o", format, columns=80, **recorder(reader)).code == 0
    assert paged(reader) is None


def test_help_is_paged(segments: Segments) -> None:
    assert segments.shown("--help", columns=80, **recorder(segments)).code == 0
    assert paged(segments) == segments.shown("--help").stdout


def test_the_note_follows_the_pager(reader: Segments) -> None:
    done = reader.shown(*LONG, columns=80, **recorder(reader))
    assert re.search(r"QUIT\n.*200 of 450 segments are shown", done.stdout, re.DOTALL)
    assert "segments are shown" not in (paged(reader) or "")


def test_output_that_fits_is_not_paged(reader: Segments) -> None:
    assert reader.shown("list", "--page-size", "5", columns=80, **recorder(reader)).code == 0
    assert paged(reader) is None


def test_output_in_a_pipe_is_not_paged(reader: Segments) -> None:
    env = recorder(reader)
    assert len(reader.ok(*LONG, "-o", "table", **env).lines) == 201
    assert paged(reader) is None
    reader.env.update(env)
    assert "segcli.terminal.pager" not in loaded(reader, "list", "-o", "table")


@pytest.mark.parametrize("pager", ["", "cat", "/nonexistent/less", "less '"])
def test_without_a_pager_the_output_is_written(reader: Segments, pager: str) -> None:
    done = reader.shown(*LONG, SEGMENTS_PAGER=pager)
    assert done.code == 0
    assert "S0200" in done.stdout
    assert "error" not in done.stdout


def test_a_dumb_terminal_has_no_pager(reader: Segments) -> None:
    assert reader.shown(*LONG, TERM="dumb", columns=80, **recorder(reader)).code == 0
    assert paged(reader) is None


def test_the_variable_pager_is_used_unless_there_is_our_own(reader: Segments) -> None:
    env = recorder(reader)
    reader.shown(*LONG, PAGER=env["SEGMENTS_PAGER"])
    assert paged(reader) is not None
    reader.shown(*LONG, PAGER=env["SEGMENTS_PAGER"], SEGMENTS_PAGER="")
    assert paged(reader) is None


def test_quitting_less_ends_quietly(reader: Segments) -> None:
    child = reader.terminal("list", "--all")
    child.expect_exact("S0010")
    time.sleep(0.3)
    child.send("q")
    code, text = ended(child)
    assert code == 0
    assert "error" not in text


def test_a_pager_that_quits_early_ends_the_output_quietly(thousands: Segments) -> None:
    done = thousands.shown("list", "--all", SEGMENTS_PAGER=f"{sys.executable} -c 'print(input())'")
    assert done.code == 0
    assert "error" not in done.stdout


def test_a_failure_is_reported_after_the_pager(reader: Segments) -> None:
    codes = [f"S{n:04}" for n in range(1, 60)]
    done = reader.shown("get", *codes, "NOPE", columns=80, **recorder(reader))
    assert done.code == 3
    assert re.search(r"QUIT\n.*error:.* there is no segment with code NOPE", done.stdout, re.DOTALL)
    assert paged(reader) is not None


def test_ctrl_c_in_the_pager_is_left_to_it(reader: Segments) -> None:
    script = """
import signal
signal.signal(signal.SIGINT, lambda *_: os._exit(0) if print('CAUGHT') else os._exit(0))
text = sys.stdin.read()
print('READY', flush=True)
time.sleep(20)
"""
    child = reader.terminal(*LONG, columns=80, **recorder(reader, script))
    child.expect("READY")
    child.sendintr()
    code, text = ended(child)
    assert (code, "CAUGHT" in text, "error" in text) == (0, True, False)


def test_memory_does_not_grow_with_the_output() -> None:
    terminal = Terminal({})
    stream = Pages(
        terminal, terminal.stdout, [sys.executable, "-c", "import sys; sum(1 for _ in sys.stdin)"], {}
    )
    for _ in range(1_000):
        stream.write("x" * 100 + "\n")
    assert stream.started
    assert stream._held == []
    stream.finish()
