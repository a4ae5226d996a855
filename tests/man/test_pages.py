"""The manual pages: as the commands say, clean by mandoc's own judgement, and read by man."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segcli.config.files import Profile
from segcli.config.settings import VARIABLES, VENDOR_VARIABLES
from segcli.query.tree import FIELDS, OPERATORS
from tests.support.pages import MAN, PAGES, ROOT, examples, section
from tests.support.programs import program

COMMANDS = [page for page in PAGES if page.suffix == ".1"]
SCRIPTS = sorted((ROOT / "completions").iterdir())
CONFIG, FILTER = MAN / "man5" / "segments-config.5", MAN / "man7" / "segments-filter.7"


def run(*command: str | Path, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program(str(command[0])), *map(str, command[1:])],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def shown(page: Path) -> str:
    """A page as a terminal shows it, wide enough for every example, without bold and underlining."""
    done = run("mandoc", "-T", "ascii", "-O", "width=200", page)
    assert (done.returncode, done.stderr) == (0, "")
    return re.sub(".\x08", "", done.stdout)


def test_what_is_committed_is_what_the_commands_say(tmp_path: Path) -> None:
    done = run(sys.executable, ROOT / "man" / "generate.py", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    made = {str(path.relative_to(tmp_path)): path.read_text() for path in files}
    kept = {str(path.relative_to(ROOT)): path.read_text() for path in [*PAGES, *SCRIPTS]}
    differing = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert differing == [], "run: python man/generate.py"


def test_mandoc_finds_nothing_to_say(tmp_path: Path) -> None:
    # Beside each other, so that a reference to a page that is not there is found.
    shutil.copytree(MAN, tmp_path / "man", ignore=shutil.ignore_patterns("parts", "*.py"))
    pages = sorted((tmp_path / "man").glob("man?/*"))
    assert len(pages) == len(PAGES) > 20
    done = run("mandoc", "-T", "lint", "-W", "style", *pages, MANPATH=str(tmp_path / "man"))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_man_finds_and_shows_a_page(page: Path) -> None:
    done = run("man", page.suffix[1:], page.stem, MANPATH=str(MAN), MANWIDTH="80", LC_ALL="C.UTF-8")
    assert done.returncode == 0
    assert page.stem in re.sub(".\x08", "", done.stdout)
    assert done.stderr == ""


@pytest.mark.parametrize("page", COMMANDS, ids=lambda page: page.name)
def test_a_page_of_a_command_has_every_section(page: Path) -> None:
    for name in ("NAME", "SYNOPSIS", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "SEE ALSO"):
        assert section(page, name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_read_of_an_example_is_what_a_shell_is_to_run(page: Path) -> None:
    lines = examples(page)
    assert lines
    text = shown(page).splitlines()
    assert [line for line in lines if " " * 5 + line not in text] == []


def test_what_must_be_given_stands_without_brackets() -> None:
    text = " ".join(shown(MAN / "man1" / "segments-accounts-set.1").split())
    assert "segments accounts set --file FILE [--column NAME]" in text
    assert "[common options] SEGMENT DESCRIPTION" in text


def test_the_variables_are_those_of_the_common_options() -> None:
    text = shown(MAN / "man1" / "segments.1")
    assert [variable for variable in VARIABLES.values() if variable not in text] == []


def test_the_settings_are_those_of_a_profile() -> None:
    text = shown(CONFIG)
    assert [setting for setting in Profile._fields if not re.search(rf"\b{setting}\b", text)] == []
    vendor = [variable for variables in VENDOR_VARIABLES.values() for variable in variables]
    assert [variable for variable in vendor if not re.search(rf"\b{variable}\b", text)] == []


def test_the_query_language_is_the_one_that_is_spoken() -> None:
    rows = dict(re.findall(r"^ +(\w+) {2,}(\S.*)$", shown(FILTER), re.MULTILINE))
    assert rows.keys() >= {*FIELDS, *OPERATORS}
