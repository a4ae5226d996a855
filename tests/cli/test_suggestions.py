"""A mistyped command or option: the nearest one is named, and the help to read."""

import pytest

from tests.support.command import Segments
from tests.support.shell import shell


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("lst", "error: no such command 'lst'. Did you mean 'list'?"),
        ("accounts ad", "error: no such command 'ad'. Did you mean 'add'?"),
        ("help lst", "error: no such command 'lst'. Did you mean 'list'?"),
        ("help accounts ad", "error: no such command 'ad'. Did you mean 'add'?"),
        ("profil", "error: no such command 'profil'. Did you mean 'profile'?"),
        ("list --filtr x", "error: no such option: --filtr. Did you mean --filter?"),
        ("list --outptu json", "error: no such option: --outptu. Did you mean --output?"),
        ("--verbos list", "error: no such option: --verbos. Did you mean --verbose?"),
        ("delete VIP --yse", "error: no such option: --yse. Did you mean --yes?"),
    ],
)
def test_the_nearest_name_is_suggested(segments: Segments, line: str, error: str) -> None:
    done = segments(*line.split())
    message, hint = done.stderr.splitlines()
    assert (done.code, done.stdout) == (2, "")
    assert message == error
    assert hint.startswith("hint: see segments ")


@pytest.mark.parametrize(
    "line",
    [
        "qqqqqq",
        "list --qqqqqq",
        "help qqqqqq",
        "help get VIP",
        "get A --json id",
        "accounts list A --limit 5",
        "add X --filter id",
    ],
)
def test_nothing_is_suggested_if_nothing_is_near(segments: Segments, line: str) -> None:
    assert "Did you mean" not in segments(*line.split()).stderr


@pytest.mark.parametrize("code", ["big spender", "o'neil $x", "-dash", "a;b"])
def test_a_hint_can_be_pasted(segments: Segments, code: str) -> None:
    segments.ok("add", "--", code)
    done = segments("add", "--", code)
    line = done.stderr.partition("hint: show it with: ")[2].strip()
    assert shell(segments, f"{line} -o json").json["code"] == code


def test_a_filter_with_or_says_that_there_is_only_and(vip: Segments) -> None:
    done = vip("list", "--filter", "code eq 'VIP' or code eq 'STAFF'")
    assert done.stderr.splitlines()[-1] == "hint: filters have no 'or', only 'and'"
    done = vip("list", "--filter", "code eq 'VIP' and")
    assert "a clause is missing after and" in done.stderr
    assert "hint" not in done.stderr


def test_a_limit_gets_no_advice_to_list_everything(vip: Segments) -> None:
    assert vip("list", "--limit", "1").stderr == ""


def test_a_hint_names_no_code_that_cannot_be_pasted(segments: Segments) -> None:
    segments.ok("add", "red\x1b[31m")
    hint = segments("add", "red\x1b[31m").stderr.splitlines()[-1]
    assert hint == "hint: list the existing segments with: segments list"


@pytest.mark.parametrize(("option", "ours"), [("--json", "-o json"), ("--jq", "--query JMESPATH")])
def test_an_option_of_gh_is_explained(segments: Segments, option: str, ours: str) -> None:
    done = segments("get", "A", option, "id")
    assert done.code == 2
    assert ours in done.stderr.splitlines()[-1]


def test_an_empty_profile_name_is_quoted(segments: Segments) -> None:
    assert "there is no profile '' (--profile)" in segments("list", "--profile=").stderr
