"""The command itself: how it starts, refuses to, and stops."""

import json
import signal
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import trustme

from tests.support.command import Segments
from tests.support.serving import SEGMENTS, served


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_requests_under_way_finish(home: Path, number: int) -> None:
    with served(home, "--no-auth") as server:
        parts = urlsplit(server.url)
        body = b'{"code": "LAST"}'
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as connection:
            connection.sendall(
                f"POST {SEGMENTS} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
            )
            assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
            server.process.send_signal(number)
            while not refuses(server.url):
                pass
            connection.sendall(body)
            answer = b""
            while part := connection.recv(4096):
                answer += part
        assert answer.startswith(b"HTTP/1.1 200 ")
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


def test_what_it_says_leads_the_command_to_it(segments: Segments, tmp_path: Path) -> None:
    client = Segments(tmp_path / "client")
    with served(tmp_path) as server:
        assert client("add", "VIP", **server.environ).code == 0
        assert client("list", "-o", "code", **server.environ).lines == ["VIP"]
        assert client("list", "-o", "code", "--backend", server.url).code == 5
    assert segments.ok("list", "-o", "code").lines == ["VIP"]


def test_a_chosen_secret_is_not_repeated(segments: Segments) -> None:
    process = segments.start(
        "serve", "--port", "0", "--client-id", "acme", "-o", "json", SEGMENTS_SERVE_SECRET="hush-hush"
    )
    assert process.stdout
    assert process.stderr
    said = json.loads(process.stdout.readline())
    assert said.keys() == {"url", "clientId"}
    process.terminate()
    assert b"hush-hush" not in process.stderr.read()
    assert process.wait(timeout=20) == 0
    process.stdout.close()
    process.stderr.close()


REFUSED = {
    "open to all": (("--no-auth", "--host", "0.0.0.0"), "let"),
    "open to all, IPv6": (("--no-auth", "--host", "::"), "let"),
    "no such host": (("--host", "no.such.host.invalid"), "no host"),
    "no auth for a client": (("--no-auth", "--client-id", "x"), "contradict"),
    "half of TLS": (("--tls-cert", "x.pem"), "go together"),
    "no certificate": (("--tls-cert", "/dev/null", "--tls-key", "/dev/null"), "no certificate"),
    "a port too large": (("--port", "65536"), "65536"),
    "no rate": (("--rate-limit", "0"), "rate-limit"),
    "no share": (("--fault-rate", "2"), "fault-rate"),
    "no log format": (("--log-format", "xml"), "xml"),
}


@pytest.mark.parametrize(("options", "said"), REFUSED.values(), ids=REFUSED)
def test_what_it_refuses_to_do(segments: Segments, options: tuple[str, ...], said: str) -> None:
    done = segments("serve", "--port", "0", *options)
    assert (done.code, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_port_in_use_is_said(segments: Segments, tmp_path: Path) -> None:
    with served(tmp_path, "--no-auth") as server:
        done = segments("serve", "--port", str(urlsplit(server.url).port))
    assert done.code == 2
    assert "Address already in use" in done.stderr
    assert "--port 0" in done.stderr


def test_a_store_that_cannot_be_read_is_not_served(segments: Segments, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("no database" * 100)
    assert segments("serve", "--port", "0", "--backend", f"sqlite:{broken}").code == 7


def test_without_the_extra_a_line_says_how_to_get_it(segments: Segments) -> None:
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
    assert "pip install 'segcli[serve]'" in done.stderr


def test_it_speaks_tls(home: Path) -> None:
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
        answer = requests.get(server.url + SEGMENTS, verify=str(home / "ca.pem"), timeout=10)
    assert answer.json()["totalCount"] == 0


def test_a_server_of_a_server_gives_the_same_answers(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    with served(tmp_path / "far", "--no-auth") as far:
        with served(tmp_path / "near", "--no-auth", "--backend", far.url) as near:
            for server in (near, far):
                answer = requests.post(near.url + SEGMENTS, json={"code": server.url}, timeout=10)
                assert answer.json()["code"] == server.url
            assert requests.post(near.url + SEGMENTS, json={"code": far.url}, timeout=10).status_code == 409
            far.process.terminate()
            far.process.wait(timeout=20)
            answer = requests.get(near.url + SEGMENTS + "/1", timeout=60)
        assert answer.status_code == 503
        assert answer.json()["errorCode"] == "SYSTEM_MAINTENANCE"
