"""The request log: one line per response, safe to print on a terminal; and the correlation id."""

import json
import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote_plus

from falcon.asgi import Request, Response

from segcli.server.responses import new_correlation_id, timestamp
from segcli.text import visible

_HIDDEN = "***"
_SAFE = "*'\"(),:$!;/?"  # is logged without percent-encoding
_VALUE = r"""'(?:[^']|'')*'|"(?:[^"]|"")*\""""
_QUOTED = re.compile(_VALUE)
_COMPARED = re.compile(rf"(emailaddress\s+\w+\s+)(?:{_VALUE}|(?!null\b)[^\s'\"]+)", re.IGNORECASE)
_MAX_REQUEST = 300  # characters of method, path and query in a line


class AccessLog:
    """Logs every response; a falcon middleware.

    `write_line` receives one line of text, or one JSON object if `as_json`.
    """

    def __init__(self, write_line: Callable[[str], None], as_json: bool) -> None:
        self._write_line = write_line
        self._as_json = as_json

    async def process_request(self, request: Request, response: Response) -> None:
        request.context.started = time.perf_counter()
        request.context.detail = None
        request.context.correlation_id = new_correlation_id()

    async def process_response(
        self, request: Request, response: Response, resource: object, succeeded: bool
    ) -> None:
        context = request.context
        response.set_header("x-vol-correlation", context.correlation_id)
        # A refresh token is part of its path; the log contains the template instead.
        has_secret = "{refreshToken}" in (request.uri_template or "")
        path = request.uri_template if has_secret else request.path
        query = f"?{_without_addresses(request.query_string)}" if request.query_string else ""
        self.log_response(
            response.status_code,
            f"{request.method} {_without_words(path or '', '/')}{query}",
            context.correlation_id,
            request.remote_addr,
            (time.perf_counter() - context.started) * 1000,
            context.detail,
        )

    def log_response(
        self,
        status: int,
        request: str,
        correlation_id: str,
        client: str,
        milliseconds: float | None = None,
        detail: str | None = None,
    ) -> None:
        """Logs one response. `request` is its method and URL, `client` an IP address.

        `detail` is what the status does not tell: the cause of an error, or a simulated fault.
        """
        duration = None if milliseconds is None else round(milliseconds, 1)
        request = request[:_MAX_REQUEST]
        if self._as_json:
            record = {
                "time": _now(),
                "status": status,
                "request": request,
                "milliseconds": duration,
                "correlationId": correlation_id,
                "client": client,
                "detail": detail,
            }
            self._write_line(json.dumps(record, separators=(",", ":")))
        else:
            took = "" if duration is None else f" {duration}ms"
            suffix = f" {detail}" if detail else ""
            line = f"{_now()} {status} {request}{took} {correlation_id} {client}{suffix}"
            self._write_line(visible(line))

    def log_loop_error(self, context: Mapping[str, object]) -> None:
        """Logs an error that the event loop caught, such as a failed TLS handshake.

        `context` is what asyncio passes to an exception handler.
        """
        detail = str(context.get("exception") or context["message"])
        if self._as_json:
            self._write_line(json.dumps({"time": _now(), "detail": detail}, separators=(",", ":")))
        else:
            self._write_line(visible(f"{_now()} {detail}"))


def _without_addresses(query: str) -> str:
    """The query string with `***` for e-mail addresses, and parts of them that a filter compares."""
    return "&".join(map(_without_address, query.split("&")))


def _without_address(parameter: str) -> str:
    """Decodes only a parameter that may have an address: everything else is logged as it was sent.

    An unbalanced quote does not tell where an address ends: then all of the value is hidden.
    """
    name, separator, value = parameter.partition("=")
    text = unquote_plus(value)
    if "%" in text:  # encoded twice, by mistake
        text = unquote_plus(text)
    if "@" not in text and "emailaddress" not in text.lower():
        return f"{_without_words(name, ' ')}{separator}{value}"
    text = _COMPARED.sub(rf"\1{_HIDDEN}", text)
    text = _QUOTED.sub(lambda match: _HIDDEN if "@" in match[0] else match[0], text)
    if "@" in text:
        text = _HIDDEN if "'" in text or '"' in text else _without_words(text, " ")
    return f"{_without_words(name, ' ')}{separator}{quote(text, safe=_SAFE)}"


def _without_words(text: str, separator: str) -> str:
    """The text with `***` for its parts that have an address."""
    return separator.join(_HIDDEN if "@" in word else word for word in text.split(separator))


def _now() -> str:
    return timestamp(time.time())
