"""One connection: what HTTP asks of it, within limits of time and size that uvicorn leaves open."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from segcli.errors import UsageError
from segcli.server.access_log import Journal
from segcli.server.responses import Problem, error_body, new_correlation_id

PATIENCE = 30.0  # seconds for a request to arrive whole, and for a part of an answer to be taken
MAX_HEAD = 64 * 1024  # bytes of a request line with its headers
_FAREWELL = 0.5  # seconds

_REASONS = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}


class _Corked(asyncio.Transport):
    """A transport that sends what is written in one turn of the loop at once: an answer's head with its
    body, one system call instead of two."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def write(self, data: Any) -> None:
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()
        if self._transport.get_extra_info("sslcontext"):
            self._loop.call_later(_FAREWELL, self._part)

    def abort(self) -> None:
        self._held.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def _part(self) -> None:
        """Ends a TLS connection: most clients never answer a goodbye, and half a minute is waited for it."""
        if self._transport.get_write_buffer_size():
            self._loop.call_later(_FAREWELL, self._part)
        else:
            self._transport.abort()

    def _send(self) -> None:
        if self._held:
            self._transport.write(b"".join(self._held))
            self._held.clear()


class Connection(HttpToolsProtocol):
    """Closed where nothing comes, or too slowly, or too much of a head, or nothing is taken."""

    def __init__(self, journal: Journal, **settings: Any) -> None:
        super().__init__(**settings)
        self._journal = journal
        self._deadline: asyncio.TimerHandle | None = None
        self._head = 0  # bytes of a head that has begun
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.transport = _Corked(transport, self.loop)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head = self._head + len(data) if self._in_head else 0
        if self._head > MAX_HEAD:
            self._refuse(431, f"the head is longer than {MAX_HEAD:,} bytes")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect()
        self._in_head = True
        # Lets the application lose a connection, as a network does.
        self.scope["extensions"] = {"segcli": {"drop": self.transport.abort}}

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._relax()
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect()

    def resume_writing(self) -> None:
        self._relax()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "the request is no HTTP")

    def _expect(self) -> None:
        self._relax()
        self._deadline = self.loop.call_later(PATIENCE, self._give_up)

    def _relax(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """A request that has begun is told why it ends, while nothing has been answered yet."""
        begun = self._head > 0 or (not self._in_head and not self._is_answered())
        if begun:
            self._refuse(408, f"the request did not arrive within {PATIENCE:g} s")
        else:
            self.transport.abort()

    def _is_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_started

    def _refuse(self, status: int, message: str) -> None:
        """Answers what never becomes a request, and closes."""
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
        self._journal.note(status, "-", correlation_id, self.client[0] if self.client else "-", fate=message)
