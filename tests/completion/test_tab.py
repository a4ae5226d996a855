"""TAB in real shells: commands, options, values, and codes that are hard to quote."""

import re
from collections.abc import Iterator

import pytest

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.shells import SHELLS, Shell, quoted
from tests.support.stores import fill

# A prefix that only this code has, and the code.
AWKWARD = {
    "VIP ": "VIP club",
    "it": "it's",
    "a:c": "a:c d=e@f",
    "say": 'say "hi" now!1 !',
    "$(": "$(touch x)",
    "`": "`touch y` $HOME",
    "$H": "$HOME/\\n \\",
    "😀": "😀 über ~",
    "~": "~home #x",
    "#": "#1; <p> | cat & *?[c]{a,b}^%",
}
PLAIN = ["VIP", "STAFF", "a:b", "2026", "id:7", "-dash"]
UNSAFE = ["bell\x07ring", "esc\x1b[31m", "line\nfeed", "tab\tstop", "turn\u202earound"]


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    segments = Segments(tmp_path_factory.mktemp(request.param))
    fill(segments, map(SegmentDraft, [*AWKWARD.values(), *PLAIN, *UNSAFE]))
    elsewhere = f"sqlite:{segments.home}/else where.db"
    segments.ok("--backend", elsewhere, "add", "ELSEWHERE")
    segments.ok("profile", "add", "other", "--backend", elsewhere)
    (segments.home / "config" / "segments" / "config.yaml").write_text(
        f"profiles:\n  other: {{backend: '{elsewhere}'}}\n  spare: {{backend: 'sqlite:spare.db'}}\n"
    )
    (segments.home / "customers.csv").write_text("id\n1001\n")
    shell = Shell(request.param, segments)
    yield shell
    shell.close()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("segments do", "segments doctor "),
        ("segments acc", "segments accounts "),
        ("segments accounts li", "segments accounts list "),
        ("segments -q accounts li", "segments -q accounts list "),
        ("segments --profile other acc", "segments --profile other accounts "),
        ("segments completion val", "segments completion val"),
        ("segments list --page", "segments list --page-size "),
        ("segments accounts add VIP --skip", "segments accounts add VIP --skip-invalid "),
        ("segments --no-c", "segments --no-color "),
        ("segments list --no-c", "segments list --no-color "),
        ("segments -o ya", "segments -o yaml "),
        ("segments list -o ch", "segments list -o ch"),
        ("segments list --output ts", "segments list --output tsv "),
        ("segments list --output=ts", "segments list --output=tsv "),
        ("segments serve --log-format j", "segments serve --log-format json "),
        ("segments completion show f", "segments completion show fish "),
        ("segments --profile sp", "segments --profile spare "),
        ("segments --profile=sp", "segments --profile=spare "),
        ("segments profile use sp", "segments profile use spare "),
        ("segments profile add sp", "segments profile add sp"),
        ("segments accounts add VIP --file cust", "segments accounts add VIP --file customers.csv "),
        ("segments --backend sqlite:cust", "segments --backend sqlite:customers.csv "),
        ("segments --backend sq", "segments --backend sqlite:"),
        ("segments --backend=ht", "segments --backend=https://"),
        ("segments list --ca-bundle cust", "segments list --ca-bundle customers.csv "),
    ],
)
def test_commands_options_and_values(shell: Shell, typed: str, completed: str) -> None:
    assert shell.complete(typed).rstrip(" =") == completed.rstrip()  # zsh appends a =


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("segments list --sort na", "segments list --sort name"),
        ("segments list --sort code,na", "segments list --sort code,name"),
        ("segments list --sort 'name d", "segments list --sort 'name desc"),
        ("segments list --fields code,na", "segments list --fields code,name"),
        ("segments list --filter 'na", "segments list --filter 'name "),
        ("segments list --filter 'name c", "segments list --filter 'name cont "),
        ("segments list --filter 'id c", "segments list --filter 'id c"),
        ('segments list --filter "code sw x and na', 'segments list --filter "code sw x and name '),
        ("segments list --filter 'code sw x and name s", "segments list --filter 'code sw x and name sw "),
        ("segments customers list --fields id,exter", "segments customers list --fields id,externalId"),
        ("segments accounts list VIP --with em", "segments accounts list VIP --with emailAddress"),
        ("segments customers list --filter 'id g", "segments customers list --filter 'id g"),
        (
            "segments customers list --filter 'id gt 1 and segments.c",
            "segments customers list --filter 'id gt 1 and segments.code ",
        ),
        (
            "segments customers list --filter 'segments.code e",
            "segments customers list --filter 'segments.code eq ",
        ),
        (
            "segments customers list --filter 'segments.code g",
            "segments customers list --filter 'segments.code g",
        ),
    ],
)
def test_the_query_language(shell: Shell, typed: str, completed: str) -> None:
    # Some shells take a unique value as complete, and close its quote.
    assert shell.complete(typed).rstrip(" '") == completed.rstrip(" '")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("STA", "STAFF"),
        ("STAFF m", "STAFF minus"),
        ("STAFF and not VI", "STAFF and not VIP"),
        ("STAFF or file:cust", "STAFF or file:customers.csv"),
        ('STAFF or "VIP c', 'STAFF or "VIP club"'),
        ("(STAFF or VI", "(STAFF or VIP"),
        ("STAFF <= 5% o", "STAFF <= 5% of"),
        ("STAFF <= 5% of VI", "STAFF <= 5% of VIP"),
        ("STAFF == 5 a", "STAFF == 5 a"),
    ],
)
@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["bare", "single", "double"])
def test_assertions(shell: Shell, typed: str, completed: str, quote: str) -> None:
    after = shell.complete(f"segments check {quoted(typed, quote, shell.name)}")
    # Each shell has its own way to quote; some close the quote of a unique value.
    word = re.sub(r"[\\'\"]", "", after.removeprefix("segments check ")).strip()
    assert word == completed.replace('"', "")


