"""Segments of a tenant, over HTTP (contract, "Operations")."""

from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget, Login


def open_backend(target: BackendTarget) -> Backend:
    from segcli.backends.tenant.backend import TenantBackend

    return TenantBackend(target)


def normalize_url(url: str) -> str:
    from segcli.backends.tenant.hosts import parse_host

    return parse_host(url).origin


def login_of(url: str, auth_host: str | None) -> Login | None:
    from segcli.backends.tenant.hosts import parse_host

    host = parse_host(url)
    origin = parse_host(auth_host).origin if auth_host else host.auth_host
    return Login(origin, required=not host.local, vendors=host.vendors)
