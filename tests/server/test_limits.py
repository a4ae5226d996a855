"""What is too long, too slow or no HTTP at all."""

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
from segcli.server.requests import MAX_BODY
from tests.server.conftest import Client
from tests.support.serving import SEGMENTS, Served, served

# The command, with less patience than a user is shown.
IMPATIENT = (
    sys.executable,
    "-c",
    "from segcli.server import connection; connection.PATIENCE = 0.3\n"
    "from segcli.__main__ import main; main()",
)


@contextmanager
def connected(server: Served) -> Iterator[socket.socket]:
    parts = urlsplit(server.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    read = b""
    try:
        while part := connection.recv(65_536):
            read += part
    except ConnectionResetError:
        pass
    return read


def test_the_longest_list_is_taken_and_a_longer_one_is_not(client: Client) -> None:
    segment_id = client.add("LONG")
    path = f"{SEGMENTS}/{segment_id}/accounts"
    longest = list(range(2_147_483_647 - MAX_ACCOUNTS, 2_147_483_647))
    assert client.call("POST", path, json=longest).status_code == 204
    answer = client.call("POST", path, json=[*longest, 1])
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "MISSING_OR_INVALID_PARAMETER")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_long(client: Client, chunked: bool) -> None:
    body = b" " * (MAX_BODY + 1)
    data = iter([body[: MAX_BODY // 2], body[MAX_BODY // 2 :]]) if chunked else body
    answer = client.call("POST", SEGMENTS, data=data)
    assert answer.status_code == 413
    assert client.call("GET", SEGMENTS).status_code == 200


def test_a_head_that_is_too_long(server: Served) -> None:
    with connected(server) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (MAX_HEAD * 8))
        except (BrokenPipeError, ConnectionResetError):
            return
        answer = read_all(connection)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / SPDY/3\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_no_http(server: Served, sent: bytes) -> None:
    with connected(server) as connection:
        connection.sendall(sent)
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"x-vol-correlation: " in head
    assert json.loads(body)["errorCode"] == "MISSING_OR_INVALID_PARAMETER"


def test_a_body_that_ends_early_changes_nothing(server: Served, client: Client) -> None:
    segment_id = client.add("EARLY")
    head = (
        f"POST {SEGMENTS}/{segment_id}/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
        f"Authorization: {client.headers['Authorization']!s}\r\n\r\n[1]"
    )
    with connected(server) as connection:
        connection.sendall(head.encode())
    assert client.call("DELETE", f"{SEGMENTS}/{segment_id}/accounts/1").status_code == 409


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("impatient"), "--no-auth", command=IMPATIENT) as running:
        yield running


SLOW = {
    "nothing": (b"", b""),
    "half a head": (b"GET / HTTP/1.1\r\nHost:", b"HTTP/1.1 408 "),
    "half a body": (
        f"POST {SEGMENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{{".encode(),
        b"HTTP/1.1 408 ",
    ),
}


@pytest.mark.parametrize(("sent", "answered"), SLOW.values(), ids=SLOW)
def test_a_connection_that_sends_nothing_more_is_closed(
    impatient: Served, sent: bytes, answered: bytes
) -> None:
    with connected(impatient) as connection:
        connection.sendall(sent)
        answer = read_all(connection)
    assert answer.startswith(answered)
    assert bool(answer) == bool(answered)


def test_a_slow_second_request_is_closed_too(impatient: Served) -> None:
    with connected(impatient) as connection:
        connection.sendall(b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\nGET /")
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


def test_a_client_that_takes_nothing_is_let_go(home: Path) -> None:
    with served(home, "--no-auth", command=IMPATIENT) as server:
        with Client(server) as client:
            client.headers.clear()
            for number in range(100):
                client.call("POST", SEGMENTS, json={"code": f"{number}", "name": "x" * 100_000})
        request = f"GET {SEGMENTS}?pageSize=200 HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        with connected(server) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(request)
            # The server ends: it does not wait for this connection any more.
            server.process.terminate()
            assert server.process.wait(timeout=20) == 0
