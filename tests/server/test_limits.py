"""Requests that are too large, too slow or not HTTP."""

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from segcli.server.calls import MAX_ACCOUNTS
from segcli.server.connection import MAX_HEAD
from segcli.server.request_reader import MAX_BODY
from tests.server.conftest import Client
from tests.support.serving import SEGMENTS, Served, served

# The command with a shorter timeout.
SHORT_TIMEOUT = (
    sys.executable,
    "-c",
    "from segcli.server import connection; connection.IO_TIMEOUT = 0.3\n"
    "from segcli.__main__ import main; main()",
)


@contextmanager
def connected(server: Served) -> Iterator[socket.socket]:
    parts = urlsplit(server.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Everything received until the server closes the connection."""
    read = b""
    try:
        while part := connection.recv(65_536):
            read += part
    except ConnectionResetError:
        pass
    return read


def test_the_longest_list_is_accepted_and_a_longer_one_is_not(client: Client) -> None:
    segment_id = client.add("LONG")
    path = f"{SEGMENTS}/{segment_id}/accounts"
    longest = list(range(2_147_483_647 - MAX_ACCOUNTS, 2_147_483_647))
    assert client.call("POST", path, json=longest).status_code == 204
    response = client.call("POST", path, json=[*longest, 1])
    assert (response.status_code, response.json()["errorCode"]) == (400, "MISSING_OR_INVALID_PARAMETER")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large(client: Client, chunked: bool) -> None:
    body = b" " * (MAX_BODY + 1)
    data = iter([body[: MAX_BODY // 2], body[MAX_BODY // 2 :]]) if chunked else body
    response = client.call("POST", SEGMENTS, data=data)
    assert response.status_code == 413
    assert client.call("GET", SEGMENTS).status_code == 200


def test_a_head_that_is_too_large(server: Served) -> None:
    with connected(server) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (MAX_HEAD * 8))
        except (BrokenPipeError, ConnectionResetError):
            return
        response = read_all(connection)
    assert response == b"" or response.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / SPDY/3\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_invalid_http(server: Served, sent: bytes) -> None:
    with connected(server) as connection:
        connection.sendall(sent)
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"x-vol-correlation: " in head
    assert json.loads(body)["errorCode"] == "MISSING_OR_INVALID_PARAMETER"


def test_an_incomplete_body_changes_nothing(server: Served, client: Client) -> None:
    segment_id = client.add("EARLY")
    head = (
        f"POST {SEGMENTS}/{segment_id}/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
        f"Authorization: {client.headers['Authorization']!s}\r\n\r\n[1]"
    )
    with connected(server) as connection:
        connection.sendall(head.encode())
    assert client.call("DELETE", f"{SEGMENTS}/{segment_id}/accounts/1").status_code == 409


@pytest.fixture(scope="module")
def short_timeout_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("short-timeout"), "--no-auth", command=SHORT_TIMEOUT) as running:
        yield running


SLOW = {
    "nothing": (b"", b""),
    "half a head": (b"GET / HTTP/1.1\r\nHost:", b"HTTP/1.1 408 "),
    "half a body": (
        (
            f"POST {SEGMENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Content-Length: 50\r\n\r\n{"
        ).encode(),
        b"HTTP/1.1 408 ",
    ),
}


@pytest.mark.parametrize(("sent", "expected"), SLOW.values(), ids=SLOW)
def test_a_connection_that_sends_nothing_more_is_closed(
    short_timeout_server: Served, sent: bytes, expected: bytes
) -> None:
    with connected(short_timeout_server) as connection:
        connection.sendall(sent)
        response = read_all(connection)
    assert response.startswith(expected)
    assert bool(response) == bool(expected)


def test_a_slow_second_request_is_closed_too(short_timeout_server: Served) -> None:
    with connected(short_timeout_server) as connection:
        connection.sendall(b"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\nGET /")
        response = read_all(connection)
    assert response.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in response


def test_a_client_that_does_not_read_is_disconnected(home: Path) -> None:
    with served(home, "--no-auth", command=SHORT_TIMEOUT) as server:
        with Client(server) as client:
            client.headers.clear()
            for number in range(100):
                client.call("POST", SEGMENTS, json={"code": f"{number}", "name": "x" * 100_000})
        request = f"GET {SEGMENTS}?pageSize=200 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        with connected(server) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(request)
            # The server can stop, because it no longer waits for this connection.
            server.process.terminate()
            assert server.process.wait(timeout=20) == 0


def test_trailers_are_discarded(server: Served, client: Client) -> None:
    head = (
        f"GET {SEGMENTS} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\n"
    )
    token = str(client.headers["Authorization"])
    with connected(server) as connection:
        connection.sendall(f"{head}0\r\nAuthorization: {token}\r\nx-vol-app-claims: {token}\r\n\r\n".encode())
        assert read_all(connection).startswith(b"HTTP/1.1 401 ")


FLOODS = {
    "short trailers": b"a:b\r\n" * 20_000,
    "one trailer": b"a:" + b"b" * 100_000,
    "a chunk extension": b"0;" + b"x" * 100_000,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_what_follows_a_body_is_limited_and_changes_nothing(
    server: Served, client: Client, flood: bytes
) -> None:
    before = client.call("GET", SEGMENTS).json()["totalCount"]
    head = (
        f"POST {SEGMENTS} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: {client.headers['Authorization']!s}\r\n\r\n"
    )
    body = b'{"code": "FLOOD"}'
    end = b"" if flood.startswith(b"0;") else b"0\r\n"
    with connected(server) as connection:
        connection.sendall(head.encode() + b"%x\r\n%s\r\n" % (len(body), body) + end)
        sent = 0
        with suppress(ConnectionError):
            for _ in range(400):
                connection.sendall(flood)
                sent += len(flood)
        response = read_all(connection)
    assert response == b"" or response.startswith(b"HTTP/1.1 431 ")
    assert sent < 400 * len(flood)
    assert client.call("GET", SEGMENTS).json()["totalCount"] == before


def test_a_body_in_chunks_without_its_end_changes_nothing(server: Served, client: Client) -> None:
    before = client.call("GET", SEGMENTS).json()["totalCount"]
    body = b'{"code": "UNENDED"}'
    head = (
        f"POST {SEGMENTS} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: {client.headers['Authorization']!s}\r\n\r\n"
    )
    with connected(server) as connection:
        connection.sendall(head.encode() + b"%x\r\n%s\r\n" % (len(body), body))
    assert client.call("GET", SEGMENTS).json()["totalCount"] == before


def test_a_body_in_small_chunks_is_not_too_large(client: Client) -> None:
    segment_id = client.add("CHUNKS")
    text = json.dumps(list(range(1, 30_000))).encode()
    chunks = (text[start : start + 2] for start in range(0, len(text), 2))
    assert client.call("POST", f"{SEGMENTS}/{segment_id}/accounts", data=chunks).status_code == 204


@pytest.mark.parametrize("parameter", ["responseFields", "filter", "sortBy"])
def test_query_parameters_are_limited_and_read_after_the_token(client: Client, parameter: str) -> None:
    text = ("a(" + ",".join(f"a{number}" for number in range(2000)) + "),") * 3
    response = client.call("GET", f"{SEGMENTS}?{parameter}={text}")
    assert response.status_code == 400
    assert "4,096 bytes" in response.json()["message"]
    del client.headers["Authorization"]
    assert client.call("GET", f"{SEGMENTS}?{parameter}={text}").status_code == 401


def test_a_code_that_is_too_long_is_rejected(client: Client) -> None:
    segment_id = client.add("x" * 255)
    for method, path in (("POST", SEGMENTS), ("PUT", f"{SEGMENTS}/{segment_id}")):
        response = client.call(method, path, json={"code": "\x80" * 500_000})
        assert (response.status_code, response.json()["errorCode"]) == (400, "MISSING_OR_INVALID_PARAMETER")
        assert len(response.content) < 1000


@pytest.fixture(scope="module")
def large_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a short timeout and a page that is larger than the buffers of the system."""
    folder = tmp_path_factory.mktemp("large")
    with served(folder, "--no-auth", command=SHORT_TIMEOUT) as server:
        for number in range(120):
            json_body = {"code": f"{number}", "name": "x" * 100_000}
            requests.post(server.url + SEGMENTS, json=json_body, timeout=10).raise_for_status()
        yield server


SENT_MEANWHILE = {
    "nothing": b"",
    "a whole request": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "part of a request": b"GET / HT",
    "part of a body": (
        f"POST {SEGMENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: 50\r\n\r\n{"
    ).encode(),
}


@pytest.mark.parametrize("sent", SENT_MEANWHILE.values(), ids=SENT_MEANWHILE)
def test_a_slow_reader_is_disconnected_whatever_it_sends(large_server: Served, sent: bytes) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        parts = urlsplit(large_server.url)
        connection.connect((str(parts.hostname), int(parts.port or 0)))
        connection.sendall(f"GET {SEGMENTS}?pageSize=200 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        connection.settimeout(10)
        connection.recv(1)
        connection.sendall(sent)
        deadline = time.monotonic() + 10
        while established(connection, large_server):
            assert time.monotonic() < deadline, "the server still holds the connection"
            time.sleep(0.05)


def established(connection: socket.socket, server: Served) -> bool:
    """Whether the server's process still has its end of the connection open."""
    port = connection.getsockname()[1]
    lines = Path(f"/proc/{server.process.pid}/net/tcp").read_text().splitlines()[1:]
    own = f":{urlsplit(server.url).port:04X}"
    return any(
        fields[1].endswith(own) and fields[2].endswith(f":{port:04X}") and fields[3] == "01"
        for fields in map(str.split, lines)
    )
