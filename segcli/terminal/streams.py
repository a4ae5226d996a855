"""The three standard streams: the result on stdout; messages, errors and prompts on stderr.

All facts about the terminal are in one object that is created at the start, or by a test.
"""

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import BinaryIO, TextIO

from segcli.errors import DeclinedError, OutputError, SegcliError, UsageError, interruption
from segcli.text import colored_change, visible

_STDOUT, _STDERR = 1, 2


class _Utf8(io.TextIOWrapper):
    """Writes to a binary stream, and leaves it open when garbage-collected."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream, encoding="utf-8", errors="backslashreplace", newline="\n")

    def __del__(self) -> None:
        with suppress(ValueError, OSError):
            self.detach()


class Terminal:
    """What the streams can do (prompt, color, width), and the methods that write to them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.can_prompt = _is_tty(sys.stdin) and _is_tty(sys.stderr)
        self.stdout_is_tty = _is_tty(sys.stdout)
        plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        self.stdout_color = self.stdout_is_tty and not plain
        self.stderr_is_tty = _is_tty(sys.stderr)
        self.stderr_is_live = self.stderr_is_tty and environ.get("TERM") != "dumb"  # can erase a line
        self.stderr_color = self.stderr_is_tty and not plain
        self.width = _width(environ) if self.stdout_is_tty else _columns(environ)
        self.quiet = False
        self.wait_listener: Callable[[str | None], None] | None = None  # shows waits instead of us
        self.erase_progress: Callable[[], None] | None = None  # while progress is shown
        self._waiting = False
        self._stdout: TextIO | None = None

    @property
    def stdout(self) -> TextIO:
        """Buffered UTF-8 with LF line ends on every locale and platform."""
        if self._stdout is None:
            # A second buffer over the same descriptor, or over a replacement of sys.stdout.
            self._stdout = _Utf8(sys.stdout.buffer)
        return self._stdout

    def require_stdout(self) -> None:
        """Raises OutputError if stdout is closed; the next file to be opened would get its descriptor."""
        if sys.stdout is None:
            raise OutputError("stdout is closed; the result cannot be written")

    @contextmanager
    def output(self) -> Iterator[TextIO]:
        """stdout, for one piece of output that is complete at the end of the block.

        If the reader is gone, the block ends early and quietly: a pipe to `head` is not a failure.
        Raises OutputError if stdout cannot be written for another reason.
        """
        try:
            yield self.stdout
            self.stdout.flush()
        except BrokenPipeError:
            self.drop_output()
        except OSError as error:
            raise _output_error(error) from error

    def finish(self) -> None:
        """Erases progress, and writes what an error left in the buffer; a stdout that fails is ignored."""
        if self.erase_progress:
            self.erase_progress()
        if self._stdout is None:
            return
        try:
            self._stdout.flush()
        except OSError:
            self.drop_output()

    def drop_output(self) -> None:
        """Discards the buffer: stdout has no reader any more."""
        _redirect_to_null(_STDOUT)

    def disable_color(self) -> None:
        self.stdout_color = self.stderr_color = False

    def info(self, line: str) -> None:
        """Writes a message to stderr, unless --quiet."""
        if not self.quiet:
            self.write_error(visible(line))

    def show_changes(self, lines: Iterable[str]) -> None:
        """Writes a plan to stderr, before the question whether to apply it."""
        for line in lines:
            self.write_error(colored_change(visible(line)) if self.stderr_color else visible(line))

    def write_error(self, text: str) -> None:
        """Writes `text` and a newline to stderr, even with --quiet; a failing stderr is ignored."""
        self._put(text + "\n")

    def _put(self, text: str) -> None:
        if sys.stderr is None:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            _redirect_to_null(_STDERR)  # or the interpreter tries again at exit, and fails

    def show_wait(self, text: str | None) -> None:
        """Shows a wait, or its end (None): on a terminal a line that is erased, elsewhere one line a wait."""
        if self.quiet or sys.stderr is None:
            return
        if self.wait_listener:
            self.wait_listener(text)
        elif self.stderr_is_live:
            self.put_wait(text)
        elif text and not self._waiting:
            self.write_error(text)
        self._waiting = text is not None

    def put_wait(self, text: str | None) -> None:
        """Writes a line in place of the one before it, without a newline; None erases that one."""
        self._put(f"\r\x1b[K{text or ''}")

    def prompt_secret(self, question: str) -> str | None:
        """Prompts for text without echoing it; None if there is no terminal, or at end of file."""
        if not self.can_prompt:
            return None
        from getpass import getpass

        try:
            return getpass(visible(question), stream=sys.stderr)
        except (EOFError, OSError):  # OSError: the terminal has hung up
            self.write_error("")
            return None
        except UnicodeDecodeError:
            raise _not_text("the secret") from None
        except KeyboardInterrupt:
            self.write_error("")  # the message starts on a line of its own
            raise

    def read_secret(self) -> str:
        """The first line of stdin, for a piped secret. Raises UsageError if it cannot be read."""
        try:
            return sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""
        except UnicodeDecodeError:
            raise _not_text("the secret on stdin") from None
        except OSError as error:
            raise UsageError(f"cannot read the secret from stdin: {error.strerror}") from error

    def report(self, error: SegcliError) -> None:
        """Writes an error: one line, its detail, and its hint."""
        bold_red, cyan, plain = ("\x1b[1;31m", "\x1b[36m", "\x1b[0m") if self.stderr_color else ("",) * 3
        named = f" (correlation id {visible(error.correlation_id)})" if error.correlation_id else ""
        self.write_error(f"{bold_red}error:{plain} {visible(error.message)}{named}")
        for line in error.detail:
            self.write_error(f"  {visible(line)}")
        if error.hint:
            self.write_error(f"{cyan}hint:{plain} {visible(error.hint)}")

    def confirm(self, question: str, *, yes: bool) -> None:
        """Asks for confirmation, unless `yes`.

        Called before anything is changed. Raises UsageError if there is no terminal to ask on,
        DeclinedError if the answer is not yes, UserInterruptError.
        """
        if yes:
            return
        self.require_yes(yes, question[:1].lower() + question[1:].removesuffix("?"))
        try:
            self._put(f"{visible(question)} [y/N] ")
            answer = sys.stdin.readline()
        except KeyboardInterrupt as signal:
            self.write_error("")  # the terminal echoed ^C on the line of the question
            raise interruption(signal, after="nothing was changed") from None
        except (OSError, UnicodeDecodeError):  # the terminal has hung up, or the answer is not text
            answer = ""
        if not answer.endswith("\n"):
            self.write_error("")
        if answer.strip().lower() not in ("y", "yes"):
            raise DeclinedError("cancelled; nothing was changed")

    def require_yes(self, yes: bool, action: str) -> None:
        """Raises UsageError, before any work, if `action` needs a confirmation that cannot be asked for.

        `action` is a verb and its object, such as "delete VIP".
        """
        if not yes and not self.can_prompt:
            stream = "stderr" if _is_tty(sys.stdin) else "stdin"
            raise UsageError(
                f"refusing to {action} without confirmation: {stream} is not a terminal",
                hint="pass --yes to skip the prompt",
            )


def _output_error(error: OSError) -> OutputError:
    """The error for a stdout that cannot be written."""
    return OutputError(
        f"cannot write the result to stdout: {error.strerror}",
        hint="changes that the command made are kept; only its output is incomplete",
    )


def _not_text(what: str) -> UsageError:
    return UsageError(f"{what} is not valid UTF-8")


def _redirect_to_null(descriptor: int) -> None:
    """Sends what a stream has buffered, and all that follows, to the null device."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        if nowhere != descriptor:
            os.close(nowhere)


def _is_tty(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # a closed stream
        return False


def _columns(environ: Mapping[str, str]) -> int | None:
    columns = environ.get("COLUMNS", "")
    valid = columns.isascii() and columns.isdigit() and len(columns) < 6
    return (int(columns) or None) if valid else None


def _width(environ: Mapping[str, str]) -> int:
    columns = _columns(environ)
    if columns is not None:
        return columns
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
