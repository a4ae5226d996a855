"""What `serve` does: the server's credentials, what it says when it is ready, and its log."""

import gc
import os
import secrets
from collections.abc import Callable

from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.result import Result, record
from segcli.server.options import Credentials, Options, Tls, client_commands
from segcli.terminal.streams import Terminal

SECRET_VARIABLE = "SEGMENTS_SERVE_SECRET"  # noqa: S105 - where the secret stands, not the secret
DEFAULT_CLIENT_ID = "segcli"


def read_credentials(client_id: str | None, *, no_auth: bool) -> Credentials | None:
    """Who is given tickets; a secret that nobody has chosen is made up. Raises UsageError."""
    if no_auth:
        if client_id is not None:
            raise UsageError("--client-id and --no-auth contradict each other")
        return None
    return Credentials(client_id or DEFAULT_CLIENT_ID, _chosen_secret() or secrets.token_urlsafe(24))


def _chosen_secret() -> str | None:
    return os.environ.get(SECRET_VARIABLE) or None


def read_tls(certificate: str | None, key: str | None) -> Tls | None:
    """What TLS is spoken with. Raises UsageError for one without the other."""
    if (certificate is None) != (key is None):
        raise UsageError("--tls-cert and --tls-key go together")
    return None if certificate is None or key is None else Tls(certificate, key)


def start(
    options: Options,
    open_backend: Callable[[], Backend],
    terminal: Terminal,
    show: Callable[[Result], int],
) -> int:
    """Serves until it is stopped; `show` writes the result, which is where the server can be reached.

    Raises SegcliError.
    """
    try:
        from segcli.server.run import run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("segcli"):
            raise
        raise UsageError(
            "segments serve needs the extra packages of segcli[serve]",
            hint="install them from a clone: pip install '.[serve]'",
        ) from None
    gc.enable()  # what a short command goes without, a server cannot

    def ready(url: str) -> None:
        gc.freeze()  # what has been loaded by now stays: a collection need not walk through it
        where = _whereabouts(options, url)
        show(record(where))
        terminal.info("to point a client at it:")
        for command in client_commands(options, url, where.get("sharedSecret", f'"${SECRET_VARIABLE}"')):
            terminal.info(f"  {command}")

    run(options, open_backend, ready, lambda line: None if terminal.quiet else terminal.write_error(line))
    terminal.info("stopped")
    return 0


def _whereabouts(options: Options, url: str) -> dict[str, str]:
    """The URL, and the credentials where there are any; a secret that was chosen is not repeated."""
    where = {"url": url}
    if options.credentials is not None:
        where["clientId"] = options.credentials.client_id
        if _chosen_secret() is None:
            where["sharedSecret"] = options.credentials.secret
    return where
