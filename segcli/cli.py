"""One run of a command line: it is read, its command is called, and errors become messages and exit codes."""

import os
import sys
from collections.abc import Sequence

from segcli.arguments import read
from segcli.errors import SegcliError, UsageError, UserInterruptError
from segcli.session import Session
from segcli.terminal import Terminal


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and answers its exit code; every error is told here and nowhere else."""
    arguments = sys.argv[1:] if arguments is None else arguments
    terminal = Terminal(os.environ)
    session = Session(terminal, arguments)
    try:
        terminal.require_stdout()
        code = _call(arguments, session)
        terminal.flush()
        return code
    except BrokenPipeError:
        terminal.drop_output()
        return 0
    except SegcliError as error:
        terminal.finish()
        session.report(error)
        return error.exit_code
    except Exception as error:
        if os.environ.get("SEGMENTS_DEBUG") == "1":
            raise
        terminal.finish()
        fault = SegcliError(
            f"a fault in segcli: {type(error).__name__}: {error}",
            hint="SEGMENTS_DEBUG=1 shows where; please report it",
        )
        session.report(fault)
        return fault.exit_code


def _call(arguments: Sequence[str], session: Session) -> int:
    """Calls what `arguments` ask for; nothing more is to be done where that was help or the version."""
    _check_encoding(arguments)
    try:
        call = read(arguments, session)
        return call(session) if call else 0
    except KeyboardInterrupt:
        raise UserInterruptError("interrupted: what was not finished was left undone") from None


def _check_encoding(arguments: Sequence[str]) -> None:
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UsageError(f"the argument {argument} is no valid UTF-8") from None
