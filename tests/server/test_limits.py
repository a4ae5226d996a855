"""Requests that are too large, too slow or not HTTP."""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

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
