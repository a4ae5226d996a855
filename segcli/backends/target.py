"""Everything needed to reach a backend, collected before one is opened."""

from collections.abc import Callable
from typing import NamedTuple


class ClientCredentials(NamedTuple):
    """The client of a tenant. `secret` is called only when a ticket has to be fetched.

    `owner` names the source of the credentials in errors, such as `profile sandbox`.
    """

    client_id: str
    secret: Callable[[], str]
    owner: str


def _ignore_wait(message: str | None) -> None:
    """Shows nothing."""


class BackendTarget(NamedTuple):
    """A backend's URL, and what only a tenant needs.

    `timeout` is the limit in seconds for one operation, waiting and retries included; `rps` limits
    requests per second. `trace` receives every statement or request, `on_wait` a message every second
    of a wait and None at its end.
    """

    url: str
    timeout: float
    trace: Callable[[str], None] | None = None
    on_wait: Callable[[str | None], None] = _ignore_wait
    credentials: ClientCredentials | None = None
    auth_host: str | None = None
    tenant: str | None = None
    site: str | None = None
    ca_bundle: str | None = None
    rps: float | None = None
