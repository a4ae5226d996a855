"""The README is true: its tour runs as written and shows what it says, its tables are the code's."""

import re
from pathlib import Path

import pexpect
import pytest

from segcli.config.settings import VARIABLES
from segcli.errors import EXIT_CODES
from segcli.output import FORMATS
from tests.support.command import COMMAND, Segments
from tests.support.readme_lines import prepare, run
from tests.support.tenant_server import SECRET, serving

README = (Path(__file__).parent.parent / "README.md").read_text()
# What differs from run to run: dates, and how long a change of accounts took.
CHANCE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|(?<=^seconds            )\S+|(?<=^accountsPerSecond  )\S+"
)


def tour() -> list[tuple[str, list[str]]]:
    """The commands of the console blocks, in order, each with the lines shown under it."""
    steps: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
    return steps


def shown(line: str, segments: Segments) -> list[str]:
    """What a terminal shows when a shell runs `line`."""
    env = {**segments.env, "NO_COLOR": "1", "USER": "mira", "LOGNAME": "mira"}
    env["PATH"] = f"{Path(COMMAND).parent}:{env['PATH']}"
    child = pexpect.spawn(
        "bash", ["-c", line], env=env, cwd=str(segments.home), encoding="utf-8", dimensions=(24, 90)
    )
    return [row.rstrip() for row in child.read().replace("\r\n", "\n").splitlines()]


def test_the_tour_shows_what_appears(segments: Segments) -> None:
    steps = tour()
    assert len(steps) > 10
    for line, expected in steps:
        actual = [CHANCE.sub("...", row) for row in shown(line, segments)]
        assert actual == [CHANCE.sub("...", row) for row in expected], line


def test_the_exit_codes_are_those_of_the_error_tree() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*?) \|$", README, re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES


@pytest.mark.parametrize("variable", VARIABLES.values())
def test_every_variable_is_listed(variable: str) -> None:
    assert f"`{variable}`" in README


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_listed(format: str) -> None:
    assert f"| `{format}`" in README or f", `{format}` |" in README


def test_what_is_to_be_copied_runs_as_written(segments: Segments, tmp_path: Path) -> None:
    """But for the host of the tenant, which is another one here."""
    prepare(segments)
    blocks = re.findall(r"(?<!-->\n)```sh\n(.*?)```", README, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) > 8
    with serving(tmp_path / "tenant.db") as tenant:
        for line in lines:
            assert run(segments, line, SECRET) == 0, line
            if line.startswith("segments profile add"):
                (config,) = segments.home.rglob("config.yaml")
                here = f"\\1{tenant.url}\n    auth_host: {tenant.url}"
                config.write_text(re.sub(r"(backend: )https://t123\S+", here, config.read_text()))
