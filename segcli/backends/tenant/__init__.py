"""Segments of a tenant, over HTTP (contract, "Operations")."""

from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget


def open_backend(target: BackendTarget) -> Backend:
    from segcli.backends.tenant.backend import TenantBackend

    return TenantBackend(target)


def normalize_url(url: str) -> str:
    from segcli.backends.tenant.hosts import parse_host

    return parse_host(url).origin
