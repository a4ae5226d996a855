"""A server on loopback that speaks HTTP, or something like it, in the worst ways: one mode for each.

It holds one segment, VIP with id 1 and the accounts 1001 and 1002, and answers honestly to the methods that
its mode does not apply to.
"""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

SEGMENT = {
    "id": 1,
    "code": "VIP",
    "name": "Very important",
    "description": None,
    "auditInfo": {"createDate": "2026-11-01T00:00:00.000Z"},
}
ACCOUNTS = [{"id": 1001, "segments": [SEGMENT]}, {"id": 1002, "segments": [SEGMENT]}]


class Exchange(NamedTuple):
    """One request, and the connection to answer on."""

    method: str
    path: str
    parameters: dict[str, str]
    connection: socket.socket

    @property
    def start(self) -> int:
        return int(self.parameters.get("startIndex", 0))

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Sends byte by byte."""
        for byte in data:
            self.send(bytes([byte]))
            time.sleep(pause)

    def answer(self, body: object = b"", status: str = "200 OK", **headers: str) -> None:
        """A correct response; a body that is not bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + data)

    def answer_honestly(self) -> None:
        if self.method != "GET":
            self.answer(status="204 No Content") if "accounts" in self.path else self.answer(SEGMENT)
        elif self.path.endswith("/segments/1"):
            self.answer(SEGMENT)
        else:
            self.answer(collection(ACCOUNTS if self.path.endswith("/accounts") else [SEGMENT]))


_TLS_HANDSHAKE = b"\x16"

Mode = Callable[[Exchange], None]


def collection(items: object, total: object = None) -> dict[str, Any]:
    count = len(items) if isinstance(items, list) else 0
    return {"totalCount": count if total is None else total, "items": items}


