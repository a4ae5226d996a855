"""Where segments live. A backend is named by a URL, and only the one that is asked for is loaded."""

from segcli.backends.access import Access
from segcli.backends.base import Backend as Backend
from segcli.errors import UsageError


def open_backend(access: Access) -> Backend:
    """The backend that `access` names; nothing is read or sent before its first use.

    Raises UsageError for a URL that names none, UnauthorizedError where credentials are missing.
    """
    scheme, colon, rest = access.url.partition(":")
    if scheme == "sqlite" and rest:
        from segcli.backends.sqlite import SqliteBackend

        return SqliteBackend(rest, timeout=access.timeout, trace=access.trace)
    if scheme in ("http", "https"):
        from segcli.backends.tenant import TenantBackend

        return TenantBackend(access)
    named = f"a URL that starts with {scheme}:" if colon else access.url
    raise UsageError(
        f"no backend is named by {named}",
        hint="a local store is written sqlite:PATH, a tenant https://t123-s456.sandbox.mozu.com",
    )
