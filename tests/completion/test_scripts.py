"""The scripts as text: clean by each shell's own judgement, the same wherever they come from."""

import subprocess
from pathlib import Path

import pytest

from segcli.completion.scripts import FILES
from tests.support.command import Segments
from tests.support.programs import program

ROOT = Path(__file__).parents[2]


def said(*command: str | Path) -> str:
    """What a checker finds; nothing where all is well."""
    done = subprocess.run(
        [program(str(command[0])), *map(str, command[1:])], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("script", ["completions/segments.bash", ".ci/run"])
def test_shellcheck_finds_nothing(script: str) -> None:
    assert said("shellcheck", "--shell=bash", ROOT / script) == ""


@pytest.mark.parametrize("shell", FILES)
def test_the_shell_can_read_its_script(shell: str) -> None:
    assert said(shell, "-n", ROOT / "completions" / FILES[shell]) == ""


@pytest.mark.parametrize("shell", FILES)
def test_show_prints_the_committed_script(segments: Segments, shell: str) -> None:
    assert (
        segments.ok("completion", "show", shell).stdout == (ROOT / "completions" / FILES[shell]).read_text()
    )


@pytest.mark.parametrize("shell", FILES)
def test_no_mark_is_left_of_the_template(shell: str) -> None:
    text = (ROOT / "completions" / FILES[shell]).read_text()
    assert "@" not in text.replace("${(@Q)", "").replace("$@", "").replace("[@]", "")
