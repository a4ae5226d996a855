"""The settings of a server: address, access, simulated faults."""

import shlex
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from segcli.backends.base import Backend

# Opens a new backend, from any thread; the number is how many seconds it waits for a lock or a response,
# None for the user's timeout.
OpenBackend = Callable[[float | None], Backend]


class AcceptedClient(NamedTuple):
    """The client id and shared secret for which the server issues tokens."""

    client_id: str
    secret: str


class Tls(NamedTuple):
    """Paths of a certificate chain and of its private key, both PEM."""

    certificate: str
    key: str


class Faults(NamedTuple):
    """Faults to simulate, for the segment and account operations only.

    `rate_limit` is in requests per second, `latency` in seconds, `rate` the share of requests that fail
    (0 to 1).
    """

    rate_limit: int | None = None
    latency: float = 0.0
    rate: float = 0.0


class Options(NamedTuple):
    """The settings of `segments serve`.

    `allowed_hosts` are other names by which clients may address the server; `insecure` permits plain HTTP
    for other machines. Without `credentials` requests need no token. Requests for another `tenant` or
    `site` are rejected; None accepts any. `token_lifetime` is in seconds.
    """

    host: str
    port: int
    credentials: AcceptedClient | None
    allowed_hosts: tuple[str, ...] = ()
    insecure: bool = False
    tenant: int | None = None
    site: int | None = None
    tls: Tls | None = None
    log_json: bool = False
    token_lifetime: float = 3600.0
    faults: Faults = Faults()


def is_loopback(host: str) -> bool:
    """Whether a host name or address always is this machine."""
    if host.lower() == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_wildcard(host: str) -> bool:
    """Whether listening on this address means all addresses of the machine."""
    address = _address(host)
    return address is not None and address.is_unspecified


def is_address(host: str) -> bool:
    """Whether it is an IP address, not a name."""
    return _address(host) is not None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def client_commands(url: str, client_id: str | None, secret: str) -> list[str]:
    """Shell commands that connect `segments` to the server at `url`; none if it would refuse that URL.

    `secret` is inserted as it is: the shared secret, or a shell variable that contains it. Without a
    `client_id` the server requires no token.
    """
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        return []  # segments sends its secret unencrypted to this machine only
    if client_id is None:
        return [f"segments --backend {url} list"]
    return [
        f"export KIBO_API_HOST={url}",
        f"export KIBO_CLIENT_ID={shlex.quote(client_id)}",
        f"export KIBO_SHARED_SECRET={secret}",
        "segments list",
    ]
