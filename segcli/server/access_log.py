"""The log: a line an answer, whatever it holds made safe to show; and the answer's correlation id."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from falcon.asgi import Request, Response

from segcli.server.responses import new_correlation_id
from segcli.text import visible

_SHOWN = 300  # characters of a path that a line quotes


class Journal:
    """Writes the log, as the application's middleware."""

    def __init__(self, write: Callable[[str], None], as_json: bool) -> None:
        self._write = write
        self._as_json = as_json

    async def process_request(self, request: Request, response: Response) -> None:
        request.context.begun = time.perf_counter()
        request.context.fate = None
        request.context.correlation_id = new_correlation_id()

    async def process_response(
        self, request: Request, response: Response, resource: object, succeeded: bool
    ) -> None:
        context = request.context
        response.set_header("x-vol-correlation", context.correlation_id)
        # What renews a ticket stands in a path, and is nobody's to read in a log.
        secret = "{refreshToken}" in (request.uri_template or "")
        path = request.uri_template if secret else request.path
        query = f"?{request.query_string}" if request.query_string else ""
        self.note(
            response.status_code,
            f"{request.method} {path}{query}",
            context.correlation_id,
            request.remote_addr,
            (time.perf_counter() - context.begun) * 1000,
            context.fate,
        )

    def note(
        self,
        status: int,
        request: str,
        correlation_id: str,
        client: str,
        milliseconds: float | None = None,
        fate: str | None = None,
    ) -> None:
        """Writes a line; `fate` says what became of a request beside its status."""
        took = None if milliseconds is None else round(milliseconds, 1)
        request = request[:_SHOWN]
        if self._as_json:
            line = {
                "time": _now(),
                "status": status,
                "request": request,
                "milliseconds": took,
                "correlationId": correlation_id,
                "client": client,
                "fate": fate,
            }
            self._write(json.dumps(line, separators=(",", ":")))
        else:
            lasted = "" if took is None else f" {took}ms"
            ended = f" {fate}" if fate else ""
            self._write(visible(f"{_now()} {status} {request}{lasted} {correlation_id} {client}{ended}"))

    def tell_trouble(self, context: dict[str, Any]) -> None:
        """Writes what the event loop has caught: a handshake that failed, a socket that broke."""
        fate = str(context.get("exception") or context["message"])
        if self._as_json:
            self._write(json.dumps({"time": _now(), "fate": fate}, separators=(",", ":")))
        else:
            self._write(visible(f"{_now()} {fate}"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
