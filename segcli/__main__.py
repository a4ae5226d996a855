"""The entry point of `segments` and `python -m segcli`."""

import gc
import os
import sys


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
        from segcli.cli import run_until_terminated

        return run_until_terminated()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted; nothing was started\n")
        return 130


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
