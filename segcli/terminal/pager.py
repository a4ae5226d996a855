"""Shows output that is longer than the screen in a pager; imported only if stdout is a terminal."""

import io
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, TextIO, cast

from segcli.terminal.streams import Terminal
from segcli.text import display_width

_DEFAULT = "less -FRX"
_LESS = "FRX"  # the options of a `less` that PAGER names without any; -R shows colors
_ESCAPES = re.compile("\x1b\\[[0-9;]*m")


@contextmanager
def paged(terminal: Terminal, stdout: TextIO, environ: Mapping[str, str]) -> Iterator[TextIO]:
    """A stream to write to; once more than a screen was written, a pager shows it instead of `stdout`.

    Ends when the user quits the pager, which also ends the block quietly. Until then no messages are
    shown. A pager that cannot be started is not used.
    """
    command = _command(environ)
    if not command:
        yield stdout
        return
    stream = Pages(terminal, stdout, command, environ)
    quiet = terminal.quiet
    try:
        yield cast(TextIO, stream)  # as much of it as the formats use
    except BrokenPipeError:
        if not stream.started:  # it is the terminal itself
            raise
    finally:
        stream.finish()
        terminal.quiet = quiet


def _command(environ: Mapping[str, str]) -> list[str]:
    """The command of the pager; empty if there is to be none."""
    text = environ.get("SEGMENTS_PAGER")
    if text is None:
        text = environ.get("PAGER", _DEFAULT)
    if environ.get("TERM") == "dumb" or text.strip() == "cat":
        return []
    try:
        return shlex.split(text)
    except ValueError:
        return []


class Pages(io.TextIOBase):
    """Holds back at most a screen; what follows goes to the pager."""

    def __init__(
        self, terminal: Terminal, stdout: TextIO, command: list[str], environ: Mapping[str, str]
    ) -> None:
        self._terminal = terminal
        self._stdout = stdout
        self._command = command
        self._environ = environ
        self._columns = max(1, terminal.width or 80)
        self._left = _screen_height() - 1  # the shell's prompt takes a line
        self._held: list[str] = []
        self._stream: IO[str] | None = None  # where output goes once it is longer than a screen
        self._pager: subprocess.Popen[str] | None = None

    @property
    def started(self) -> bool:
        return self._pager is not None

    def write(self, text: str) -> int:
        if self._stream is None:
            self._held.append(text)
            self._left -= self._height(text)
            if self._left < 0:
                self._start()
        else:
            self._stream.write(text)
        return len(text)

    def finish(self) -> None:
        """Writes what is held back, and waits until the user has quit the pager."""
        if self._stream is None:
            self._stdout.write("".join(self._held))
        if self._stream is None or self._pager is None:
            return
        before = signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is a key of the pager
        try:
            with suppress(OSError):
                self._stream.close()
            self._pager.wait()
        finally:
            signal.signal(signal.SIGINT, before)

    def _height(self, text: str) -> int:
        """How many lines the terminal needs; a line that is not complete counts when it ends."""
        lines = text.split("\n")[:-1]
        return sum(-(-max(1, display_width(_ESCAPES.sub("", line))) // self._columns) for line in lines)

    def _start(self) -> None:
        stream: IO[str] = self._stdout
        with suppress(OSError):
            self._pager = subprocess.Popen(  # noqa: S603 - the user's own command, run without a shell
                self._command,
                stdin=subprocess.PIPE,
                env={"LESS": _LESS, **self._environ},
                encoding="utf-8",
                errors="backslashreplace",
            )
            stream = self._pager.stdin or stream
            self._terminal.quiet = True
        self._stream = stream
        stream.write("".join(self._held))
        stream.flush()
        self._held.clear()


def _screen_height() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).lines or 24
    except (OSError, ValueError):
        return 24
