"""Timing for the benchmarks: run a command, and print medians of ratios."""

import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

Pair = tuple[float, float]  # seconds of our command, and of what it is compared with


def seconds(command: Sequence[str], env: Mapping[str, str] | None = None) -> float:
    """Runs a command without its output, and returns the elapsed seconds. Raises CalledProcessError."""
    start = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def print_ratio(pairs: Sequence[Pair], label: str) -> None:
    """Prints the median of the ratios, pair by pair, and the median of each side's milliseconds.

    Only the ratio can be compared with a run on another machine.
    """
    ratio = statistics.median(own / other for own, other in pairs)
    own, other = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    sys.stdout.write(f"{ratio:5.2f} x   {own:8,.1f} ms / {other:8,.1f} ms   {label}\n")
