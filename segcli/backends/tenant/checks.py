"""What `doctor` checks on the way to a tenant."""

import socket
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from segcli.backends.base import Check
from segcli.backends.tenant.client import Client
from segcli.backends.tenant.proxies import displayed, proxy_of
from segcli.errors import UnavailableError

_MAX_SKEW = 30.0  # seconds; with more, a ticket's lifetime is misjudged


def checks(client: Client, count_segments: Callable[[], int]) -> Sequence[Check]:
    """DNS, a ticket fetched with the secret, one GetSegments, and the clocks."""

    def resolve() -> str:
        proxy = proxy_of(client.host.origin)
        if proxy is None:
            return _resolved(client.host.origin)
        proxy = displayed(proxy)
        found = _resolved(proxy if "://" in proxy else f"http://{proxy}")
        return f"through the proxy {proxy}: {found}"  # only the proxy has to know the host

    def fetch_ticket() -> str:
        if client.tickets is None:
            return "not needed"
        started = time.monotonic()
        client.tickets.verify_secret()
        return f"from {client.tickets.origin} in {(time.monotonic() - started) * 1000:.0f} ms"

    def read_segments() -> str:
        started = time.monotonic()
        count = count_segments()
        noun = "segment" if count == 1 else "segments"
        return f"{count:,} {noun}, response in {(time.monotonic() - started) * 1000:.0f} ms"

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


def _resolved(url: str) -> str:
    """The host of a URL with its address. Raises UnavailableError."""
    parts = urlsplit(url)
    try:
        addresses = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UnavailableError(
            f"cannot resolve {parts.hostname}: {error.strerror}", hint="check the host name and the network"
        ) from error
    address = str(addresses[0][4][0])
    return address if address == parts.hostname else f"{parts.hostname} is {address}"
