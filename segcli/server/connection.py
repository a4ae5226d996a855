"""One HTTP connection, with the timeouts and size limits that uvicorn lacks."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from segcli.errors import UsageError
from segcli.server.access_log import AccessLog
from segcli.server.responses import Problem, error_body, new_correlation_id

IO_TIMEOUT = 30.0  # seconds to receive a whole request, and for the client to read part of a response
MAX_HEAD = 64 * 1024  # bytes of a request line with its headers
_TLS_CLOSE_TIMEOUT = 0.5  # seconds

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
        if self._transport.get_extra_info("sslcontext"):
            self._loop.call_later(_TLS_CLOSE_TIMEOUT, self._abort_if_sent)

    def abort(self) -> None:
        self._buffer.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def _abort_if_sent(self) -> None:
        """Most clients never answer a TLS close; asyncio would wait 30 s for it."""
        if self._transport.get_write_buffer_size():
            self._loop.call_later(_TLS_CLOSE_TIMEOUT, self._abort_if_sent)
        else:
            self._transport.abort()

    def _flush(self) -> None:
        if self._buffer:
            self._transport.write(b"".join(self._buffer))
            self._buffer.clear()


class Connection(HttpToolsProtocol):
    """Closed if a request arrives too slowly or with too large a head, or if no response is read.

    Overrides callbacks of asyncio.Protocol and of the httptools parser; `cycle`, `scope` and `transport`
    are uvicorn's.
    """

    def __init__(self, access_log: AccessLog, **settings: Any) -> None:
        """`settings` are those that uvicorn passes to a protocol."""
        super().__init__(**settings)
        self._request_log = access_log
        self._timeout: asyncio.TimerHandle | None = None
        self._head_size = 0  # bytes of a head that is still incomplete
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self.transport = _BufferedTransport(transport, self.loop)
        self._start_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timeout()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head_size = self._head_size + len(data) if self._in_head else 0
        if self._head_size > MAX_HEAD:
            self._reject(431, f"the request line and headers are larger than {MAX_HEAD:,} bytes")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._start_timeout()
        self._in_head = True
        # For simulated faults: lets the application drop the connection as a network does.
        self.scope["extensions"] = {"segcli": {"abort": self.transport.abort}}

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_timeout()
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._start_timeout()

    def resume_writing(self) -> None:
        self._stop_timeout()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._reject(400, "the request is not valid HTTP")

    def _start_timeout(self) -> None:
        self._stop_timeout()
        self._timeout = self.loop.call_later(IO_TIMEOUT, self._on_timeout)

    def _stop_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def _on_timeout(self) -> None:
        """Responds 408 if part of a request was received and no response has started."""
        has_partial_request = self._head_size > 0 or (not self._in_head and not self._has_response())
        if has_partial_request:
            self._reject(408, f"the request was not received within {IO_TIMEOUT:g} s")
        else:
            self.transport.abort()

    def _has_response(self) -> bool:
        return self.cycle is None or self.cycle.response_started

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