class EvilServer:
    """Answers with `mode`; `requests` are the methods and paths received, each attempt of them."""

    def __init__(self, mode: Mode, methods: str) -> None:
        self.requests: list[str] = []
        self._mode = mode
        self._methods = methods.split()
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _converse(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            if stream.peek(1)[:1] == _TLS_HANDSHAKE:  # a plain server answers it like any bad request
                self._mode(Exchange("", "", {}, connection))
                return
            while line := stream.readline():
                method, target, _ = line.decode("latin-1").split(" ")
                length = 0
                while (header := stream.readline()).strip():
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                stream.read(length)
                parts = urlsplit(target)
                parameters = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                self.requests.append(f"{method} {parts.path}")
                exchange = Exchange(method, parts.path, parameters, connection)
                if method in self._methods:
                    self._mode(exchange)
                else:
                    exchange.answer_honestly()


@contextmanager
def evil(mode: Mode, methods: str = "GET POST PUT DELETE") -> Iterator[EvilServer]:
    """A server that runs until the block ends; other methods get an honest response."""
    server = EvilServer(mode, methods)
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        server.close()


def raw(data: bytes) -> Mode:
    """Sends these bytes, and closes."""

    def mode(exchange: Exchange) -> None:
        exchange.send(data)
        exchange.connection.shutdown(socket.SHUT_RDWR)

    return mode


def fixed(body: object = b"", status: str = "200 OK", **headers: str) -> Mode:
    return lambda exchange: exchange.answer(body, status, **headers)


def endless(first: bytes, then: bytes, pause: float = 0.0) -> Mode:
    """Sends `first`, then the same bytes again and again."""

    def mode(exchange: Exchange) -> None:
        exchange.send(first)
        while True:
            exchange.send(then)
            time.sleep(pause)

    return mode


def segment_with(**members: object) -> Mode:
    """A segment with some members replaced, alone or in a collection."""

    def mode(exchange: Exchange) -> None:
        segment = {**SEGMENT, **members}
        alone = exchange.method != "GET" or exchange.path.endswith("/segments/1")
        account = {**ACCOUNTS[0], "segments": [segment]}
        items = [account] if exchange.path.endswith("/accounts") else [segment]
        exchange.answer(segment if alone else collection(items))

    return mode


def _nested(depth: int) -> object:
    value: object = 0
    for _ in range(depth):
        value = [value]
    return value


def _growing(exchange: Exchange) -> None:
    exchange.answer(collection(numbered(0, 200), 1000 + 2 * exchange.start))


def numbered(start: int, count: int) -> list[dict[str, Any]]:
    return [{**SEGMENT, "id": number, "code": f"S{number}", "segments": [SEGMENT]} for number in
            range(start + 1, start + count + 1)]  # fmt: skip


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(bytes(300 * 1024 * 1024), compresslevel=1)

SLOW: dict[str, Mode] = {
    "dripping status line": lambda exchange: exchange.drip(b"HTTP/1.1 200 OK" + b"O" * 5000),
    "dripping headers": lambda exchange: exchange.drip(HEAD + b"X: y\r\n" * 1000),
    "dripping body": lambda exchange: exchange.drip(
        HEAD + b"Content-Length: 9999\r\n\r\n" + b" " * 9999, 0.02
    ),
    "dripping chunks": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 0.05),
    "dripping trailers": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n", 0.05),
    "endless 100": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001),
    "endless 103": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 0.001),
    "silence": lambda exchange: time.sleep(20),
}
PROTOCOL: dict[str, Mode] = {
    "closes": raw(b""),
    "garbage": raw(b"\x00\xff" * 500),
    "half a status line": raw(b"HTTP/1.1 2"),
    "status 000": fixed(status="000 Zero"),
    "status 999": fixed(status="999 Many"),
    "status of letters": raw(b"HTTP/1.1 abc OK\r\n\r\n"),
    "HTTP/2": raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "another protocol": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "200 headers": raw(HEAD + b"X: y\r\n" * 200 + b"\r\n"),
    "a long header": raw(HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n"),
    "headers without colon": raw(HEAD + b"what\r\nContent-Length: 2\r\n\r\n{}"),
    "a negative length": fixed({}, Content_Length="-5"),
    "a length of letters": fixed({}, Content_Length="two"),
    "a length of 400 digits": fixed({}, Content_Length="9" * 400),
    "too long a length": raw(HEAD + b"Content-Length: 1000\r\n\r\n{}"),
    "a bad chunk": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}"),
    "a huge chunk": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 60 + b"\r\n{}"),
    "not gzip": fixed(b"plain", Content_Encoding="gzip"),
    "half a gzip": fixed(gzip.compress(b"{}" * 99)[:12], Content_Encoding="gzip"),
    "an unknown encoding": fixed({}, Content_Encoding="x-rot13"),
    "a bomb": fixed(BOMB, Content_Encoding="gzip"),
}
HEADERS: dict[str, Mode] = {
    "Date out of range": fixed(collection([]), Date="Mon, 01 Jan 99999999999 00:00:00 GMT"),
    "Date in year 0": fixed(collection([]), Date="Mon, 01 Jan 0000 00:00:00 GMT"),
    "Date of 400 digits": fixed(collection([]), Date="9" * 400),
    "Retry-After out of range": fixed(status="503 No", Retry_After="Mon, 01 Jan 99999999999 00:00:00 GMT"),
    "Retry-After of 400 digits": fixed(status="429 No", Retry_After="9" * 400),
    "Retry-After 0": fixed(status="429 No", Retry_After="0"),
    "Retry-After negative": fixed(status="429 No", Retry_After="-1"),
    "a correlation id with escapes": fixed(status="500 No", x_vol_correlation="\x1b[31m\x07" * 20),
}
STATUSES: dict[str, Mode] = {
    f"{status} {kind}": fixed(body, f"{status} Some")
    for status in (204, 206, 301, 304, 400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 500, 501, 503)
    for kind, body in (("HTML", b"<html>maintenance</html>"), ("without body", b""))
    if (status, kind) not in ((204, "without body"), (206, "without body"))
}
BODIES: dict[str, Mode] = {
    "HTML": fixed(b"<html>maintenance</html>"),
    "an error": fixed({"errorCode": "UNEXPECTED_ERROR", "message": "sorry"}),
    "nothing": fixed(),
    "null": fixed(None),
    "a list": fixed([]),
    "a text": fixed("text"),
    "a number": fixed(5),
    "true": fixed(True),
    "an empty object": fixed({}),
    "NaN": fixed(b'{"totalCount": NaN, "items": []}'),
    "1e999": fixed(b'{"totalCount": 1, "items": [{"id": 1, "code": "VIP", "x": 1e999}]}'),
    "5000 digits": fixed(b'{"totalCount": ' + b"9" * 5000 + b', "items": []}'),
    "invalid UTF-8": fixed(b'{"totalCount": 0, "items": ["\xff"]}'),
    "UTF-16": fixed(json.dumps(collection([SEGMENT])).encode("utf-16")),
    "100,000 levels": fixed(b"[" * 100_000),
    "a message of 5 MB": fixed({"errorCode": "X", "message": "m" * 5_000_000}, "500 No"),
    "a message that is a list": fixed({"errorCode": 5, "message": ["x"], "items": 7}, "400 No"),
    "a message with a surrogate": fixed(b'{"errorCode": "\\ud800", "message": "\\udfff"}', "400 No"),
}
SHAPES: dict[str, Mode] = {
    "items null": fixed({"totalCount": 5, "items": None}),
    "items an object": fixed({"totalCount": 5, "items": {}}),
    "items null inside": fixed(collection([None])),
    "items numbers": fixed(collection([5])),
    "totalCount negative": fixed(collection([], -1)),
    "totalCount true": fixed(collection([], True)),
    "totalCount a float": fixed(collection([], 1.5)),
    "totalCount of 30 digits": fixed(collection([], 10**30)),
    "an empty page": fixed(collection([], 1000)),
    "totalCount too low": fixed(collection(numbered(0, 200), 3)),
    "the same page": fixed(collection(numbered(0, 200), 1000)),
    "the same item": fixed(collection([SEGMENT] * 200, 1000)),
    "totalCount grows": _growing,
    "id negative": segment_with(id=-5),
    "id too large": segment_with(id=2**31),
    "id of 64 bits": segment_with(id=2**64),
    "id true": segment_with(id=True),
    "id a list": segment_with(id=[]),
    "id a float": segment_with(id=1.0),
    "id a text": segment_with(id="1"),
    "another id": segment_with(id=2),
    "code null": segment_with(code=None),
    "code a surrogate": segment_with(code="\ud800"),
    "name a list": segment_with(name=["x"]),
    "name a surrogate": segment_with(name="\ud800"),
    "auditInfo a list": segment_with(auditInfo=[]),
    "auditInfo of numbers": segment_with(auditInfo={"createDate": 5, "createBy": {}}),
    "a date out of range": segment_with(auditInfo={"createDate": "99999-99-99T99:99:99Z"}),
    "a member of 900 levels": segment_with(other=_nested(900)),
    "segments numbers": fixed(collection([{**SEGMENT, "segments": [1]}])),
    "segments an object": fixed(collection([{**SEGMENT, "segments": {"id": 1}}])),
    "segments with a list for an id": fixed(collection([{**SEGMENT, "segments": [{"id": []}]}])),
}
MODES = {**SLOW, **PROTOCOL, **HEADERS, **STATUSES, **BODIES, **SHAPES}
