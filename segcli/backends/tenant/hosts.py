"""What a tenant's URL says of itself (contract, "Hosts, authentication, headers")."""

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from segcli.errors import UsageError

_TENANT_HOST = re.compile(r"t(?P<tenant>\d+)(?:-s(?P<site>\d+))?\..+", re.IGNORECASE)
_KIBO_DOMAINS = ("mozu.com", "kibocommerce.com")


class Host(NamedTuple):
    """The origin of a tenant's API, and what its name bears of tenant and site."""

    origin: str
    tenant: str | None
    site: str | None
    auth_host: str
    local: bool


def parse_host(url: str) -> Host:
    """The host that `url` names. Raises UsageError for what no ticket may be sent to."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        raise UsageError("the backend's port is no number from 0 to 65535") from None
    name = (parts.hostname or "").rstrip(".")
    if not name or parts.scheme not in ("http", "https"):
        raise UsageError("the backend is no URL of a host", hint="https://t123-s456.sandbox.mozu.com")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "a backend's URL bears no user and no password",
            hint="the client id is said with profile add --client-id, the secret is asked for",
        )
    if parts.path.rstrip("/") not in ("", "/api") or parts.query or parts.fragment:
        raise UsageError(f"the backend {name} is named by its host alone, without a path")
    local = is_loopback(name)
    if parts.scheme == "http" and not local:
        raise UsageError(
            f"http:// to {name} would show the ticket to everyone on the way",
            hint=f"say https://{name}{port}; http:// is for this machine alone",
        )
    origin = f"{parts.scheme}://{f'[{name}]' if ':' in name else name}{port}"
    match = _TENANT_HOST.fullmatch(name)
    tenant, site = match.group("tenant", "site") if match else (None, None)
    return Host(origin, tenant, site, _auth_host(name, origin), local)


def is_loopback(name: str) -> bool:
    """Whether a host's name means this machine."""
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _auth_host(name: str, origin: str) -> str:
    """Where tickets come from: the vendor's home for its own hosts, else the host itself."""
    if not name.endswith(tuple(f".{domain}" for domain in _KIBO_DOMAINS)):
        return origin
    return "https://home.euw1.kibocommerce.com" if ".euw1." in name else "https://home.mozu.com"
