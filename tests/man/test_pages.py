"""The manual pages: generated from the commands, free of mandoc warnings, and readable with man."""

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


def shown_by_man(page: Path) -> str:
    done = run("man", page.suffix[1:], page.stem, MANPATH=str(MAN), MANWIDTH="80", LC_ALL="C.UTF-8")
    assert (done.returncode, done.stderr) == (0, "")
    return re.sub(".\x08", "", done.stdout)


def test_committed_files_are_up_to_date(tmp_path: Path) -> None:
    done = run(sys.executable, ROOT / "man" / "generate.py", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    generated = {str(path.relative_to(tmp_path)): path.read_text() for path in files}
    committed = {str(path.relative_to(ROOT)): path.read_text() for path in [*PAGES, *SCRIPTS]}
    differing = sorted(
        name for name in generated.keys() | committed.keys() if generated.get(name) != committed.get(name)
    )
    assert differing == [], "run: python man/generate.py"


def test_mandoc_reports_nothing(tmp_path: Path) -> None:
    # In one folder, so that references to missing pages are reported.
    shutil.copytree(MAN, tmp_path / "man", ignore=shutil.ignore_patterns("parts", "*.py"))
    pages = sorted((tmp_path / "man").glob("man?/*"))
    assert len(pages) == len(PAGES) > 20
    done = run("mandoc", "-T", "lint", "-W", "style", *pages, MANPATH=str(tmp_path / "man"))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_man_finds_and_shows_a_page(page: Path) -> None:
    assert page.stem in shown_by_man(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_header_names_the_manual_and_no_other_system(page: Path) -> None:
    header, *_ = shown_by_man(page).splitlines()
    assert " segcli manual " in header
    assert shown(page).splitlines()[-1].split()[::4] == ["segcli", "segcli"]
    assert "BSD" not in shown_by_man(page) + shown(page)


@pytest.mark.parametrize("page", COMMANDS, ids=lambda page: page.name)
def test_a_command_page_has_every_section(page: Path) -> None:
    for name in ("NAME", "SYNOPSIS", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "SEE ALSO"):
        assert section(page, name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_are_shown_as_they_are_run(page: Path) -> None:
    lines = examples(page)
    assert lines
    text = shown(page).splitlines()
    assert [line for line in lines if " " * 5 + line not in text] == []


def test_required_values_have_no_brackets() -> None:
    text = " ".join(shown(MAN / "man1" / "segments-accounts-set.1").split())
    assert "segments accounts set [--file FILE] [--from EXPRESSION] [--column NAME]" in text
    assert "[common options] SEGMENT DESCRIPTION" in text


def test_every_variable_is_described() -> None:
    text = shown(MAN / "man1" / "segments.1")
    assert [variable for variable in VARIABLES.values() if variable not in text] == []


def test_every_setting_of_a_profile_is_described() -> None:
    text = shown(CONFIG)
    assert [setting for setting in Profile._fields if not re.search(rf"\b{setting}\b", text)] == []
    vendor = [variable for variables in VENDOR_VARIABLES.values() for variable in variables]
    assert [variable for variable in vendor if not re.search(rf"\b{variable}\b", text)] == []


def test_every_field_and_operator_is_described() -> None:
    rows = dict(re.findall(r"^ +(\w+) {2,}(\S.*)$", shown(FILTER), re.MULTILINE))
    assert rows.keys() >= {*FIELDS, *OPERATORS}
