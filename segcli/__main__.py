"""The way in: `segments`, and `python -m segcli`."""

import gc
import sys


def main() -> None:
    """Runs one command and exits with its code.

    A short command ends before a collection would pay, and what it made is not worth walking
    through on the way out: without the collector it takes a quarter less time.
    """
    gc.disable()
    if sys.argv[1:] == ["--version"]:
        from segcli import __version__

        sys.stdout.write(f"segments {__version__}\n")
        return
    try:
        from segcli.cli import run

        code = run()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted before anything was begun\n")
        code = 130
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
