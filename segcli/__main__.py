"""The entry point of `segments` and `python -m segcli`."""

import gc
import math
import os
import sys
import time

_SAME_REQUEST = 1.0  # seconds


def main() -> None:
    """Runs one command and exits with its code.

    A short command ends before a garbage collection would pay off. The interpreter's clean-up is
    skipped too: everything is written and closed by then, and destroying all imported modules would
    take a quarter as long as the command itself.
    """
    gc.disable()
    code = _run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # closed, or already reported
    os._exit(code)


def _run() -> int:
    if sys.argv[1:] == ["--version"] and _show_version():
        return 0
    try:
        _raise_on_sigterm()
        from segcli.cli import run

        return run()
    except KeyboardInterrupt as signal:
        from segcli.errors import interruption

        error = interruption(signal, after="nothing was started")
        sys.stderr.write(f"error: {error.message}\n")
        return error.exit_code


def _raise_on_sigterm() -> None:
    """Makes SIGTERM raise Termination, unless it is ignored.

    A second one within a second is the same request: timeout(1) signals the process, then its group.
    """
    # `signal` would be imported for an enumeration that is not used; typeshed does not know the module below.
    import _signal  # type: ignore[import-not-found]

    from segcli.errors import Termination

    last = -math.inf

    def terminate(number: int, frame: object) -> None:
        nonlocal last
        previous, last = last, time.monotonic()
        if last - previous > _SAME_REQUEST:
            raise Termination

    if _signal.getsignal(_signal.SIGTERM) == _signal.SIG_DFL:
        _signal.signal(_signal.SIGTERM, terminate)


def _show_version() -> bool:
    """Prints the version without loading anything; False if stdout fails, which `segcli.cli` reports."""
    from segcli import __version__

    try:
        sys.stdout.write(f"segments {__version__}\n")
        sys.stdout.flush()
    except (AttributeError, OSError):
        return False
    return True


if __name__ == "__main__":
    main()
