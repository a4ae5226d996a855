"""Limits the rate of all requests of a run; a 429 response blocks all of them."""

import threading
import time
from collections.abc import Callable

_TICK = 1.0  # seconds between two messages about a wait


class RateLimiter:
    """Shared by all threads. Times are seconds of the monotonic clock."""

    def __init__(self, rps: float | None, on_wait: Callable[[str | None], None]) -> None:
        self._interval = 1 / rps if rps else 0.0
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._next = 0.0
        self._blocked_until = 0.0

    def block_for(self, seconds: float) -> None:
        """Blocks all requests for `seconds` from now, including those that already wait."""
        with self._lock:
            self._blocked_until = max(self._blocked_until, time.monotonic() + seconds)

    def cancel(self) -> None:
        """Blocks all requests for good, and ends every wait."""
        self._cancelled.set()

    def acquire(self, deadline: float) -> bool:
        """Waits until a request may be sent; False if that is after `deadline`, or after `cancel`."""
        turn = self._take_turn()
        while not self._cancelled.is_set():
            with self._lock:
                start = max(turn, self._blocked_until)
            if start > deadline:
                return False
            if not self._sleep(start, "rate limited; resuming in {} s"):
                return True
        return False

    def pause(self, seconds: float, deadline: float) -> None:
        """Waits before a retry, at most until `deadline`."""
        self._sleep(min(time.monotonic() + seconds, deadline), "no response; retrying in {} s")

    def _take_turn(self) -> float:
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._interval
            return turn

    def _sleep(self, until: float, text: str) -> bool:
        """Sleeps until `until`, and shows `text` every second of a long wait; False if it has passed."""
        left = until - time.monotonic()
        if left <= 0:
            return False
        show = left > _TICK
        while left > 0 and not self._cancelled.is_set():
            if show:
                self._on_wait(text.format(max(1, round(left))))
            self._cancelled.wait(min(left, _TICK))
            left = until - time.monotonic()
        if show:
            self._on_wait(None)
        return True
