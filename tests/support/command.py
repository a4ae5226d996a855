"""Runs the installed `segments` as a process, in its own home, on pipes or on a terminal."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any, NamedTuple

import pexpect

COMMAND = str(Path(sysconfig.get_path("scripts")) / "segments")


class Done(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def error(self) -> Any:
        """The object that `-o json` prints on stderr for an error."""
        return json.loads(self.stderr)["error"]

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()


class Segments:
    """Runs `segments` with its own HOME and XDG directories; `env` is its whole environment."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = home / "data" / "segments" / "segments.db"
        self.env = {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_STATE_HOME": str(home / "state"),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "USER": "tester",
            "LOGNAME": "tester",
            "SEGMENTS_PAGER": "cat",  # output longer than the screen would wait for a key
        }

    @property
    def config_file(self) -> Path:
        return self.home / "config" / "segments" / "config.yaml"

    def __call__(self, *arguments: str, stdin: str = "", **env: str) -> Done:
        """Runs the command on pipes; it may fail."""
        done = self.raw(*arguments, stdin=stdin.encode(), **env)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def raw(self, *arguments: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
        """The same, with bytes as input and output."""
        return subprocess.run(
            [COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            env={**self.env, **env},
            timeout=60,
            check=False,
        )

    def ok(self, *arguments: str, **env: str) -> Done:
        """Runs the command, which must succeed."""
        done = self(*arguments, **env)
        assert done.code == 0, f"{arguments}: exit {done.code}\n{done.stderr}"
        return done

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        """Starts the command on pipes, without waiting."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.env, **env},
        )

    def terminal(self, *arguments: str, columns: int = 80, **env: str) -> "pexpect.spawn[str]":
        """Starts the command on a terminal of `columns` by 24."""
        return pexpect.spawn(
            COMMAND,
            list(arguments),
            env={**self.env, **env},
            dimensions=(24, columns),
            encoding="utf-8",
            timeout=20,
        )

    def through_a_shell(self, line: str, *, columns: int = 80) -> "pexpect.spawn[str]":
        """Starts the command on a terminal; the line is one of a shell, and may redirect stdout."""
        return pexpect.spawn(
            "sh",
            ["-c", f"exec {COMMAND} {line}"],
            env=self.env,
            dimensions=(24, columns),
            encoding="utf-8",
            timeout=30,
        )

    def shown(self, *arguments: str, columns: int = 80, **env: str) -> Done:
        """Runs the command on a terminal; `stdout` has the output of stdout and stderr."""
        child = self.terminal(*arguments, columns=columns, **env)
        text = child.read().replace("\r\n", "\n")
        child.close()
        code = child.exitstatus
        return Done(-1 if code is None else code, text, "")
