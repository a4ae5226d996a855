"""The one gate that every request of a run passes: it holds the rate, and a 429 closes it for all."""

import threading
import time
from collections.abc import Callable

_TICK = 1.0  # how often, in seconds, a wait is told


class RateLimiter:
    """Shared by all that work in parallel. Times are in seconds of the monotonic clock."""

    def __init__(self, rps: float | None, on_wait: Callable[[str | None], None]) -> None:
        self._interval = 1 / rps if rps else 0.0
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._next = 0.0
        self._blocked_until = 0.0

    def block_for(self, seconds: float) -> None:
        """Lets nobody through for `seconds` from now, whoever is waiting already included."""
        with self._lock:
            self._blocked_until = max(self._blocked_until, time.monotonic() + seconds)

    def cancel(self) -> None:
        """Lets nobody through for good."""
        self._cancelled.set()

    def acquire(self, deadline: float) -> bool:
        """Waits for this request's turn; False where that would be later than `deadline`, or never."""
        turn = self._take_turn()
        while not self._cancelled.is_set():
            with self._lock:
                opens = max(turn, self._blocked_until)
            if opens > deadline:
                return False
            if not self._sleep(opens, "rate limited; resuming in {} s"):
                return True
        return False

    def pause(self, seconds: float, deadline: float) -> None:
        """Waits before the same request is tried again, not beyond `deadline`."""
        self._sleep(min(time.monotonic() + seconds, deadline), "no answer; trying again in {} s")

    def _take_turn(self) -> float:
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._interval
            return turn

    def _sleep(self, until: float, text: str) -> bool:
        """Sleeps a tick of the way to `until`, told where it is long; False once it has come."""
        left = until - time.monotonic()
        if left <= 0:
            return False
        told = left > _TICK
        while left > 0 and not self._cancelled.is_set():
            if told:
                self._on_wait(text.format(max(1, round(left))))
            self._cancelled.wait(min(left, _TICK))
            left = until - time.monotonic()
        if told:
            self._on_wait(None)
        return True
