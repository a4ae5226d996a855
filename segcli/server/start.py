"""Starts `segments serve`: credentials, TLS, what is printed when the server is ready, and the log."""

import gc
import os
import re
import secrets
from collections.abc import Callable

from segcli.errors import UsageError
from segcli.result import Result, record
from segcli.server.options import AcceptedClient, OpenBackend, Options, Tls, client_commands, is_address
from segcli.terminal.streams import Terminal
from segcli.text import find_surrogate

SECRET_VARIABLE = "SEGMENTS_SERVE_SECRET"  # noqa: S105 - the name of a variable, not a secret
DEFAULT_CLIENT_ID = "segcli"
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")


def read_credentials(client_id: str | None, *, no_auth: bool) -> AcceptedClient | None:
    """The client that may log in; its secret is $SEGMENTS_SERVE_SECRET, or random if that is not set.

    None if `no_auth`. Raises UsageError.
    """
    if no_auth:
        if client_id is not None:
            raise UsageError("--client-id cannot be used with --no-auth", hint="omit one of them")
        return None
    return AcceptedClient(client_id or DEFAULT_CLIENT_ID, _configured_secret() or secrets.token_urlsafe(24))


def _configured_secret() -> str | None:
    """Raises UsageError if its bytes are not UTF-8: no JSON body could contain it."""
    secret = os.environ.get(SECRET_VARIABLE) or None
    if secret is not None and find_surrogate(secret) is not None:
        raise UsageError(f"{SECRET_VARIABLE} is not valid UTF-8 text", hint="use another secret")
    return secret


def read_allowed_hosts(text: str | None) -> tuple[str, ...]:
    """The names in `text`, separated by commas. Raises UsageError for an invalid one."""
    hosts = [] if text is None else [host.strip().strip("[]") for host in text.split(",")]
    for host in hosts:
        if not _HOST_NAME.fullmatch(host) and not is_address(host):
            raise UsageError(
                f"--allow-host: '{host}' is not a host name or an IP address",
                hint="write it without a scheme and without a port",
            )
    return tuple(hosts)


def read_tls(certificate: str | None, key: str | None) -> Tls | None:
    """The paths for TLS, or None. Raises UsageError for one without the other."""
    if (certificate is None) != (key is None):
        raise UsageError("--tls-cert and --tls-key must be used together")
    return None if certificate is None or key is None else Tls(certificate, key)


def start(
    options: Options,
    open_backend: OpenBackend,
    terminal: Terminal,
    show: Callable[[Result], int],
) -> int:
    """Serves until SIGINT or SIGTERM, then returns the exit code.

    `show` writes the result: the server's URL, and the credentials to reach it. Raises SegcliError.
    """
    try:
        from segcli.server.http_server import run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("segcli"):
            raise
        raise UsageError(
            "segments serve requires additional packages",
            hint="install them from a clone of segcli: pip install '.[serve]'",
        ) from None
    gc.enable()  # short commands run without the garbage collector

    def on_ready(url: str) -> None:
        gc.freeze()  # collections need not traverse what is loaded by now
        access = _access(options, url)
        show(record(access))
        secret = access.get("sharedSecret", f'"${SECRET_VARIABLE}"')
        commands = client_commands(url, access.get("clientId"), secret)
        if commands:
            terminal.info("to connect a client:")
        else:
            terminal.info(f"segments itself does not connect to {url}: it requires TLS for other machines")
        for command in commands:
            terminal.info(f"  {command}")

    def log(line: str) -> None:
        if not terminal.quiet:
            terminal.write_error(line)

    run(options, open_backend, on_ready, log)
    terminal.info("stopped")
    return 0


def _access(options: Options, url: str) -> dict[str, str]:
    """The URL and the credentials, if required; a secret from the environment is not printed."""
    access = {"url": url}
    if options.credentials is not None:
        access["clientId"] = options.credentials.client_id
        if _configured_secret() is None:
            access["sharedSecret"] = options.credentials.secret
    return access
