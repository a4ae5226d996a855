"""Requests of web pages: the headers that browsers send, and a real browser that visits hostile pages."""

import http.client
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.serving import SEGMENTS, TICKETS, Served, served

BODY = b'{"code": "CSRF"}'
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server without tokens; tests leave its store empty."""
    with served(tmp_path_factory.mktemp("open"), "--no-auth") as running:
        yield running


def status(server: Served, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> int:
    """The status of a request with exactly these headers, `{host}` being the server's Host header."""
    netloc = urlsplit(server.url).netloc
    connection = http.client.HTTPConnection(netloc, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": netloc, **headers}.items():
        connection.putheader(name, value.format(host=netloc))
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


OWN_HOSTS = ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8080"]
FOREIGN_HOSTS = [
    "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.5",
    "0.0.0.0", "", "localhost@evil.example", "localhost,evil.example", "[::2]", "evil.example#localhost",
]  # fmt: skip


@pytest.mark.parametrize("host", OWN_HOSTS)
def test_a_loopback_host_is_accepted(open_server: Served, host: str) -> None:
    assert status(open_server, "GET", SEGMENTS, {"Host": host}) == 200


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_any_other_host_is_misdirected(open_server: Served, server: Served, host: str) -> None:
    for each in (open_server, server):
        for method, path in (("GET", SEGMENTS), ("GET", "/"), ("DELETE", f"{SEGMENTS}/1"), ("GET", "/x")):
            assert status(each, method, path, {"Host": host}) == 421
        assert status(each, "POST", f"{TICKETS}/oauth", {"Host": host, **JSON}, b"{}") == 421


def test_two_host_headers_are_rejected(open_server: Served) -> None:
    connection = http.client.HTTPConnection(urlsplit(open_server.url).netloc, timeout=10)
    for second in ("localhost", "evil.example"):
        connection.putrequest("GET", SEGMENTS, skip_host=True)
        connection.putheader("Host", "localhost")
        connection.putheader("Host", second)
        connection.endheaders()
        response = connection.getresponse()
        response.read()
        assert response.status == 421
    connection.close()


@pytest.mark.parametrize(
    ("options", "accepted", "rejected"),
    [
        (("--allow-host", "box.example, Other"), ["box.example:80", "other", "127.0.0.1"], ["evil.example"]),
        (("--host", "localhost"), ["localhost"], ["evil.example"]),
        (("--host", "0.0.0.0", "--insecure"), ["192.168.1.5", "[fe80::1]:8"], ["evil.example"]),
        (("--host", "::", "--insecure", "--allow-host", "box"), ["192.168.1.5", "box"], ["evil.example"]),
    ],
)
def test_the_hosts_of_options_are_accepted(
    home: Path, options: tuple[str, ...], accepted: list[str], rejected: list[str]
) -> None:
    with served(home, *options) as server:
        server = server._replace(url=f"http://localhost:{urlsplit(server.url).port}")
        for host in accepted:
            assert status(server, "GET", "/", {"Host": host}) == 200
        for host in rejected:
            assert status(server, "GET", "/", {"Host": host}) == 421


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_other_origins_are_forbidden_without_tokens(
    open_server: Served, server: Served, headers: dict[str, str]
) -> None:
    for method, path in (("GET", SEGMENTS), ("DELETE", f"{SEGMENTS}/1"), ("OPTIONS", SEGMENTS)):
        assert status(open_server, method, path, headers) == 403
    assert status(open_server, "POST", SEGMENTS, {**headers, **JSON}, BODY) == 403
    assert status(server, "GET", SEGMENTS, headers) == 401  # a website has no token


def test_the_own_origin_is_accepted(open_server: Served) -> None:
    for headers in ({"Origin": "http://{host}"}, {"Sec-Fetch-Site": "same-origin"}, {}):
        assert status(open_server, "GET", SEGMENTS, headers) == 200


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain;application/json",
    ],
)
def test_a_body_that_is_not_json_is_not_accepted_without_tokens(
    open_server: Served, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    for path in (SEGMENTS, f"{SEGMENTS}/1/accounts", f"{TICKETS}/oauth"):
        assert status(open_server, "POST", path, headers, BODY) == 415
    assert status(open_server, "PUT", f"{SEGMENTS}/1", headers, BODY) == 415
    chunked = {**headers, "Transfer-Encoding": "chunked"}
    connection = http.client.HTTPConnection(urlsplit(open_server.url).netloc, timeout=10)
    connection.request("POST", SEGMENTS, iter([BODY]), chunked, encode_chunked=True)
    assert connection.getresponse().status == 415
    connection.close()


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON ; charset=utf-8"])
def test_json_is_accepted(open_server: Served, content_type: str) -> None:
    body = b'{"code": "JSON"}'
    assert status(open_server, "POST", SEGMENTS, {"Content-Type": content_type}, body) == 200
    (segment,) = requests.get(open_server.url + SEGMENTS, timeout=10).json()["items"]
    assert status(open_server, "DELETE", f"{SEGMENTS}/{segment['id']}", {}) == 204


# A hostile page: it sends what a page can send to another origin, then reports what it was able to read.
PAGE = """<!doctype html><title>x</title>
<iframe name="sink"></iframe>
<form id="form" method="post" enctype="text/plain" target="sink"
 action="TARGET/api/commerce/customer/segments">
<input name='{"code": "FORM", "name": "' value='"}'></form>
<script>
const url = "TARGET/api/commerce/customer/segments";
const read = [];
const send = (path, options) => fetch(url + path, options).then(r => r.text()).then(text => read.push(text));
const json = {"Content-Type": "application/json"};
const plain = new Blob(['{"code": "BEACON"}'], {type: "text/plain"});
const untyped = new Blob(['{"code": "UNTYPED"}']);
document.getElementById("form").submit();
navigator.sendBeacon(url, plain);
navigator.sendBeacon(url, untyped);
Promise.allSettled([
  send("", {method: "POST", mode: "no-cors", body: '{"code": "PLAIN"}'}),
  send("", {method: "POST", mode: "no-cors", body: untyped}),
  send("", {method: "POST", mode: "no-cors", body: new TextEncoder().encode('{"code": "BUFFER"}')}),
  send("/1/accounts", {method: "POST", mode: "no-cors", body: "[666]"}),
  send("", {method: "POST", headers: json, body: '{"code": "JSON"}'}),
  send("/1", {method: "PUT", headers: json, body: '{"code": "PUT"}'}),
  send("/1", {method: "DELETE"}),
  send("", {}),
]).then(() => new Promise(done => setTimeout(done, 1000)))
  .then(() => fetch("/report", {method: "POST", body: read.join("")}));
</script>
"""


class Hostile(ThreadingHTTPServer):
    """Serves PAGE; `report` is what the page could read, once `reported` is set."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), HostileHandler)
        self.page = PAGE.replace("TARGET", target).encode()
        self.reported = Event()
        self.report = ""


class HostileHandler(BaseHTTPRequestHandler):
    server: Hostile

    def do_GET(self) -> None:
        self.answer(self.server.page)

    def do_POST(self) -> None:
        self.server.report = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(b"")
        self.server.reported.set()

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing."""


@contextmanager
def hostile(target: str) -> Iterator[Hostile]:
    with Hostile(target) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def browsing(url: str, folder: Path, *options: str) -> Iterator[None]:
    """A browser that shows `url` while the block runs."""
    log = (folder / "browser.log").open("wb")
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}", *options, url,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


