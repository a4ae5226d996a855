"""Where segments live. A backend is named by a URL, and only the one that is asked for is loaded."""

from collections.abc import Callable

from segcli.backends.base import Backend
from segcli.errors import UsageError


def open_backend(url: str, *, timeout: float, trace: Callable[[str], None] | None = None) -> Backend:
    """The backend that `url` names; nothing is read or made before its first use.

    `timeout` is in seconds; `trace` is told of every statement or request. Raises UsageError.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite" and rest:
        from segcli.backends.sqlite import SqliteBackend

        return SqliteBackend(rest, timeout=timeout, trace=trace)
    raise UsageError(
        f"no backend is named by a URL that starts with {scheme}:",
        hint="a local store is written sqlite:PATH, such as sqlite:shop.db",
    )
