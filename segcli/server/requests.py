"""A request read whole, within limits, before anything is done with it."""

from collections.abc import Mapping
from typing import Any

from falcon.asgi import Request

from segcli.server.calls import Call, read_json, read_query
from segcli.server.responses import invalid
from segcli.server.routes import Operation

MAX_BODY = 4 * 1024 * 1024  # bytes; the longest list of accounts takes a third of it


async def read_call(operation: Operation[Any], request: Request, path: Mapping[str, str]) -> Call:
    """What `operation` is called with; a body that it has no use for is left unread.

    Raises ProblemError.
    """
    query = read_query(request.params, operation.parameters)
    body = None if operation.body is None else read_json(await _read_body(request))
    return Call(path, query, body, request.netloc)


async def _read_body(request: Request) -> bytes:
    if (request.content_length or 0) > MAX_BODY:
        raise _too_large()
    read = bytearray()
    async for part in request.stream:
        read += part
        if len(read) > MAX_BODY:
            raise _too_large()
    if request.content_length not in (None, len(read)):
        raise invalid("the body ended early")
    return bytes(read)


def _too_large() -> Exception:
    return invalid(f"the body is longer than {MAX_BODY:,} bytes", status=413)


def ticket_of(request: Request) -> str | None:
    """The token that a request bears, in either header."""
    scheme, _, token = (request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.get_header("x-vol-app-claims")
