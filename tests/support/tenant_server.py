"""A tenant on loopback: the contract's operations over HTTP on a local store, and scripted faults.

Requests, tickets and responses are implemented here, independently of segcli's client and server, so that a
misreading of HTTP or the contract's JSON shows. Segments and filters are those of `StoreBackend` and
`parse_query`: what a filter means is tested in tests/query against an independent evaluator.
"""

import json
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from segcli.account_set import AccountSet
from segcli.backends.store.backend import StoreBackend
from segcli.errors import SegcliError, UsageError
from segcli.model import SegmentDraft
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.support.stores import open_store

CLIENT_ID = "acme.segcli"
SECRET = "s3cret-never-shown"


class Request(NamedTuple):
    """A request; `number` counts those of the API from 1, without those for tickets."""

    number: int
    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: Any


class Reply(NamedTuple):
    """A response that is sent instead of the real one."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})


class Fault(NamedTuple):
    """What goes wrong with a request: before it is handled, after it, or in its response."""

    reply: Reply | None = None
    reset_before: bool = False
    reset_after: bool = False
    truncate: bool = False
    delay: float = 0.0
    drip: float = 0.0


Script = Callable[[Request], Fault | None]


class TenantServer(ThreadingHTTPServer):
    """Serves until closed. `requests` are those received; `script` decides what goes wrong."""

    daemon_threads = True

    def __init__(
        self,
        store: Path,
        script: Script | None = None,
        token_lifetime: float = 3600,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scheme = "https" if tls else "http"
        if tls:
            # The handler's thread does the handshake, so that an aborted one does not stop the server.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.store = store
        self.script = script
        self.token_lifetime = token_lifetime
        self.requests: list[Request] = []
        self.tickets = 0
        self.tokens: dict[str, float] = {}
        self.refresh_tokens: set[str] = set()
        self.applies_filter = True
        self.lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    @property
    def environ(self) -> dict[str, str]:
        """The vendor's variables with which a client connects to this server."""
        return {"KIBO_API_HOST": self.url, "KIBO_CLIENT_ID": CLIENT_ID, "KIBO_SHARED_SECRET": SECRET}

    def counted(self, method: str, path: str, parameters: dict[str, str], headers: Any, body: Any) -> Request:
        with self.lock:
            number = len(self.requests) + 1
            request = Request(number, method, path, parameters, dict(headers.items()), body)
            self.requests.append(request)
            return request

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores clients that disconnect."""

    def issue(self) -> dict[str, Any]:
        with self.lock:
            self.tickets += 1
            token, refresh = f"token-{self.tickets}", f"refresh-{self.tickets}"
            self.tokens[token] = time.time() + self.token_lifetime
            self.refresh_tokens.add(refresh)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.token_lifetime,
            "refresh_token": refresh,
        }


@contextmanager
def serving(
    store: Path,
    script: Script | None = None,
    token_lifetime: float = 3600,
    tls: ssl.SSLContext | None = None,
) -> Iterator[TenantServer]:
    """A server that runs until the block ends."""
    server = TenantServer(store, script, token_lifetime, tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def unused_url() -> str:
    """The URL of a port on which nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body in one packet, to avoid waiting for a delayed ACK
    server: TenantServer

    def log_message(self, format: str, *arguments: Any) -> None:
        """Logs nothing."""

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - names of the base class

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        parts = urlsplit(self.path)
        body = json.loads(raw) if raw else None
        if "authtickets" in parts.path:
            self._answer(self._ticket(body))
            return
        parameters = {k.lower(): v[-1] for k, v in parse_qs(parts.query).items()}
        request = self.server.counted(self.command, parts.path.rstrip("/"), parameters, self.headers, body)
        fault = self.server.script(request) if self.server.script else None
        fault = fault or Fault()
        time.sleep(fault.delay)
        if fault.reset_before:
            self._reset()
        elif fault.reply:
            self._answer(fault.reply)
        else:
            reply = self._execute(request)
            if fault.reset_after:
                self._reset()
            else:
                self._answer(reply, truncate=fault.truncate, drip=fault.drip)

    def _ticket(self, body: Any) -> Reply:
        server = self.server
        if body.get("client_id") != CLIENT_ID:
            return _error(401, "UNAUTHORIZED", "unknown client")
        if body.get("grant_type") == "refresh_token":
            with server.lock:
                known = body.get("refresh_token") in server.refresh_tokens
            return _ok(server.issue()) if known else _error(401, "UNAUTHORIZED", "unknown refresh token")
        if body.get("client_secret") != SECRET:
            return _error(401, "UNAUTHORIZED", "wrong secret")
        return _ok(server.issue())

    def _execute(self, request: Request) -> Reply:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if time.time() > self.server.tokens.get(token, 0):
            return _error(401, "UNAUTHORIZED", "no valid token")
        backend = open_store(str(self.server.store), timeout=10)
        try:
            return _operate(backend, request, self.server.applies_filter)
        except SegcliError as error:
            return _error(error.status or 500, error.code, error.message)
        finally:
            backend.close()

    def _reset(self) -> None:
        """Resets the connection, as a crashed server would."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _answer(self, reply: Reply, truncate: bool = False, drip: float = 0.0) -> None:
        self.send_response(reply.status)
        self.send_header("x-vol-correlation", f"corr-{len(self.server.requests)}")
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if truncate:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        elif drip:
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(drip)
        else:
            self.wfile.write(reply.body)


def _ok(document: Any) -> Reply:
    return Reply(200, json.dumps(document).encode())


def _error(status: int, code: str, message: str) -> Reply:
    document = {"errorCode": code, "message": message, "items": [], "additionalErrorData": []}
    return Reply(status, json.dumps(document).encode())


def _operate(backend: StoreBackend, request: Request, applies_filter: bool) -> Reply:
    path = request.path.removeprefix("/api/commerce/customer/")
    if path == "accounts":
        accounts = backend.get_accounts(_query(request.parameters, applies_filter, accounts=True))
        return _ok({**accounts.head(), "items": [account.to_json() for account in accounts.items]})
    if match := re.fullmatch(r"accounts/(\d+)", path):
        return _ok(backend.get_account(int(match[1])).to_json())
    if match := re.fullmatch(r"accounts/(\d+)/segments", path):
        query = _query(request.parameters, applies_filter)
        page = backend.get_account_segments(int(match[1]), query)
        return _ok({**page.head(), "items": [segment.to_json() for segment in page.items]})
    if path == "segments":
        if request.method == "POST":
            return _ok(backend.add_segment(_draft(request.body)).to_json())
        page = backend.get_segments(_query(request.parameters, applies_filter))
        return _ok({**page.head(), "items": [segment.to_json() for segment in page.items]})
    match = re.fullmatch(r"segments/(\d+)(?:/accounts(?:/(\d+))?)?", path)
    if match is None:
        return _error(404, "ITEM_NOT_FOUND", "no such path")
    segment_id = int(match[1])
    if match[2]:
        backend.remove_segment_account(segment_id, int(match[2]))
    elif path.endswith("/accounts"):
        if not isinstance(request.body, list):
            raise UsageError("not a list")
        backend.add_segment_accounts(segment_id, AccountSet(request.body))
    elif request.method == "PUT":
        return _ok(backend.update_segment(segment_id, _draft(request.body)).to_json())
    elif request.method == "DELETE":
        backend.delete_segment(segment_id)
    else:
        return _ok(backend.get_segment(segment_id).to_json())
    return Reply(204)


def _draft(body: Any) -> SegmentDraft:
    members = body or {}
    return SegmentDraft(members.get("code"), members.get("name"), members.get("description"))


def _query(parameters: dict[str, str], applies_filter: bool, *, accounts: bool = False) -> SegmentQuery:
    return parse_query(
        filter=parameters.get("filter", "") if applies_filter else "",
        sort_by=parameters.get("sortby", ""),
        start_index=int(parameters.get("startindex", 0)),
        page_size=int(parameters.get("pagesize", 20)),
        accounts=accounts,
    )
