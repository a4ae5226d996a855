"""The settings of a server: address, access, simulated faults."""

import shlex
from typing import NamedTuple


class ClientCredentials(NamedTuple):
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

    `backend` is its URL, only to be shown. Without `credentials` requests need no token. Requests for
    another `tenant` or `site` are rejected; None accepts any. `token_lifetime` is in seconds.
    """

    host: str
    port: int
    backend: str
    credentials: ClientCredentials | None
    tenant: int | None = None
    site: int | None = None
    tls: Tls | None = None
    log_json: bool = False
    token_lifetime: float = 3600.0
    faults: Faults = Faults()


def client_commands(options: Options, url: str, secret: str) -> list[str]:
    """Shell commands that connect `segments` to the server at `url`.

    `secret` is inserted as it is: the shared secret, or a shell variable that contains it.
    """
    if options.credentials is None:
        return [f"segments --backend {url} list"]
    return [
        f"export KIBO_API_HOST={url}",
        f"export KIBO_CLIENT_ID={shlex.quote(options.credentials.client_id)}",
        f"export KIBO_SHARED_SECRET={secret}",
        "segments list",
    ]
