"""Real shells on a terminal, with our completion loaded as `segments completion install` says."""

import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.support.command import COMMAND, Segments
from tests.support.programs import program

SHELLS = ("bash", "zsh", "fish")
PROMPT = "READY$ "
REPORT = "\x18d"  # Ctrl-X d: writes the current line to a file
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"

# A function with the command's name records its last argument; the completion calls the real command.
_SETTINGS = {
    "bash": r"""
        segments() { printf %s "${@: -1}" >"$HOME/last.new" && mv "$HOME/last.new" "$HOME/last"; }
        PS1='READY$ '
        bind 'set enable-bracketed-paste off'
        report() { printf %s "$READLINE_LINE" >"$HOME/line.new" && mv "$HOME/line.new" "$HOME/line"; }
        bind -x '"\C-xd": report'
    """,
    "zsh": r"""
        segments() { print -rn -- "${@[-1]}" >$HOME/last.new && mv $HOME/last.new $HOME/last }
        PS1='READY$ '
        unsetopt beep prompt_sp
        unset zle_bracketed_paste
        autoload -Uz compinit && compinit -u -D
        report() { print -rn -- "$BUFFER" >$HOME/line.new && mv $HOME/line.new $HOME/line }
        zle -N report
        bindkey '^Xd' report
    """,
    "fish": r"""
        function segments; printf %s $argv[-1] >$HOME/last.new; mv $HOME/last.new $HOME/last; end
        function fish_prompt; echo -n 'READY$ '; end
        function fish_greeting; end
        function report; printf %s (commandline -b) >$HOME/line.new; mv $HOME/line.new $HOME/line; end
        bind \cxd report
    """,
}


class Shell:
    """A shell at its prompt, in the command's own home."""

    def __init__(self, name: str, segments: Segments, *, package: bool = True, rc: str = "") -> None:
        """`package`: whether bash has the package bash-completion; `rc` is added to the user's own file."""
        self.name = name
        self.segments = segments
        file = segments.home / {"bash": ".bashrc", "zsh": ".zshrc", "fish": "config/fish/config.fish"}[name]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_loading(name, segments, package) + _SETTINGS[name] + rc)
        self.child = pexpect.spawn(
            program(name),
            ["--rcfile", str(file), "-i"] if name == "bash" else ["-i"],
            env={**segments.env, "PATH": f"{Path(COMMAND).parent}:{segments.env['PATH']}"},
            cwd=str(segments.home),
            dimensions=(40, 200),
            encoding="utf-8",
            timeout=20,
        )
        self.child.delaybeforesend = None
        self.child.expect_exact(PROMPT)

    def complete(self, typed: str) -> str:
        """The line after `typed` and TAB."""
        return self._written("\x05\x15" + typed + "\t" + REPORT, self.segments.home / "line")

    def last_word(self, typed: str) -> str:
        """The last argument that the shell passes, when `typed` is completed and then run."""
        self.complete(typed)
        return self._written("\r", self.segments.home / "last")

    def _written(self, keys: str, path: Path) -> str:
        """What the shell writes to a file, in one step, when these keys are pressed."""
        path.unlink(missing_ok=True)
        self.child.send(keys)
        deadline = time.monotonic() + 20
        while not path.exists():
            assert time.monotonic() < deadline, f"{self.name} does not react to {keys!r}"
            with suppress(pexpect.TIMEOUT):  # the shell would block on a full terminal
                self.child.read_nonblocking(65_536, timeout=0.005)
        return path.read_text()

    def close(self) -> None:
        self.child.kill(signal.SIGKILL)
        self.child.wait()
        process: Any = self.child  # its stubs lack `ptyproc`
        process.ptyproc.delayafterclose = 0
        self.child.close()


def _loading(name: str, segments: Segments, package: bool) -> str:
    """The lines that the shell's own file needs, as `install` prints them."""
    todo = segments.ok("completion", "install", name, "-o", "json").json["next"]
    if name == "bash" and package:
        if not os.path.exists(BASH_COMPLETION):
            pytest.skip("bash-completion is not installed")
        return f"source {BASH_COMPLETION}\n"
    found = re.search(r"fpath=.*|source .*", todo)
    return f"{found.group()}\n" if found else ""


def quoted(text: str, quote: str, shell: str) -> str:
    """The text as somebody types it in a shell: inside a quote that stays open, or bare."""
    if quote == "'":
        return "'" + text.replace("'", "\\'" if shell == "fish" else "'\\''")
    if quote == '"':
        special = '"\\$' if shell == "fish" else '"\\$`'
        return '"' + "".join(f"\\{c}" if c in special else c for c in text)
    return "".join(c if c.isalnum() or c in "=:@." or ord(c) > 127 else f"\\{c}" for c in text)
