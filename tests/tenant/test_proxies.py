"""Proxies: never for this machine; elsewhere the environment's, which errors and `doctor` name."""

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
import trustme

from tests.support.command import Segments
from tests.support.tenant_server import TenantServer, serving, unused_url

VARIABLES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
HOST = "tenant.example"


class Proxy(ThreadingTCPServer):
    """Connects every client to `target`, whatever host it asks for; or answers with `refusal`."""

    daemon_threads = True

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.target = target
        self.asked: list[str] = []
        self.refusal: bytes | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Tunnel(StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline().decode().strip())
        while self.rfile.readline().strip():
            continue
        if self.server.refusal:
            self.wfile.write(self.server.refusal)
            return
        self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        with suppress(OSError), socket.create_connection(self.server.target) as inner:
            ends = {self.connection: inner, inner: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65_536)
                    if not data:
                        return
                    ends[end].sendall(data)


@pytest.fixture
def secure(segments: Segments, tmp_path: Path) -> Iterator[TenantServer]:
    """A tenant with TLS as tenant.example, which only the proxy can find."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    with serving(tmp_path / "tenant.db", tls=context) as server:
        bundle = {"SEGMENTS_CA_BUNDLE": str(tmp_path / "authority.pem")}
        segments.env |= {**server.environ, **bundle, "KIBO_API_HOST": HOST}
        yield server


@pytest.fixture
def proxy(secure: TenantServer) -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", int(secure.server_address[1]))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("variable", VARIABLES)
def test_requests_to_this_machine_go_through_no_proxy(
    segments: Segments, tenant: TenantServer, variable: str
) -> None:
    segments.ok("list", **tenant.environ, **{variable: unused_url()})
    assert len(tenant.requests) == 1
    local = tenant.url.replace("127.0.0.1", "localhost")
    segments.ok("list", **{**tenant.environ, "KIBO_API_HOST": local, variable: unused_url()})


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_proxy_in_the_environment_is_used(
    segments: Segments, secure: TenantServer, proxy: Proxy, variable: str
) -> None:
    segments.ok("list", **{variable: proxy.url})
    assert {line.rpartition(" ")[0] for line in proxy.asked} == {f"CONNECT {HOST}:443"}
    assert len(secure.requests) == 1
    rows = segments.ok("doctor", "-o", "json", **{variable: proxy.url}).json["items"]
    (host,) = [row["detail"] for row in rows if row["check"] == "host"]
    assert host == f"through the proxy {proxy.url}: 127.0.0.1"


@pytest.mark.usefixtures("secure")
def test_a_proxy_that_cannot_be_reached_is_named_without_its_password(segments: Segments) -> None:
    down = unused_url()
    with_password = down.replace("//", "//user:pa55@")
    for command in ("list", "doctor"):
        done = segments(command, "--timeout", "2", https_proxy=with_password)
        assert done.code == 6
        assert f"https://{HOST} cannot be reached through the proxy {down}: Connection refused" in done.stderr
        assert "https_proxy" in done.stderr
        assert "pa55" not in done.stdout + done.stderr


def test_what_a_proxy_answers_is_reported(segments: Segments, proxy: Proxy) -> None:
    proxy.refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    done = segments("list", "--timeout", "2", https_proxy=proxy.url)
    assert done.code == 6
    assert f"through the proxy {proxy.url}: Tunnel connection failed: 403 Forbidden" in done.stderr


def test_a_host_in_no_proxy_is_reached_directly(segments: Segments, proxy: Proxy) -> None:
    done = segments("list", "--timeout", "2", https_proxy=proxy.url, no_proxy="example")
    assert done.code == 6
    assert "proxy" not in done.stderr
    assert proxy.asked == []


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://u:PW@[bad"])
def test_a_proxy_that_cannot_be_used_is_named_at_once(segments: Segments, proxy: str) -> None:
    backend = "https://t1-s2.sandbox.mozu.com"
    done = segments(
        "--backend", backend, "list", https_proxy=proxy, KIBO_CLIENT_ID="v", KIBO_SHARED_SECRET="x"
    )
    assert done.code == 6
    assert "the proxy" in done.stderr
    assert "cannot be used" in done.stderr
    assert "retrying" not in done.stderr
    assert "PW" not in done.stderr
