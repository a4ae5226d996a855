"""Which proxy requests go through: the environment's, but none for this machine."""

from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

from segcli.backends.tenant.hosts import is_loopback


def proxy_of(origin: str) -> str | None:
    """The URL of the proxy for a host, from https_proxy, all_proxy and no_proxy; None if there is none.

    Requests to this machine may be unencrypted, so a proxy would see the secret and the tickets.
    """
    if is_loopback(urlsplit(origin).hostname or ""):
        return None
    return select_proxy(origin, get_environ_proxies(origin)) or None


def displayed(proxy: str) -> str:
    """The URL of a proxy without the user name and password that it may contain."""
    scheme, separator, rest = proxy.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]
