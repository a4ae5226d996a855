"""How long the installed command takes to start, beside `gh --version`, in one run.

    python tests/bench/start_up.py path/to/venv/bin/segments [pairs]

Each command runs in turn with the yardstick; what is printed is the median of the ratios pair by
pair, and of the command's milliseconds. The ratios can be trusted, the milliseconds are the machine's.
Use a wheel install: an editable one without compiled files is slower.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

YARDSTICK = ["gh", "--version"]
COMMANDS = (
    "--version",
    "get VIP -o json",
    "list -o json",
    "list -o table",
    "completion values segments -- V",
    "--help",
)


def seconds(command: list[str], env: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main(segments: str, pairs: int = 60) -> None:
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "PATH": os.environ["PATH"]}
        for number in range(20):
            subprocess.run([segments, "add", f"S{number}"], env=env, stdout=subprocess.DEVNULL, check=True)
        subprocess.run([segments, "add", "VIP"], env=env, stdout=subprocess.DEVNULL, check=True)
        for line in COMMANDS:
            command = [segments, *line.split()]
            measured = [(seconds(command, env), seconds(YARDSTICK, env)) for _ in range(pairs + 3)][3:]
            ratio = statistics.median(own / other for own, other in measured)
            own = statistics.median(own for own, _ in measured)
            sys.stdout.write(f"{ratio:5.2f} x gh --version   {own * 1000:6.1f} ms   segments {line}\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
