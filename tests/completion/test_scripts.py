"""The scripts as text: free of warnings, and the same wherever they come from."""

import subprocess
from pathlib import Path

import pytest

from segcli.backends import SCHEMES
from segcli.completion.scripts import FILES
from tests.support.command import Segments
from tests.support.programs import program

ROOT = Path(__file__).parents[2]


def output_of(*command: str | Path) -> str:
    """What a checker prints; nothing if all is well."""
    done = subprocess.run(
        [program(str(command[0])), *map(str, command[1:])], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("script", ["completions/segments.bash", ".ci/run"])
def test_shellcheck_reports_nothing(script: str) -> None:
    assert output_of("shellcheck", "--shell=bash", ROOT / script) == ""


@pytest.mark.parametrize("shell", FILES)
def test_the_shell_parses_its_script(shell: str) -> None:
    assert output_of(shell, "-n", ROOT / "completions" / FILES[shell]) == ""


@pytest.mark.parametrize("shell", FILES)
def test_show_prints_the_committed_script(segments: Segments, shell: str) -> None:
    assert (
        segments.ok("completion", "show", shell).stdout == (ROOT / "completions" / FILES[shell]).read_text()
    )


@pytest.mark.parametrize("shell", FILES)
def test_every_mark_is_replaced(shell: str) -> None:
    text = (ROOT / "completions" / FILES[shell]).read_text()
    assert "@" not in text.replace("${(@Q)", "").replace("$@", "").replace("[@]", "")


@pytest.mark.parametrize("shell", FILES)
def test_backend_urls_are_those_of_the_schemes(shell: str) -> None:
    """So a new backend completes without a change here."""
    lines = (ROOT / "completions" / FILES[shell]).read_text().splitlines()
    listed = [scheme.prefix for scheme in SCHEMES.values() if scheme.listed]
    assert any(" ".join(listed) in line for line in lines)
    assert not any(
        scheme.prefix in line for line in lines for scheme in SCHEMES.values() if not scheme.listed
    )
