"""What `doctor` looks at between here and a tenant."""

import socket
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from segcli.backends.base import Check
from segcli.backends.tenant.client import Client
from segcli.errors import UnavailableError

_SKEW = 30.0  # seconds beyond which a ticket's life is misjudged


def checks(client: Client, count_segments: Callable[[], int]) -> Sequence[Check]:
    """The host's name, the ticket, one GetSegments, and the clocks."""

    def resolve() -> str:
        parts = urlsplit(client.host.origin)
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError as error:
            raise UnavailableError(
                f"the name {parts.hostname} has no address: {error.strerror}",
                hint="check the host's name, and the network",
            ) from error
        return f"{parts.hostname} is {found[0][4][0]}"

    def fetch_ticket() -> str:
        if client.tickets is None:
            return "none needed"
        begun = time.monotonic()
        client.tickets.token()
        return f"from {client.tickets.origin} in {(time.monotonic() - begun) * 1000:.0f} ms"

    def read_segments() -> str:
        begun = time.monotonic()
        count = count_segments()
        return f"{count:,} segments, answered in {(time.monotonic() - begun) * 1000:.0f} ms"

    def compare_clocks() -> str:
        skew = client.clock_skew
        if skew is None:
            return "the other side does not say its time"
        if abs(skew) > _SKEW:
            raise UnavailableError(
                f"this machine's clock differs from the other side's by {skew:+.0f} s",
                hint="set the clock: a ticket's life is counted by it",
            )
        return f"within {abs(skew):.0f} s of the other side's"

    return [
        Check("host", resolve),
        Check("ticket", fetch_ticket),
        Check("segments", read_segments),
        Check("clock", compare_clocks),
    ]
