"""What a server is told: where it listens, who may call it, and what it lets go wrong."""

import shlex
from typing import NamedTuple


class Credentials(NamedTuple):
    """The one client that is given tickets."""

    client_id: str
    secret: str


class Tls(NamedTuple):
    """Paths of a certificate chain and its key, both in PEM."""

    certificate: str
    key: str


class Faults(NamedTuple):
    """What others' clients are tested with, upon whatever needs a ticket.

    `rate_limit` is in requests per second, `latency` in seconds, `rate` from 0 to 1.
    """

    rate_limit: int | None = None
    latency: float = 0.0
    rate: float = 0.0


class Options(NamedTuple):
    """All of it. `credentials` is None where anyone may call; `token_lifetime` is in seconds.

    A request that names another `tenant` or `site` is refused; None takes any.
    """

    host: str
    port: int
    backend: str
    credentials: Credentials | None
    tenant: int | None = None
    site: int | None = None
    tls: Tls | None = None
    log_json: bool = False
    token_lifetime: float = 3600.0
    faults: Faults = Faults()


def client_commands(options: Options, url: str, secret: str) -> list[str]:
    """Shell commands that point a client at the server; `secret` is how its secret is written."""
    if options.credentials is None:
        return [f"segments --backend {url} list"]
    return [
        f"export KIBO_API_HOST={url}",
        f"export KIBO_CLIENT_ID={shlex.quote(options.credentials.client_id)}",
        f"export KIBO_SHARED_SECRET={secret}",
        "segments list",
    ]
