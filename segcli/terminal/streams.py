"""The three standard streams: what they are, what is said on stderr, and how a question is asked.

All facts about the terminal are in one object, made at the start, that a test can make too.
"""

import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO, TextIO

from segcli.errors import DeclinedError, OutputError, SegcliError, UsageError
from segcli.text import visible

_STDOUT, _STDERR = 1, 2


class _Utf8(io.TextIOWrapper):
    """Writes to a binary stream, and leaves it open when it is collected."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream, encoding="utf-8", errors="backslashreplace", newline="\n")

    def __del__(self) -> None:
        with suppress(ValueError, OSError):
            self.detach()


class Terminal:
    """Where the result goes, where everything else is said, and who can be asked."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.can_prompt = _is_tty(sys.stdin) and _is_tty(sys.stderr)
        self.stdout_is_tty = _is_tty(sys.stdout)
        plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        self.stdout_color = self.stdout_is_tty and not plain
        self.stderr_is_tty = _is_tty(sys.stderr)
        self.stderr_color = self.stderr_is_tty and not plain
        self.width = _width(environ) if self.stdout_is_tty else _columns(environ)
        self.quiet = False
        self.wait_listener: Callable[[str | None], None] | None = None  # who tells of waits in our stead
        self._waiting = False
        self._stdout: TextIO | None = None

    @property
    def stdout(self) -> TextIO:
        """Buffered UTF-8 with plain newlines, whatever the locale and the platform are set to."""
        if self._stdout is None:
            # A second buffer over the same descriptor, or over what has replaced sys.stdout.
            self._stdout = _Utf8(sys.stdout.buffer)
        return self._stdout

    def require_stdout(self) -> None:
        """Refuses, before any work, a stdout that is closed; a file opened next would take its place."""
        if sys.stdout is None:
            raise OutputError("stdout is closed: there is nowhere to write the result")

    def flush(self) -> None:
        """Writes what is still buffered. Raises BrokenPipeError, or OutputError for any other failure."""
        if self._stdout is None:
            return
        try:
            self._stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise output_error(error) from error

    def finish(self) -> None:
        """Writes what an error has left in the buffer, as far as stdout takes it."""
        try:
            self.flush()
        except (BrokenPipeError, OutputError):
            self.drop_output()

    def drop_output(self) -> None:
        """Lets go of what is still buffered, which nobody can read any more."""
        _redirect_to_null(_STDOUT)

    def disable_color(self) -> None:
        self.stdout_color = self.stderr_color = False

    def info(self, line: str) -> None:
        """A line for the person, on stderr; --quiet leaves it out."""
        if not self.quiet:
            self.write_error(visible(line))

    def write_error(self, text: str) -> None:
        """Text on stderr as it is, quiet or not; a stderr that cannot take it is no failure."""
        self._put(text + "\n")

    def _put(self, text: str) -> None:
        if sys.stderr is None:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            _redirect_to_null(_STDERR)  # or the interpreter would try once more, and fail, at its end

    def show_wait(self, text: str | None) -> None:
        """Tells of a wait: on a terminal a line that lives as long as the wait, elsewhere one line."""
        if self.quiet or sys.stderr is None:
            return
        if self.wait_listener:
            self.wait_listener(text)
        elif self.stderr_is_tty:
            self._put(f"\r\x1b[K{text or ''}")
        elif text and not self._waiting:
            self.write_error(text)
        self._waiting = text is not None

    def prompt_secret(self, question: str) -> str | None:
        """What is typed, unseen, in answer to `question`; None where nobody can be asked."""
        if not self.can_prompt:
            return None
        from getpass import getpass

        return getpass(visible(question), stream=sys.stderr)

    def read_secret(self) -> str:
        """The first line of stdin, for a secret that is piped in."""
        return sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""

    def report(self, error: SegcliError) -> None:
        """An error as a person reads it: a line, its detail, and what to do next."""
        bold_red, cyan, plain = ("\x1b[1;31m", "\x1b[36m", "\x1b[0m") if self.stderr_color else ("",) * 3
        named = f" (correlation id {visible(error.correlation_id)})" if error.correlation_id else ""
        self.write_error(f"{bold_red}error:{plain} {visible(error.message)}{named}")
        for line in error.detail:
            self.write_error(f"  {visible(line)}")
        if error.hint:
            self.write_error(f"{cyan}hint:{plain} {visible(error.hint)}")

    def confirm(self, question: str, *, yes: bool) -> None:
        """Asks before something is destroyed, unless `yes` has said so already.

        Raises UsageError where nobody can be asked, DeclinedError where the answer is not yes.
        """
        if yes:
            return
        self.require_yes(yes)
        sys.stderr.write(f"{visible(question)} [y/N] ")
        sys.stderr.flush()
        try:
            answer = sys.stdin.readline()
        except KeyboardInterrupt:
            self.write_error("")  # the terminal has written ^C on the question's line
            raise
        if not answer.endswith("\n"):
            self.write_error("")
        if answer.strip().lower() not in ("y", "yes"):
            raise DeclinedError("nothing was changed: the answer was not yes")

    def require_yes(self, yes: bool) -> None:
        """Refuses, before any work, what would have to be asked where nobody can be."""
        if not yes and not self.can_prompt:
            raise UsageError(
                "this is asked about first, and there is no terminal to ask on",
                hint="say --yes to go ahead without being asked",
            )


def output_error(error: OSError) -> OutputError:
    """The error for a result that stdout does not take."""
    return OutputError(
        f"the result cannot be written: {error.strerror}",
        hint="what the command changed stays changed; only its result is missing",
    )


def _redirect_to_null(descriptor: int) -> None:
    """Sends what a stream still holds, and all that follows, to the null device."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        if nowhere != descriptor:
            os.close(nowhere)


def _is_tty(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # a stream that has been closed
        return False


def _columns(environ: Mapping[str, str]) -> int | None:
    columns = environ.get("COLUMNS", "")
    said = columns.isascii() and columns.isdigit() and len(columns) < 6
    return (int(columns) or None) if said else None


def _width(environ: Mapping[str, str]) -> int:
    columns = _columns(environ)
    if columns is not None:
        return columns
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
