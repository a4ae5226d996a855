"""What `doctor` checks on the way to a tenant."""

import socket
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from segcli.backends.base import Check
from segcli.backends.tenant.client import Client
from segcli.errors import UnavailableError

_MAX_SKEW = 30.0  # seconds; with more, a ticket's lifetime is misjudged


def checks(client: Client, count_segments: Callable[[], int]) -> Sequence[Check]:
    """DNS, the ticket, one GetSegments, and the clocks."""

    def resolve() -> str:
        parts = urlsplit(client.host.origin)
        try:
            addresses = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError as error:
            raise UnavailableError(
                f"cannot resolve {parts.hostname}: {error.strerror}",
                hint="check the host name and the network",
            ) from error
        return f"{parts.hostname} is {addresses[0][4][0]}"

    def fetch_ticket() -> str:
        if client.tickets is None:
            return "not needed"
        started = time.monotonic()
        client.tickets.token()
        return f"from {client.tickets.origin} in {(time.monotonic() - started) * 1000:.0f} ms"

    def read_segments() -> str:
        started = time.monotonic()
        count = count_segments()
        return f"{count:,} segments, response in {(time.monotonic() - started) * 1000:.0f} ms"

    def compare_clocks() -> str:
        skew = client.clock_skew
        if skew is None:
            return "the server sends no Date header"
        if abs(skew) > _MAX_SKEW:
            raise UnavailableError(
                f"this machine's clock differs from the server's by {skew:+.0f} s",
                hint="set the clock: the lifetime of tickets depends on it",
            )
        return f"within {abs(skew):.0f} s of the server's"

    return [
        Check("host", resolve),
        Check("ticket", fetch_ticket),
        Check("segments", read_segments),
        Check("clock", compare_clocks),
    ]
