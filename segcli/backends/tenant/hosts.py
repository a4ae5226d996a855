"""Parses the URL of a tenant (contract, "Hosts, authentication, headers")."""

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from segcli.errors import UsageError

_TENANT_HOST = re.compile(r"t(?P<tenant>\d+)(?:-s(?P<site>\d+))?\..+", re.IGNORECASE)
_KIBO_DOMAINS = ("mozu.com", "kibocommerce.com")


class Host(NamedTuple):
    """The origin of a tenant's API, and the tenant and site that are part of its name.

    `local` is a host on this machine; `vendors` is one in the vendor's own domains.
    """

    origin: str
    tenant: str | None
    site: str | None
    auth_host: str
    local: bool
    vendors: bool


def parse_host(url: str) -> Host:
    """The host of `url`. Raises UsageError if the URL is not valid, or no ticket may be sent to it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UsageError("the backend URL is not valid: expected https://HOST") from None
    try:
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        raise UsageError(f"the port of {parts.hostname} is not a number from 0 to 65535") from None
    name = (parts.hostname or "").rstrip(".")
    if not name or parts.scheme not in ("http", "https"):
        raise UsageError("the backend URL has no host", hint="for example https://t123-s456.sandbox.mozu.com")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"the URL of {name} contains a user name or a password",
            hint="remove it; pass the client id with --client-id, you are asked for the secret",
        )
    if parts.path.rstrip("/") not in ("", "/api") or parts.query or parts.fragment:
        raise UsageError(
            f"the URL of {name} has a path, a query or a fragment", hint=f"use https://{name}{port}"
        )
    local = is_loopback(name)
    if parts.scheme == "http" and not local:
        raise UsageError(
            f"http://{name} would send the ticket unencrypted",
            hint=f"use https://{name}{port}; http:// is only for this machine",
        )
    origin = f"{parts.scheme}://{f'[{name}]' if ':' in name else name}{port}"
    match = _TENANT_HOST.fullmatch(name)
    tenant, site = match.group("tenant", "site") if match else (None, None)
    vendors = name.endswith(tuple(f".{domain}" for domain in _KIBO_DOMAINS))
    return Host(origin, tenant, site, _auth_host(name) if vendors else origin, local, vendors)


def is_loopback(name: str) -> bool:
    """Whether the host is this machine."""
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _auth_host(name: str) -> str:
    """The vendor's home host, which issues the tickets for the host `name`."""
    return "https://home.euw1.kibocommerce.com" if ".euw1." in name else "https://home.mozu.com"