needs_browser = pytest.mark.skipif(
    shutil.which("chromium") is None or sys.platform != "linux", reason="needs chromium"
)


@needs_browser
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "evil.example"])
def test_a_page_of_another_origin_changes_and_reads_nothing(home: Path, name: str) -> None:
    with served(home, "--no-auth") as server, hostile(server.url) as attacker:
        requests.post(server.url + SEGMENTS, json={"code": "KEPT"}, timeout=10).raise_for_status()
        page = f"http://{name}:{attacker.server_port}/"
        with browsing(page, home, "--host-resolver-rules=MAP evil.example 127.0.0.1"):
            assert attacker.reported.wait(60)
        assert attacker.report == ""
        assert codes(server) == ["KEPT"]
        assert requests.get(f"{server.url}/api/commerce/customer/accounts", timeout=10).json()["items"] == []
        statuses = logged_statuses(server)
    assert {"403"} <= statuses <= {"200", "403", "415"}, "the browser's requests did not arrive"


@needs_browser
def test_a_rebound_name_reads_and_changes_nothing(home: Path) -> None:
    """The page's own host name resolves to the server: for the browser that is the same origin."""
    with served(home, "--no-auth") as server:
        requests.post(server.url + SEGMENTS, json={"code": "KEPT"}, timeout=10).raise_for_status()
        port = urlsplit(server.url).port
        page = f"http://evil.example:{port}{SEGMENTS}"
        with browsing(page, home, "--host-resolver-rules=MAP evil.example 127.0.0.1"):
            deadline = time.monotonic() + 60
            while "421" not in logged_statuses(server):
                assert time.monotonic() < deadline
                time.sleep(0.1)
        with hostile(f"http://evil.example:{port}") as attacker:
            page = f"http://evil.example:{attacker.server_port}/"
            with browsing(page, home, "--host-resolver-rules=MAP evil.example 127.0.0.1"):
                assert attacker.reported.wait(60)
        assert attacker.report == ""
        assert codes(server) == ["KEPT"]


def codes(server: Served) -> list[str]:
    page = requests.get(server.url + SEGMENTS, timeout=10).json()
    return [segment["code"] for segment in page["items"]]


def logged_statuses(server: Served) -> set[str]:
    lines = (line.split() for line in server.log.read_text().splitlines())
    return {words[1] for words in lines if len(words) > 3 and words[1].isdigit()}
