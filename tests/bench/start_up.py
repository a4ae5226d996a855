"""Start-up time of the installed command, compared with `gh --version`.

    python -m tests.bench.start_up path/to/venv/bin/segments [PAIRS]

Each command is run in turn with `gh --version`, PAIRS times (default 60). Prints, for each command, the
median of the ratios and the medians in milliseconds. Use a wheel install: an editable one whose files
are not compiled yet is slower.
"""

import os
import subprocess
import sys
import tempfile

from tests.bench.timing import print_ratio, seconds

REFERENCE = ["gh", "--version"]
WARM_UP = 3  # pairs that are not counted
COMMANDS = (
    "--version",
    "get VIP -o json",
    "list -o json",
    "list -o table",
    "completion values segments -- V",
    "--help",
)


def main(segments: str, pairs: int = 60) -> None:
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "PATH": os.environ["PATH"]}
        for code in (*(f"S{number}" for number in range(20)), "VIP"):
            subprocess.run([segments, "add", code], env=env, stdout=subprocess.DEVNULL, check=True)
        for arguments in COMMANDS:
            command = [segments, *arguments.split()]
            measured = [(seconds(command, env), seconds(REFERENCE, env)) for _ in range(pairs + WARM_UP)]
            print_ratio(measured[WARM_UP:], f"segments {arguments} / gh --version")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
