"""Runs command lines in a shell, on pipes or on a terminal, with `segments` on the PATH."""

import subprocess
from pathlib import Path
from typing import Any

import pexpect

from tests.support.command import COMMAND, Done, Segments


def shell(segments: Segments, line: str, **env: str) -> Done:
    """Runs `line` on pipes."""
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
    """Runs `line` with stdin and stdout on a terminal, and stderr in a file."""
    stderr = segments.home / "stderr"
    child = spawn(segments, f"{{ {line}; }} 2>{stderr}", columns, **env)
    code, text = ended(child)
    return Done(code, text.replace("\r\n", "\n"), stderr.read_text())


def spawn(segments: Segments, line: str, columns: int = 80, **env: str) -> "pexpect.spawn[str]":
    """Starts a shell that runs `line` on a terminal."""
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
    """Waits for a process on a terminal; its exit code and the rest of its output."""
    text = child.read()
    child.wait()
    process: Any = child  # its stubs lack `ptyproc`
    process.ptyproc.delayafterclose = 0  # it has ended, no need to wait
    child.close()
    return -1 if child.exitstatus is None else child.exitstatus, text


def _environment(segments: Segments, more: dict[str, str]) -> dict[str, str]:
    return {**segments.env, "PATH": f"{Path(COMMAND).parent}:{segments.env['PATH']}", **more}
