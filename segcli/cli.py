"""One run of the command line: parse it, call what it asks for, report errors."""

import os
import sys
from collections.abc import Sequence

from segcli.errors import UsageError
from segcli.parser import output_requested, parse
from segcli.session import Session
from segcli.terminal.streams import Terminal


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code; errors are reported, not raised."""
    words = sys.argv[1:] if arguments is None else arguments
    session = Session(Terminal(os.environ), os.environ, fallback_output=output_requested(words))

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
