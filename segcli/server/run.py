"""Running it: the socket, TLS, signals, and the end of it all."""

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

from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.query.tree import SegmentQuery
from segcli.server.access_log import Journal
from segcli.server.app import build_app
from segcli.server.connection import Connection
from segcli.server.options import Options, Tls
from segcli.server.workers import Workers

_BACKLOG = 1024
_IDLE = 60  # seconds for which a connection is kept open between requests
_LAST_REQUESTS = 30  # seconds in which those under way may finish when the server is told to stop

OpenBackend = Callable[[], Backend]
Log = Callable[[str], None]


def run(options: Options, open_backend: OpenBackend, ready: Callable[[str], None], log: Log) -> None:
    """Serves until SIGINT or SIGTERM; requests under way finish first.

    `open_backend` opens a new one, in any thread; `ready` is told the URL, `log` a line an answer.
    Raises UsageError for what cannot be listened on, and whatever the backend's first answer raises.
    """
    _try(open_backend)
    tls = None if options.tls is None else _tls_context(options.tls)
    workers = Workers(open_backend)
    journal = Journal(log, options.log_json)
    config = uvicorn.Config(
        build_app(options, workers, journal),
        http=cast(Any, partial(Connection, journal)),  # whatever makes a protocol will do
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # the journal tells all that is worth telling
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_LAST_REQUESTS,
    )
    config.load()
    config.ssl = tls
    server = _Server(config)
    with _listen(options) as listening:
        url = _url(options, listening)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(server, listening, lambda: ready(url), journal))
    if not server.force_exit:
        workers.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the loop: uvicorn would raise them again at its end."""
        yield


async def _serve(
    server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None], journal: Journal
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: journal.tell_trouble(context))
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, server.handle_exit, number, None)
        except NotImplementedError:  # on Windows, where the interpreter itself hears them
            signal.signal(number, server.handle_exit)
    ready()
    await server.serve([listening])


def _try(open_backend: OpenBackend) -> None:
    """Asks the backend something, so that one that cannot be used is not served."""
    backend = open_backend()
    try:
        backend.get_segments(SegmentQuery(page_size=1))
    finally:
        backend.close()


def _listen(options: Options) -> socket.socket:
    """A socket that takes connections.

    Raises UsageError, also where other machines would be let in without tickets.
    """
    where = f"{options.host} port {options.port}"
    try:
        family, *_, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise UsageError(f"there is no host {options.host} to listen on: {error}") from error
    if options.credentials is None and not ip_address(address[0]).is_loopback:
        raise UsageError(
            f"{options.host} can be reached from other machines, and --no-auth lets all of them in",
            hint="listen on 127.0.0.1, or leave --no-auth out",
        )
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise UsageError(
            f"cannot listen on {where}: {error.strerror}", hint="--port 0 takes any that is free"
        ) from error
    return listening


def _url(options: Options, listening: socket.socket) -> str:
    scheme = "http" if options.tls is None else "https"
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # An empty password, or OpenSSL would ask for one on the terminal.
        context.load_cert_chain(tls.certificate, tls.key, password="")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{tls.certificate} with {tls.key} is no certificate with its key: {error}"
        ) from error
    return context
