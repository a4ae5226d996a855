"""The process: how it starts, fails to start, and stops."""

import json
import signal
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import trustme

from tests.support.command import Segments
from tests.support.serving import SEGMENTS, Served, served


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_after_requests_in_progress(home: Path, number: int) -> None:
    with served(home, "--no-auth") as server:
        parts = urlsplit(server.url)
        body = b'{"code": "LAST"}'
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as connection:
            connection.sendall(
                f"POST {SEGMENTS} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                "Content-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
            )
            assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
            server.process.send_signal(number)
            while not refuses(server.url):
                pass
            connection.sendall(body)
            response = b""
            while part := connection.recv(4096):
                response += part
        assert response.startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(timeout=20) == 0
        assert server.log.read_text().endswith("stopped\n")
    assert not list(home.glob("data/segments/*-wal"))


def refuses(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def test_the_printed_credentials_connect_a_client(segments: Segments, tmp_path: Path) -> None:
    client = Segments(tmp_path / "client")
    with served(tmp_path) as server:
        assert client("add", "VIP", **server.environ).code == 0
        assert client("list", "-o", "code", **server.environ).lines == ["VIP"]
        assert client("list", "-o", "code", "--backend", server.url).code == 5
    assert segments.ok("list", "-o", "code").lines == ["VIP"]


def test_a_secret_from_the_environment_is_not_printed(segments: Segments) -> None:
    process = segments.start(
        "serve", "--port", "0", "--client-id", "acme", "-o", "json", SEGMENTS_SERVE_SECRET="hush-hush"
    )
    assert process.stdout
    assert process.stderr
    result = json.loads(process.stdout.readline())
    assert result.keys() == {"url", "clientId"}
    process.terminate()
    assert b"hush-hush" not in process.stderr.read()
    assert process.wait(timeout=20) == 0
    process.stdout.close()
    process.stderr.close()


INVALID = {
    "public without login": (("--no-auth", "--host", "0.0.0.0"), "refusing --no-auth"),
    "public without login, IPv6": (("--no-auth", "--host", "::"), "refusing --no-auth"),
    "public without TLS": (("--host", "0.0.0.0"), "refusing plain HTTP on 0.0.0.0"),
    "a URL as a host name": (("--allow-host", "https://x.example"), "is not a host name"),
    "a host name with a port": (("--allow-host", "x.example:80"), "is not a host name"),
    "no such host": (("--host", "no.such.host.invalid"), "cannot listen on 'no.such.host.invalid'"),
    "client id without login": (("--no-auth", "--client-id", "x"), "cannot be used with --no-auth"),
    "TLS without a key": (("--tls-cert", "x.pem"), "must be used together"),
    "not a certificate": (
        ("--tls-cert", "/dev/null", "--tls-key", "/dev/null"),
        "cannot load the certificate /dev/null with the key /dev/null: PEM lib\n",
    ),
    "no such certificate": (
        ("--tls-cert", "/no/such.pem", "--tls-key", "/dev/null"),
        "cannot load the certificate /no/such.pem with the key /dev/null: No such file or directory\n",
    ),
    "a port too large": (("--port", "65536"), "65536"),
    "rate limit 0": (("--rate-limit", "0"), "rate-limit"),
    "fault rate above 1": (("--fault-rate", "2"), "fault-rate"),
    "unknown log format": (("--log-format", "xml"), "xml"),
}


@pytest.mark.parametrize(("options", "message"), INVALID.values(), ids=INVALID)
def test_invalid_options(segments: Segments, options: tuple[str, ...], message: str) -> None:
    done = segments("serve", "--port", "0", *options)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_secret_that_is_not_text_is_refused(segments: Segments) -> None:
    done = segments("serve", "--port", "0", SEGMENTS_SERVE_SECRET="\udcff\udcfe")  # bytes that are not UTF-8
    assert (done.code, done.stdout) == (2, "")
    assert "SEGMENTS_SERVE_SECRET is not valid UTF-8 text" in done.stderr


@pytest.mark.parametrize("options", [("--insecure",), ("--insecure", "--allow-host", "127.0.0.1")])
def test_the_advice_for_all_addresses_can_be_used(
    segments: Segments, tmp_path: Path, options: tuple[str, ...]
) -> None:
    client = Segments(tmp_path / "client")
    with served(tmp_path, "--host", "0.0.0.0", *options) as server:
        assert server.url.startswith("http://127.0.0.1:")
        lines = advice(server).splitlines()
        (host,) = (line.partition("=")[2] for line in lines if "export KIBO_API_HOST=" in line)
        assert client("list", **{**server.environ, "KIBO_API_HOST": host}).code == 0


def advice(server: Served, end: str = "segments list") -> str:
    """The log up to `end`; the server writes it after the URL."""
    deadline = time.monotonic() + 10
    while end not in (log := server.log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return log


def test_no_command_is_printed_that_segments_would_refuse(tmp_path: Path) -> None:
    with served(tmp_path, "--host", "0.0.0.0", "--insecure", "--allow-host", "box.example") as server:
        assert server.url.startswith("http://box.example:")
        assert "KIBO_API_HOST" not in advice(server, end="it requires TLS for other machines")
        page = requests.get(
            f"http://127.0.0.1:{urlsplit(server.url).port}/", headers={"Host": "box.example"}, timeout=10
        ).text
    assert "KIBO_API_HOST" not in page
    assert "use TLS" in page


def test_the_first_line_of_output_in_a_pipe_is_the_url_and_the_client_id(segments: Segments) -> None:
    process = segments.start("serve", "--port", "0", "--client-id", "acme", SEGMENTS_SERVE_SECRET="x")
    assert process.stdout
    assert process.stderr
    url, client_id = process.stdout.readline().decode().rstrip("\n").split("\t")
    process.terminate()
    process.communicate(timeout=20)
    assert url.startswith("http://127.0.0.1:")
    assert client_id == "acme"


def test_a_port_in_use(segments: Segments, tmp_path: Path) -> None:
    with served(tmp_path, "--no-auth") as server:
        done = segments("serve", "--port", str(urlsplit(server.url).port))
    assert done.code == 2
    assert "Address already in use" in done.stderr
    assert "--port 0" in done.stderr


def test_a_store_that_cannot_be_read(segments: Segments, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("no database" * 100)
    assert segments("serve", "--port", "0", "--backend", f"sqlite:{broken}").code == 7


def test_without_the_extra_the_hint_says_how_to_install_it(segments: Segments) -> None:
    import subprocess

    without = "import sys; sys.modules['uvicorn'] = None; from segcli.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "serve", "--port", "0"],
        env=segments.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install '.[serve]'" in done.stderr


def test_tls(home: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    for name, pem in (
        ("ca.pem", authority.cert_pem),
        ("key.pem", certificate.private_key_pem),
        ("cert.pem", certificate.cert_chain_pems[0]),
    ):
        pem.write_to_path(str(home / name))
    with served(
        home, "--no-auth", "--tls-cert", str(home / "cert.pem"), "--tls-key", str(home / "key.pem")
    ) as server:
        assert server.url.startswith("https://")
        response = requests.get(server.url + SEGMENTS, verify=str(home / "ca.pem"), timeout=10)
    assert response.json()["totalCount"] == 0


def test_a_server_whose_backend_is_a_server_gives_the_same_responses(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    with served(tmp_path / "far", "--no-auth") as far:
        with served(tmp_path / "near", "--no-auth", "--backend", far.url) as near:
            for server in (near, far):
                response = requests.post(near.url + SEGMENTS, json={"code": server.url}, timeout=10)
                assert response.json()["code"] == server.url
            assert requests.post(near.url + SEGMENTS, json={"code": far.url}, timeout=10).status_code == 409
            far.process.terminate()
            far.process.wait(timeout=20)
            response = requests.get(near.url + SEGMENTS + "/1", timeout=60)
        assert response.status_code == 503
        assert response.json()["errorCode"] == "SYSTEM_MAINTENANCE"
