"""README is true: it runs from top to bottom in one empty home, and its tables are the code's."""

import re
import subprocess
from pathlib import Path

import pytest

from segcli.config.settings import VARIABLES
from segcli.errors import EXIT_CODES
from segcli.output import FORMATS
from tests.support.command import Segments
from tests.support.readme import PATH, masked, reader, steps

README = PATH.read_text()


def test_readme_runs_from_top_to_bottom_and_shows_what_is_printed(segments: Segments) -> None:
    todo = steps(README)
    assert sum(step.output is not None for step in todo) > 15
    assert sum(step.output is None for step in todo) > 5
    with reader(segments) as follower:
        for step in todo:
            ran = follower.run(step)
            if step.output is None:
                assert ran.code == 0, (step.script, ran.output)
            else:
                assert masked(ran.output) == masked(step.output), step.script


def test_the_exit_codes_are_those_of_the_error_classes() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*?) \|$", README, re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES


@pytest.mark.parametrize("variable", VARIABLES.values())
def test_every_variable_is_listed(variable: str) -> None:
    assert f"`{variable}`" in README


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_listed(format: str) -> None:
    assert f"| `{format}`" in README or f", `{format}` |" in README


@pytest.mark.parametrize(
    ("codes", "calls", "ended"),
    [
        *(([code], 1, code) for code in EXIT_CODES if code != 6),
        ([6, 6, 0], 3, 0),
        ([6, 5], 2, 5),
        ([6] * 9, 4, 6),
    ],
)
def test_the_nightly_load_retries_only_what_is_unavailable_and_passes_on_every_failure(
    codes: list[int], calls: int, ended: int, tmp_path: Path
) -> None:
    (script,) = [
        step.script for step in steps(README) if "--resume" in step.script and "sleep" in step.script
    ]
    assert script.startswith("set -euo pipefail\n")
    log, queue = tmp_path / "log", tmp_path / "codes"
    queue.write_text("".join(f"{code}\n" for code in codes))
    _write_program(tmp_path / "sleep", "true")
    _write_program(
        tmp_path / "segments",
        f'echo "$*" >>"{log}"; code=$(head -1 "{queue}"); sed -i 1d "{queue}"; exit "$code"',
    )
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["bash", "-c", script], env=env, timeout=30, check=False)
    called = log.read_text().splitlines()
    assert (len(called), done.returncode) == (calls, ended)
    assert ["--resume" in line for line in called] == [False] + [True] * (calls - 1)


def _write_program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)
