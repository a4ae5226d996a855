"""Command lines as a shell runs them, on pipes or on a terminal, with `segments` on the PATH."""

import subprocess
from pathlib import Path
from typing import Any

import pexpect

from tests.support.command import COMMAND, Done, Segments


def shell(segments: Segments, line: str, **env: str) -> Done:
    """What comes of `line` on pipes."""
    done = subprocess.run(
        ["bash", "-c", line],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=_environment(segments, env),
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def on_terminal(segments: Segments, line: str, columns: int = 80, **env: str) -> Done:
    """What comes of `line` with stdin and stdout on a terminal and stderr aside."""
    aside = segments.home / "stderr"
    child = spawn(segments, f"{{ {line}; }} 2>{aside}", columns, **env)
    code, text = ended(child)
    return Done(code, text.replace("\r\n", "\n"), aside.read_text())


def spawn(segments: Segments, line: str, columns: int = 80, **env: str) -> "pexpect.spawn[str]":
    """A shell that runs `line` on a terminal."""
    return pexpect.spawn(
        "bash",
        ["-c", line],
        env=_environment(segments, env),
        dimensions=(24, columns),
        encoding="utf-8",
        timeout=20,
        cwd=str(segments.home),
    )


def ended(child: "pexpect.spawn[str]") -> tuple[int, str]:
    """The exit code of what runs on a terminal, and what it has still written."""
    text = child.read()
    child.wait()
    process: Any = child  # whose stubs do not know its `ptyproc`
    process.ptyproc.delayafterclose = 0  # it has ended: there is nothing to wait for
    child.close()
    return -1 if child.exitstatus is None else child.exitstatus, text


def _environment(segments: Segments, more: dict[str, str]) -> dict[str, str]:
    return {**segments.env, "PATH": f"{Path(COMMAND).parent}:{segments.env['PATH']}", **more}
