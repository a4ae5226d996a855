"""The way in: `segments`, and `python -m segcli`."""

import gc
import os
import sys


def main() -> None:
    """Runs one command and exits with its code.

    A short command ends before a garbage collection would pay. And the interpreter's own clean-up
    is passed over on the way out: by then everything is written and closed, and to walk through all
    that was imported would take a quarter as long as the command itself.
    """
    gc.disable()
    code = _run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # closed, or told already
    os._exit(code)


def _run() -> int:
    if sys.argv[1:] == ["--version"] and _show_version():
        return 0
    try:
        from segcli.cli import run

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted before anything was begun\n")
        return 130


def _show_version() -> bool:
    """Without Typer, in half the time; where stdout fails, the long way tells how."""
    from segcli import __version__

    try:
        sys.stdout.write(f"segments {__version__}\n")
        sys.stdout.flush()
    except (AttributeError, OSError):
        return False
    return True


if __name__ == "__main__":
    main()
