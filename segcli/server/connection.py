"""One HTTP connection, with the timeouts and size limits that uvicorn lacks."""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from segcli.errors import UsageError
from segcli.server.access_log import AccessLog
from segcli.server.responses import Problem, error_body, new_correlation_id

IO_TIMEOUT = 30.0  # seconds to receive a whole request, and for the client to read part of a response
MAX_HEAD = 64 * 1024  # bytes of a request line with its headers, and of what follows the body
_CLOSE_STEP = 0.5  # seconds

_REASONS = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}


class _BufferedTransport(asyncio.Transport):
    """Sends everything that is written in one iteration of the event loop at once.

    Head and body of a response are then one system call instead of two.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._buffer: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._buffer:
            self._loop.call_soon(self._flush)
        self._buffer.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()
        if self._transport.get_write_buffer_size() or self._transport.get_extra_info("sslcontext"):
            deadline = self._loop.time() + IO_TIMEOUT
            self._loop.call_later(_CLOSE_STEP, self._abort_if_sent, deadline)

    def abort(self) -> None:
        self._buffer.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def _abort_if_sent(self, deadline: float) -> None:
        """Ends a connection that the client does not read, or whose TLS close it does not answer.

        The event loop would wait for ever for the one, and 30 s for the other, which is what most
        clients do. `deadline` is the time of the loop at which what was not sent is dropped.
        """
        if self._transport.get_write_buffer_size() and self._loop.time() < deadline:
            self._loop.call_later(_CLOSE_STEP, self._abort_if_sent, deadline)
        else:
            self._transport.abort()

    def _flush(self) -> None:
        if self._buffer:
            self._transport.write(b"".join(self._buffer))
            self._buffer.clear()


class _Timer:
    """Calls a function once IO_TIMEOUT has passed since `start`, unless it was stopped before."""

    def __init__(self, loop: asyncio.AbstractEventLoop, expire: Callable[[], None]) -> None:
        self._loop = loop
        self._expire = expire
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self.stop()
        self._handle = self._loop.call_later(IO_TIMEOUT, self._expire)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class Connection(HttpToolsProtocol):
    """Closed if a request arrives too slowly or with too large a head, or if no response is read.

    Overrides callbacks of asyncio.Protocol and of the httptools parser; `cycle`, `scope` and `transport`
    are uvicorn's.
    """

    def __init__(self, access_log: AccessLog, **settings: Any) -> None:
        """`settings` are those that uvicorn passes to a protocol."""
        super().__init__(**settings)
        self._request_log = access_log
        self._read_timeout = _Timer(self.loop, self._on_read_timeout)
        self._write_timeout = _Timer(self.loop, lambda: self.transport.abort())
        self._receiving = False  # part of a request
        self._in_head = True
        self._overhead = 0  # bytes received since the request began, or since the last part of its body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self.transport = _BufferedTransport(transport, self.loop)
        self._read_timeout.start()

    def connection_lost(self, exc: Exception | None) -> None:
        self._read_timeout.stop()
        self._write_timeout.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > MAX_HEAD:
            self._reject(431, f"the request line and headers are larger than {MAX_HEAD:,} bytes")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._read_timeout.start()
        self._receiving = self._in_head = True
        self._overhead = 0
        # abort, for simulated faults, drops the connection as a network does; complete says whether the
        # whole request was received.
        self.scope["extensions"] = {"segcli": {"abort": self.transport.abort, "complete": False}}

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # what follows a body in chunks are trailers: nothing needs them
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._overhead = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._read_timeout.stop()
        self._receiving = False
        self._overhead = 0
        self.scope["extensions"]["segcli"]["complete"] = True
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_timeout.start()

    def resume_writing(self) -> None:
        self._write_timeout.stop()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._reject(400, "the request is not valid HTTP")

    def _on_read_timeout(self) -> None:
        """Responds 408 if part of a request was received and no response to it has started."""
        if self._receiving and (self._in_head or not self.cycle.response_started):
            self._reject(408, f"the request was not received within {IO_TIMEOUT:g} s")
        else:
            self.transport.abort()

    def _reject(self, status: int, message: str) -> None:
        """Responds with an error to what did not become a request, and closes the connection."""
        if self.transport.is_closing():
            return
        correlation_id = new_correlation_id()
        body = error_body(Problem(status, UsageError.code, message), correlation_id)
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nx-vol-correlation: {correlation_id}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
        client = self.client[0] if self.client else "-"
        self._request_log.log_response(status, "-", correlation_id, client, detail=message)
