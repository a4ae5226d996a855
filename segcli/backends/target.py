"""Everything needed to reach a backend, collected before one is opened."""

from collections.abc import Callable


class ClientCredentials:
    """The client of a tenant. `secret` is called only when a ticket has to be fetched.

    `owner` names the source of the credentials in errors, such as `profile sandbox`.
    """

    __slots__ = ("client_id", "owner", "secret")

    def __init__(self, client_id: str, secret: Callable[[], str], owner: str) -> None:
        self.client_id = client_id
        self.secret = secret
        self.owner = owner


def _ignore_wait(message: str | None) -> None:
    """Shows nothing."""


class BackendTarget:
    """A backend's URL, and what only a tenant needs.

    `timeout` is the limit in seconds for one operation, waiting and retries included; `rps` limits
    requests per second. `trace` receives every statement or request, `on_wait` a message every second
    of a wait and None at its end.
    """

    __slots__ = (
        "auth_host",
        "ca_bundle",
        "credentials",
        "on_wait",
        "rps",
        "site",
        "tenant",
        "timeout",
        "trace",
        "url",
    )

    def __init__(
        self,
        url: str,
        timeout: float,
        *,
        trace: Callable[[str], None] | None = None,
        on_wait: Callable[[str | None], None] = _ignore_wait,
        credentials: ClientCredentials | None = None,
        auth_host: str | None = None,
        tenant: str | None = None,
        site: str | None = None,
        ca_bundle: str | None = None,
        rps: float | None = None,
    ) -> None:
        self.url = url
        self.timeout = timeout
        self.trace = trace
        self.on_wait = on_wait
        self.credentials = credentials
        self.auth_host = auth_host
        self.tenant = tenant
        self.site = site
        self.ca_bundle = ca_bundle
        self.rps = rps
