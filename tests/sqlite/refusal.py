"""Runs a command under difficult conditions, and checks how a store error is reported."""

import ctypes
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.command import COMMAND, Done, Segments

READ = ("list",)
WRITE = ("add", "NEW")
Run = Callable[..., Done]

_CAPBSET_READ, _CAPBSET_DROP = 23, 24
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
_libc = ctypes.CDLL(None, use_errno=True)


def under(segments: Segments, prepare: Callable[[], None]) -> Run:
    """Runs the command after `prepare` has changed the rights of its process."""

    def run(*arguments: str) -> Done:
        done = subprocess.run(
            [COMMAND, *arguments],
            env=segments.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            preexec_fn=prepare,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


def obey_permissions() -> None:
    """Drops root's capability to ignore permissions; other users do not have it."""
    if os.geteuid() != 0:
        return
    for power in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        held = _libc.prctl(_CAPBSET_READ, power, 0, 0, 0)
        if held and _libc.prctl(_CAPBSET_DROP, power, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "root cannot be held to permissions here")


@contextmanager
def permission(path: Path, mode: int) -> Iterator[None]:
    """Gives `path` another mode until the block ends."""
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


def assert_refused(run: Run, command: tuple[str, ...], *, code: str, expected: str) -> None:
    """The command must exit with 7 and one clear line, and with `-o json` one object with that code."""
    done = run(*command)
    assert (done.code, done.stdout) == (7, ""), done
    first, *others = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert expected in first
    assert all(line.startswith("hint: ") for line in others)
    as_json = run(*command, "-o", "json")
    assert (as_json.code, as_json.stdout) == (7, ""), as_json
    (line,) = as_json.stderr.splitlines()
    error = json.loads(line)["error"]
    assert error["code"] == code
    assert expected in error["message"]
