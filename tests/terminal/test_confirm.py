"""Confirmation: who can be asked, what an answer means, how a refusal reads."""

import io
import sys

import pytest

from segcli.errors import DeclinedError, UsageError
from segcli.terminal.streams import Terminal
from tests.support.command import Segments

QUESTION = "Delete VIP (id 12) and its 3 account associations?"


class Tty(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(
    monkeypatch: pytest.MonkeyPatch, answer: str, *, stdin_tty: bool = True, stderr_tty: bool = True
) -> Terminal:
    monkeypatch.setattr(sys, "stdin", Tty(answer) if stdin_tty else io.StringIO(answer))
    monkeypatch.setattr(sys, "stderr", Tty() if stderr_tty else io.StringIO())
    return Terminal({})


def test_yes_skips_the_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal(monkeypatch, "", stdin_tty=False).confirm(QUESTION, yes=True)


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "Y\n", " YES \n"])
def test_yes_confirms(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    asked = terminal(monkeypatch, answer)
    asked.confirm(QUESTION, yes=False)
    assert isinstance(sys.stderr, Tty)
    assert sys.stderr.getvalue() == f"{QUESTION} [y/N] "


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yess\n", "ja\n"])
def test_anything_else_cancels(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    with pytest.raises(DeclinedError, match=r"^cancelled; nothing was changed$"):
        terminal(monkeypatch, answer).confirm(QUESTION, yes=False)


@pytest.mark.parametrize(("stdin_tty", "missing"), [(False, "stdin"), (True, "stderr")])
def test_without_a_terminal_the_refusal_names_the_action(
    monkeypatch: pytest.MonkeyPatch, stdin_tty: bool, missing: str
) -> None:
    asked = terminal(monkeypatch, "y\n", stdin_tty=stdin_tty, stderr_tty=False)
    with pytest.raises(UsageError) as early:
        asked.require_yes(False, "delete VIP")
    assert early.value.message == f"refusing to delete VIP without confirmation: {missing} is not a terminal"
    assert early.value.hint == "pass --yes to skip the prompt"
    with pytest.raises(
        UsageError, match=r"^refusing to delete VIP \(id 12\) and its 3 account associations with"
    ):
        asked.confirm(QUESTION, yes=False)


def test_a_closed_stdin_cannot_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = terminal(monkeypatch, "")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="stdin is not a terminal"):
        Terminal({}).require_yes(False, "delete VIP")
    asked.require_yes(True, "delete VIP")


def test_ctrl_c_at_the_prompt_starts_a_line(segments: Segments) -> None:
    segments.ok("add", "VIP")
    child = segments.terminal("delete", "VIP", NO_COLOR="1")
    child.expect(r"\[y/N\] ")
    child.sendintr()
    text = child.read()
    child.close()
    assert child.exitstatus == 130
    assert text.replace("\r\n", "\n") == "^C\nerror: interrupted; nothing was changed\n"


@pytest.mark.parametrize(
    ("key", "code", "message"), [("sendintr", 130, "error: interrupted\n"), ("sendeof", 5, "error: ")]
)
def test_ctrl_c_and_ctrl_d_at_a_prompt_for_a_secret(
    segments: Segments, key: str, code: int, message: str
) -> None:
    segments.env |= {"KIBO_API_HOST": "http://127.0.0.1:9", "KIBO_CLIENT_ID": "app"}
    child = segments.terminal("list", NO_COLOR="1")
    child.expect("Shared secret of app: ")
    getattr(child, key)()
    text = child.read().replace("\r\n", "\n")
    child.close()
    assert (child.exitstatus, text[: len(message) + 1]) == (code, f"\n{message}")
    assert "a bug in segcli" not in text
