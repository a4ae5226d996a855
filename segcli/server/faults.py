"""What goes wrong on request, so that others can test their clients."""

import math
import time
from enum import Enum
from random import Random

from segcli.server.options import Faults
from segcli.server.responses import Problem

MAINTENANCE = Problem(503, "SYSTEM_MAINTENANCE", "out of order for a moment, as was asked for")


class Fault(Enum):
    """What one request meets."""

    MAINTENANCE = "answered 503, not carried out"
    LOST_REQUEST = "connection closed, not carried out"
    LOST_ANSWER = "carried out, connection closed"


class Trouble:
    """Draws the faults of a server's requests. Used by one thread, the event loop's."""

    def __init__(self, faults: Faults) -> None:
        self.latency = faults.latency
        self._rate = faults.rate
        self._limit = faults.rate_limit
        self._random = Random()  # noqa: S311 - chance, not secrecy
        self._second_ends = self._closed_until = 0.0
        self._left = 0

    def retry_after(self) -> int | None:
        """Seconds until requests are taken again, where this one is beyond the limit.

        As on the platform all are refused until then.
        """
        if self._limit is None:
            return None
        now = time.monotonic()
        if now >= self._closed_until:
            if now >= self._second_ends:
                self._second_ends, self._left = now + 1, self._limit
            self._left -= 1
            if self._left >= 0:
                return None
            self._closed_until = self._second_ends = now + 1
        return math.ceil(self._closed_until - now)

    def draw(self) -> Fault | None:
        """The fault that the next request meets, if any."""
        if not self._rate or self._random.random() >= self._rate:
            return None
        return self._random.choice(list(Fault))
