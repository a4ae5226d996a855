"""Simulated faults, to test how a client handles them."""

import math
import time
from enum import Enum
from random import Random

from segcli.server.options import Faults
from segcli.server.responses import Problem

MAINTENANCE = Problem(503, "SYSTEM_MAINTENANCE", "the server is temporarily unavailable (simulated fault)")


class Fault(Enum):
    """A simulated fault of one request; the value is logged."""

    MAINTENANCE = "simulated fault: request not executed"
    LOST_REQUEST = "simulated fault: request not executed, connection closed"
    LOST_RESPONSE = "simulated fault: request executed, connection closed"


class FaultInjector:
    """Decides which requests fail. Used by the event loop's thread only."""

    def __init__(self, faults: Faults) -> None:
        self.latency = faults.latency  # seconds
        self._rate = faults.rate
        self._limit = faults.rate_limit
        self._random = Random()  # noqa: S311 - simulation, not cryptography
        self._second_ends = self._blocked_until = 0.0  # on the monotonic clock
        self._remaining = 0  # requests in this second

    def retry_after(self) -> int | None:
        """None if the next request is within the rate limit; otherwise the seconds to wait.

        As on the platform, once the limit is exceeded all requests are rejected until that time is over.
        """
        if self._limit is None:
            return None
        now = time.monotonic()
        if now >= self._blocked_until:
            if now >= self._second_ends:
                self._second_ends, self._remaining = now + 1, self._limit
            self._remaining -= 1
            if self._remaining >= 0:
                return None
            self._blocked_until = self._second_ends = now + 1
        return math.ceil(self._blocked_until - now)

    def next_fault(self) -> Fault | None:
        """The fault of the next request, drawn at random; None for no fault."""
        if not self._rate or self._random.random() >= self._rate:
            return None
        return self._random.choice(list(Fault))
