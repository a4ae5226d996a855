"""Everything needed to reach a backend, collected before one is opened."""

from collections.abc import Callable


class Login:
    """How a client logs in to a backend: the origin that issues tickets, and whether it needs one.

    `vendors` says whether the backend is a host in the vendor's own domains.
    """

    __slots__ = ("origin", "required", "vendors")

    def __init__(self, origin: str, *, required: bool, vendors: bool) -> None:
        self.origin = origin
        self.required = required
        self.vendors = vendors


class ClientCredentials:
    """The client of a tenant. `secret` is called only when a ticket has to be fetched.

    `owner` names the source of the credentials in errors, such as `profile sandbox`. `secret_identity`
    differs between two secrets, or between two sources of a secret that is not read in advance; it may be
    the secret itself, and must only be stored as a digest. `scope` says which tenant and site are requested,
    and where their ids come from, if they are configured.
    """

    __slots__ = ("client_id", "owner", "scope", "secret", "secret_identity")

    def __init__(
        self,
        client_id: str,
        secret: Callable[[], str],
        owner: str,
        *,
        secret_identity: str,
        scope: str | None = None,
    ) -> None:
        self.client_id = client_id
        self.secret = secret
        self.owner = owner
        self.secret_identity = secret_identity
        self.scope = scope


def _ignore(message: str | None) -> None:
    """Shows nothing."""


class BackendTarget:
    """A backend's URL, and what only a tenant needs.

    `timeout` is the limit in seconds for one operation, waiting and retries included; `rps` limits
    requests per second. `trace` receives every statement or request, `on_wait` a message every second
    of a wait and None at its end, `on_note` what the user should know about a store. `upgrade` permits to
    convert a store in an older format. `password` reads that of the user in the URL, if a profile has one.
    `customer_set` is the one that the site's accounts are in; without it, all accounts are read.
    Without `credentials`, `unused_credentials` says which credentials are
    not for this backend, as the end of an error message.
    """

    __slots__ = (
        "auth_host",
        "ca_bundle",
        "credentials",
        "customer_set",
        "on_note",
        "on_wait",
        "password",
        "rps",
        "site",
        "tenant",
        "timeout",
        "trace",
        "unused_credentials",
        "upgrade",
        "url",
    )

    def __init__(
        self,
        url: str,
        timeout: float,
        *,
        trace: Callable[[str], None] | None = None,
        on_wait: Callable[[str | None], None] = _ignore,
        on_note: Callable[[str], None] = _ignore,
        credentials: ClientCredentials | None = None,
        password: Callable[[], str] | None = None,
        unused_credentials: str | None = None,
        auth_host: str | None = None,
        tenant: str | None = None,
        site: str | None = None,
        customer_set: str | None = None,
        ca_bundle: str | None = None,
        rps: float | None = None,
        upgrade: bool = True,
    ) -> None:
        self.url = url
        self.timeout = timeout
        self.trace = trace
        self.on_wait = on_wait
        self.on_note = on_note
        self.credentials = credentials
        self.password = password
        self.unused_credentials = unused_credentials
        self.auth_host = auth_host
        self.tenant = tenant
        self.site = site
        self.customer_set = customer_set
        self.ca_bundle = ca_bundle
        self.rps = rps
        self.upgrade = upgrade
