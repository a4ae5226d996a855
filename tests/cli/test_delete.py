"""segments delete: what it deletes, and its confirmation."""

import re

import pexpect
import pytest

from tests.support.command import Segments
from tests.support.shell import ended, spawn
from tests.support.stores import fill_accounts

QUESTION = re.compile(r"Delete (.*)\? \[y/N\] ")


def asked(child: "pexpect.spawn[str]") -> str:
    """What the confirmation on the terminal names."""
    child.expect(QUESTION)
    return str(child.match.group(1)) if isinstance(child.match, re.Match) else ""


def codes(segments: Segments) -> list[str]:
    return segments.ok("list", "-o", "code").lines


def test_the_confirmation_names_the_segment_its_id_and_its_associations(vip: Segments) -> None:
    fill_accounts(vip, 1, range(1, 1205))
    child = vip.terminal("delete", "VIP", columns=120)
    assert re.fullmatch(r"VIP \(id 1\),? and its 1,204 account associations", asked(child))
    child.sendline("y")
    assert ended(child)[0] == 0


def test_the_confirmation_names_each_of_several_segments(vip: Segments) -> None:
    child = vip.terminal("delete", "STAFF", "VIP", columns=120)
    question = asked(child)
    for part in ("STAFF (id 2)", "VIP (id 1)", "3 account associations"):
        assert part in question
    child.sendline("n")
    ended(child)


def test_the_confirmation_counts_segments_it_does_not_name(pages: Segments) -> None:
    child = pages.terminal("delete", *map(str, range(1, 31)), columns=200)
    question = asked(child)
    named = question.count("(id ")
    assert f"{30 - named} more" in question
    assert named < 30
    child.sendline("n")
    ended(child)
    assert pages.ok("get", "1", "-o", "id").stdout == "1\n"


def test_the_confirmation_escapes_control_characters(segments: Segments) -> None:
    segments.ok("add", "\x1b[2J\x1b]0;gone\x07[red]")
    child = segments.terminal("delete", "1", columns=120)
    question = asked(child)
    assert "\x1b" not in question
    assert "\x07" not in question
    assert "[red]" in question
    child.sendline("n")
    ended(child)


@pytest.mark.parametrize("answer", ["y", "Y", "yes", "YES", " y "])
def test_yes_deletes(vip: Segments, answer: str) -> None:
    child = vip.terminal("delete", "VIP")
    asked(child)
    child.sendline(answer)
    code, text = ended(child)
    assert code == 0
    assert "deleted" in text
    assert codes(vip) == ["STAFF"]


@pytest.mark.parametrize("answer", ["n", "no", "", "yess", "j", "0"])
def test_any_other_answer_changes_nothing(vip: Segments, answer: str) -> None:
    child = vip.terminal("delete", "VIP")
    asked(child)
    child.sendline(answer)
    code, text = ended(child)
    assert code == 1
    assert "error: " in text.replace("\x1b[1;31m", "").replace("\x1b[0m", "")
    assert codes(vip) == ["VIP", "STAFF"]


def test_the_end_of_input_means_no(vip: Segments) -> None:
    child = vip.terminal("delete", "VIP")
    asked(child)
    child.sendeof()
    assert ended(child)[0] == 1
    assert codes(vip) == ["VIP", "STAFF"]


def test_ctrl_c_at_the_confirmation_is_an_interruption(vip: Segments) -> None:
    child = vip.terminal("delete", "VIP", NO_COLOR="1")
    asked(child)
    child.sendintr()
    code, text = ended(child)
    assert code == 130
    assert "error: interrupted" in text
    assert "Traceback" not in text
    assert codes(vip) == ["VIP", "STAFF"]


def test_with_yes_there_is_no_confirmation(vip: Segments) -> None:
    done = vip.shown("delete", "VIP", "--yes")
    assert done.code == 0
    assert "[y/N]" not in done.stdout
    assert codes(vip) == ["STAFF"]


def test_it_asks_if_only_stdout_is_piped(vip: Segments) -> None:
    child = spawn(vip, "segments delete VIP -o code | sed 's/^/deleted: /'")
    asked(child)
    child.sendline("y")
    assert "deleted: VIP" in ended(child)[1]


def test_it_refuses_if_stderr_is_not_a_terminal(vip: Segments) -> None:
    child = spawn(vip, "segments delete VIP 2>stderr")
    code, text = ended(child)
    assert (code, text) == (2, "")
    assert "--yes" in (vip.home / "stderr").read_text()
    assert codes(vip) == ["VIP", "STAFF"]


def test_it_refuses_without_a_terminal(vip: Segments) -> None:
    done = vip("delete", "VIP", stdin="y\n")
    assert (done.code, done.stdout) == (2, "")
    assert "--yes" in done.stderr
    assert codes(vip) == ["VIP", "STAFF"]


def test_without_a_terminal_it_refuses_and_deletes_nothing(vip: Segments) -> None:
    done = vip("delete", "VIP", "-v")
    assert done.code == 2
    assert "DELETE" not in done.stderr
    assert codes(vip) == ["VIP", "STAFF"]


def test_a_missing_segment_is_reported_before_a_missing_terminal(vip: Segments) -> None:
    done = vip("delete", "VIP", "NOPE")
    assert (done.code, done.stderr.splitlines()[0]) == (3, "error: there is no segment with code NOPE")
    assert vip("delete", "NOPE", "--ignore-missing").code == 0


def test_yes_deletes_without_a_terminal(vip: Segments) -> None:
    done = vip.ok("delete", "VIP", "STAFF", "--yes", "-o", "json")
    assert done.json["items"] == [
        {"id": 1, "code": "VIP", "accounts": 2, "result": "deleted"},
        {"id": 2, "code": "STAFF", "accounts": 1, "result": "deleted"},
    ]
    assert codes(vip) == []


def test_a_missing_segment_prevents_all_deletions(vip: Segments) -> None:
    done = vip("delete", "VIP", "NOPE", "--yes")
    assert (done.code, done.stdout) == (3, "")
    assert "NOPE" in done.stderr
    assert codes(vip) == ["VIP", "STAFF"]


def test_ignore_missing_skips_a_missing_segment(vip: Segments) -> None:
    done = vip.ok("delete", "VIP", "NOPE", "--yes", "--ignore-missing", "-o", "code")
    assert done.lines == ["VIP"]
    assert "NOPE" in done.stderr
    assert codes(vip) == ["STAFF"]


def test_ignore_missing_with_nothing_to_delete(vip: Segments) -> None:
    assert vip.ok("delete", "NOPE", "--yes", "--ignore-missing", "-o", "json").json == {"items": []}


def test_there_is_no_confirmation_if_there_is_nothing_to_delete(vip: Segments) -> None:
    done = vip.shown("delete", "NOPE", "--ignore-missing")
    assert done.code == 0
    assert "[y/N]" not in done.stdout


def test_a_segment_named_twice_is_deleted_once(vip: Segments) -> None:
    assert vip.ok("delete", "VIP", "1", "--yes", "-o", "id").lines == ["1"]


def test_the_accounts_keep_their_other_memberships(vip: Segments) -> None:
    vip.ok("delete", "VIP", "--yes")
    assert vip.ok("accounts", "of", "1002", "-o", "code").lines == ["STAFF"]
    assert vip.ok("accounts", "of", "1001", "-o", "code").lines == []
