"""A server on loopback that answers GetAccounts and GetAccount from a list, and misbehaves as it is told.

Requests and filters are read here, independently of segcli's own parser.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple
from unicodedata import normalize
from urllib.parse import parse_qs, urlsplit

from segcli.backends.target import BackendTarget
from segcli.backends.tenant.backend import TenantBackend

PATH = "/api/commerce/customer/accounts"
_CLAUSE = re.compile(r"""(\w+) eq (?:'((?:[^']|'')*)'|"((?:[^"]|"")*)")""")

Filtering = Literal["applied", "ignored", "rejected", "off by one"]


class Request(NamedTuple):
    """A request; `query` is its query string as it was sent, `parameters` are its values."""

    path: str
    query: str
    parameters: dict[str, str]
    headers: dict[str, str]

    @property
    def start(self) -> int:
        return int(self.parameters.get("startIndex", 0))

    @property
    def filter(self) -> str | None:
        return self.parameters.get("filter")


Change = Callable[[Request, dict[str, Any]], None]


class AccountServer(ThreadingHTTPServer):
    """Serves until closed. `change` is called with every collection before it is sent.

    `failing` are filters, paths or start indexes that are answered with 500.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, accounts: Sequence[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.accounts = list(accounts)
        self.filtering: Filtering = "applied"
        self.change: Change = lambda request, document: None
        self.failing: Callable[[Request], bool] = lambda request: False
        self.latency = 0.0  # seconds
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        self.running = self.most_at_once = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def filters(self) -> list[str]:
        """The filters that were sent."""
        return [request.filter for request in self.requests if request.filter is not None]

    @property
    def page_sizes(self) -> list[str]:
        """The page sizes of the requests without a filter."""
        pages = [request for request in self.requests if request.path == PATH and request.filter is None]
        return [request.parameters["pageSize"] for request in pages]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores clients that disconnect."""

    def matching(self, filter: str | None) -> list[dict[str, Any]]:
        """Raises ValueError for a filter that is not understood."""
        ordered = sorted(self.accounts, key=lambda account: int(account["id"]))
        if filter is None or self.filtering == "ignored":
            return ordered
        clause = _CLAUSE.fullmatch(filter)
        if clause is None or self.filtering == "rejected":
            raise ValueError(filter)
        name, single, double = clause.groups()
        value = (double or "").replace('""', '"') if single is None else single.replace("''", "'")
        if self.filtering == "off by one":
            return ordered[:1]
        return [account for account in ordered if folded(account.get(name)) == folded(value)]


def folded(text: str | None) -> str | None:
    return None if text is None else normalize("NFC", normalize("NFC", text.strip()).casefold())


@contextmanager
def serving(accounts: Sequence[dict[str, Any]]) -> Iterator[AccountServer]:
    """A server that runs until the block ends."""
    server = AccountServer(accounts)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def opened(server: AccountServer, **settings: Any) -> Iterator[TenantBackend]:
    """The server as a backend; `settings` are those of a BackendTarget."""
    backend = TenantBackend(BackendTarget(server.url, **{"timeout": 20.0, **settings}))
    try:
        yield backend
    finally:
        backend.close()


def account(number: int, **members: Any) -> dict[str, Any]:
    """An account as GetAccounts has it, registered under an e-mail address of its own."""
    email = f"person{number}@example.com"
    return {
        "id": number,
        "emailAddress": email,
        "userName": email,
        "externalId": f"C-{number}",
        "customerSet": "default",
        "isAnonymous": False,
        "isActive": True,
        **members,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    server: AccountServer

    def log_message(self, format: str, *arguments: Any) -> None:
        """Logs nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        parameters = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        request = Request(parts.path, parts.query, parameters, dict(self.headers.items()))
        server = self.server
        with server.lock:
            server.requests.append(request)
            server.running += 1
            server.most_at_once = max(server.most_at_once, server.running)
        try:
            time.sleep(server.latency)
            self._answer(*self._response(request))
        finally:
            with server.lock:
                server.running -= 1

    do_DELETE = do_GET  # noqa: N815 - a name of the base class

    def _response(self, request: Request) -> tuple[int, Any]:
        if not request.path.startswith(PATH):
            return 404, {}
        if self.server.failing(request):
            return 500, {"errorCode": "UNEXPECTED_ERROR", "message": "sorry"}
        if request.path.startswith(f"{PATH}/"):
            wanted = request.path.rpartition("/")[2]
            found = [each for each in self.server.accounts if str(each["id"]) == wanted]
            return (200, found[0]) if found else (404, {"errorCode": "ITEM_NOT_FOUND", "message": "no"})
        try:
            accounts = self.server.matching(request.filter)
        except ValueError:
            return 400, {"errorCode": "MISSING_OR_INVALID_PARAMETER", "message": "no such field"}
        size = int(request.parameters.get("pageSize", 20))
        document = {
            "totalCount": len(accounts),
            "items": accounts[request.start : request.start + size],
        }
        self.server.change(request, document)
        return 200, document

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