@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["bare", "single", "double"])
@pytest.mark.parametrize(
    ("typed", "passed"),
    [("STAFF <= 5% of VI", "STAFF <= 5% of VIP"), ('(VIP) < 1% of "$(', '(VIP) < 1% of "$(touch x)"')],
)
def test_an_assertion_is_quoted_for_the_shell(shell: Shell, typed: str, passed: str, quote: str) -> None:
    assert shell.last_word(f"segments check {quoted(typed, quote, shell.name)}") == passed
    assert not (shell.segments.home / "x").exists()


@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["bare", "single", "double"])
@pytest.mark.parametrize("start", AWKWARD)
def test_a_completed_code_is_quoted_for_the_shell(shell: Shell, start: str, quote: str) -> None:
    assert shell.last_word(f"segments get {quoted(start, quote, shell.name)}") == AWKWARD[start]
    assert not (shell.segments.home / "x").exists()
    assert not (shell.segments.home / "y").exists()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("segments get STA", "segments get STAFF"),
        ("segments get VIP STA", "segments get VIP STAFF"),
        ("segments update STA", "segments update STAFF"),
        ("segments delete --yes STA", "segments delete --yes STAFF"),
        ("segments accounts add STA", "segments accounts add STAFF"),
        ("segments accounts add STAFF STA", "segments accounts add STAFF STA"),
        ("segments accounts list -- STA", "segments accounts list -- STAFF"),
        ("segments get code:20", "segments get code:2026"),
        ("segments get code:id:", "segments get code:id:7"),
        ("segments get code:-", "segments get code:-dash"),
        ("segments add STA", "segments add STA"),
        ("segments get --fields code STA", "segments get --fields code STAFF"),
        ("segments get --fields=code STA", "segments get --fields=code STAFF"),
    ],
)
def test_codes(shell: Shell, typed: str, completed: str) -> None:
    assert shell.complete(typed).rstrip() == completed


@pytest.mark.parametrize(
    "words",
    [
        "--profile other get",
        "get --profile=other",
        '--backend "sqlite:else where.db" get',
        "--backend=sqlite:else\\ where.db get",
    ],
)
def test_codes_of_the_backend_that_the_line_names(shell: Shell, words: str) -> None:
    assert shell.complete(f"segments {words} E").rstrip() == f"segments {words} ELSEWHERE"


@pytest.mark.parametrize("code", UNSAFE)
def test_a_code_with_control_characters_is_not_offered(shell: Shell, code: str) -> None:
    typed = f"segments get {code[:3]}"
    assert shell.complete(typed) == typed


def test_nothing_is_expanded(shell: Shell) -> None:
    typed = 'segments --backend "$(touch z)" get STA'
    assert shell.complete(typed).rstrip() == typed
    assert not (shell.segments.home / "z").exists()


def test_a_redirection_completes_to_files(shell: Shell) -> None:
    assert shell.complete("segments list > custo").rstrip() == "segments list > customers.csv"
