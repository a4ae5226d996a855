"""Runs uvicorn: socket, TLS, signals, graceful shutdown."""

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from typing import Any, cast

import uvicorn

from segcli.errors import UsageError
from segcli.server.access_log import AccessLog
from segcli.server.app import build_app
from segcli.server.connection import Connection
from segcli.server.options import OpenBackend, Options, Tls, is_wildcard
from segcli.server.workers import Workers
from segcli.text import openssl_message

_BACKLOG = 1024  # connections that wait to be accepted
_KEEP_ALIVE = 60  # seconds that an idle connection is kept open
_SHUTDOWN_TIMEOUT = 30  # seconds to finish the requests in progress

Log = Callable[[str], None]


def run(options: Options, open_backend: OpenBackend, on_ready: Callable[[str], None], log: Log) -> None:
    """Serves until SIGINT or SIGTERM, then finishes the requests in progress.

    `on_ready` is called with the server's URL, `log` with each line of the log. Raises UsageError if it
    cannot listen, and any error of the backend's first request.
    """
    tls = None if options.tls is None else _tls_context(options.tls)
    access_log = AccessLog(log, options.log_json)
    with _listen(options) as listener:
        workers = Workers(open_backend)
        config = uvicorn.Config(
            build_app(options, workers, access_log),
            http=cast(Any, partial(Connection, access_log)),  # typed as a class, but only ever called
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",  # AccessLog logs what is needed
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT,
        )
        config.load()
        config.ssl = tls
        server = _Server(config)
        url = _url(options, listener)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(server, listener, lambda: on_ready(url), access_log))
    if not server.force_exit:
        workers.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to `_serve`: uvicorn would raise them again after its shutdown."""
        yield


async def _serve(
    server: uvicorn.Server, listener: socket.socket, on_ready: Callable[[], None], access_log: AccessLog
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: access_log.log_loop_error(context))
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, server.handle_exit, number, None)
        except NotImplementedError:  # event loops on Windows
            signal.signal(number, server.handle_exit)
    on_ready()
    await server.serve([listener])


def _listen(options: Options) -> socket.socket:
    """A listening socket.

    Raises UsageError if that fails, or if other machines could connect without a token, or without
    encryption unless the options permit that.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot listen on '{options.host}': {reason}") from error
    if not ip_address(address[0]).is_loopback:
        _require_protection(options)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"cannot listen on {options.host} port {options.port}: {error.strerror}",
            hint="--port 0 chooses a free port",
        ) from error
    return listener


def _require_protection(options: Options) -> None:
    """Raises UsageError if the options do not suffice for an address that other machines can reach."""
    if options.credentials is None:
        raise UsageError(
            f"refusing --no-auth on {options.host}: other machines could connect",
            hint="listen on 127.0.0.1, or omit --no-auth",
        )
    if options.tls is None and not options.insecure:
        raise UsageError(
            f"refusing plain HTTP on {options.host}: secrets and tokens would cross the network unencrypted",
            hint="use --tls-cert and --tls-key, or --insecure to allow it",
        )


def _url(options: Options, listener: socket.socket) -> str:
    scheme = "http" if options.tls is None else "https"
    host = options.host
    if is_wildcard(host):  # not an address to connect to
        host = next(iter(options.allowed_hosts), "::1" if ":" in host else "127.0.0.1")
    if ":" in host:
        host = f"[{host}]"
    return f"{scheme}://{host}:{listener.getsockname()[1]}"


def _tls_context(tls: Tls) -> ssl.SSLContext:
    """Raises UsageError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # With an empty password OpenSSL does not prompt for one on the terminal.
        context.load_cert_chain(tls.certificate, tls.key, password="")
    except (OSError, ValueError) as error:
        reason = openssl_message(getattr(error, "strerror", None) or str(error))
        raise UsageError(
            f"cannot load the certificate {tls.certificate} with the key {tls.key}: {reason}",
            hint="both must be PEM files, and the key must be the certificate's and have no password",
        ) from error
    return context
