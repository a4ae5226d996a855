"""Runs the user's editor on a private file."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from segcli.errors import SegcliError, UsageError
from segcli.paths import new_private_file
from segcli.terminal.streams import Terminal

_DEFAULT = "notepad" if sys.platform == "win32" else "vi"
_MAX_BYTES = 1_000_000  # of an edited text; more is not text that a person has written


class Draft:
    """A text that the user edits, in a private file that is removed unless it is kept."""

    def __init__(self, path: str, command: list[str], variable: str, output: int | None) -> None:
        self.path = path
        self.kept = False
        self._command = command
        self._variable = variable
        self._output = output

    def edit(self, text: str) -> str:
        """The text after the user has edited it. Raises UsageError, SegcliError if the editor fails."""
        try:
            with open(self.path, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            with _leaving_ctrl_c_to_the_editor():
                ran = subprocess.run(  # noqa: S603 - the user's own command, run without a shell
                    [*self._command, self.path], stdout=self._output, check=False
                )
        except OSError as error:
            raise UsageError(
                f"the editor '{self._command[0]}' ({self._variable}) cannot be run: {error.strerror}",
                hint="set VISUAL or EDITOR to the command of an editor",
            ) from error
        if ran.returncode:
            ended = f"exited with {ran.returncode}"
            if ran.returncode < 0:
                ended = f"was ended by signal {-ran.returncode}"
            raise SegcliError(f"the editor {ended}; nothing was changed")
        return self._read()

    def _read(self) -> str:
        try:
            with open(self.path, encoding="utf-8") as file:
                text = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"{self.path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            raise UsageError("the edited text is not valid UTF-8; nothing was changed") from None
        if len(text) > _MAX_BYTES:
            raise UsageError(f"the edited text is longer than {_MAX_BYTES:,} characters; nothing was changed")
        return text


@contextmanager
def draft_file(terminal: Terminal, environ: Mapping[str, str], name: str) -> Iterator[Draft]:
    """A draft in a new file called `name`, which has an extension that editors know.

    Raises UsageError without a terminal, or if VISUAL or EDITOR is not a command.
    """
    if not terminal.can_prompt:
        raise UsageError("an editor needs a terminal", hint="change single fields with: segments update")
    variable = next((each for each in ("VISUAL", "EDITOR") if environ.get(each, "").strip()), "")
    try:
        command = shlex.split(environ[variable]) if variable else [_DEFAULT]
    except ValueError as error:
        raise UsageError(f"{variable} is not a valid command: {str(error).lower()}") from None
    # The result may go to a pipe, but the editor draws on the terminal.
    output = None if terminal.stdout_is_tty else sys.stderr.fileno()
    draft = Draft(new_private_file(name), command, variable or "default", output)
    try:
        yield draft
    finally:
        if not draft.kept:
            with suppress(OSError):  # an editor may have removed it
                os.unlink(draft.path)


@contextmanager
def _leaving_ctrl_c_to_the_editor() -> Iterator[None]:
    """A handler that does nothing: an ignored signal would be ignored by the editor too."""
    do_nothing: Callable[..., None] = lambda *_: None  # noqa: E731
    before = signal.signal(signal.SIGINT, do_nothing)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
