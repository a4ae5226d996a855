"""One run of the command line: parse it, call what it asks for, report errors."""

import math
import os
import sys
import time
from collections.abc import Sequence

from segcli.errors import Termination, UsageError, interruption
from segcli.parser import output_requested, parse
from segcli.session import Session
from segcli.terminal.streams import Terminal

_SAME_REQUEST = 1.0  # seconds


def run_until_terminated() -> int:
    """Runs the command line of this process; SIGTERM ends it like Ctrl-C."""
    try:
        _raise_on_sigterm()
        return run()
    except Termination as signal:  # outside of the session, which reports what was done
        error = interruption(signal, after="nothing was started")
        sys.stderr.write(f"error: {error.message}\n")
        return error.exit_code


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code; errors are reported, not raised."""
    words = sys.argv[1:] if arguments is None else arguments
    session = Session(Terminal(os.environ), os.environ, words=words, fallback_output=output_requested(words))

    def call() -> int:
        _check_encoding(words)
        return parse(words).call(session)

    return session.guard(call)


def _check_encoding(arguments: Sequence[str]) -> None:
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UsageError(f"the argument {argument} is not valid UTF-8") from None


def _raise_on_sigterm() -> None:
    """Makes SIGTERM raise Termination, unless it is ignored.

    A second one within a second is the same request: timeout(1) signals the process, then its group.
    """
    # `signal` would be imported for an enumeration that is not used; typeshed does not know the module below.
    import _signal  # type: ignore[import-not-found]

    last = -math.inf

    def terminate(number: int, frame: object) -> None:
        nonlocal last
        previous, last = last, time.monotonic()
        if last - previous > _SAME_REQUEST:
            raise Termination

    if _signal.getsignal(_signal.SIGTERM) == _signal.SIG_DFL:
        _signal.signal(_signal.SIGTERM, terminate)
