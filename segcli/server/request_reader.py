"""Reads a falcon request: its parameters, its body up to a size limit, its access token."""

from collections.abc import Mapping

from falcon.asgi import Request

from segcli.server.calls import Call, read_json, read_query
from segcli.server.responses import ProblemError, invalid
from segcli.server.routes import Operation, Subject

MAX_BODY = 4 * 1024 * 1024  # bytes; the longest list of account ids takes a third of it


async def read_call(operation: Operation[Subject], request: Request, path: Mapping[str, str]) -> Call:
    """The call that a request makes; `path` has its path parameters by name.

    The body is not read if the operation has none. Raises ProblemError.
    """
    query = read_query(request.params, operation.parameters, accounts=operation.of_accounts)
    body = None if operation.body_schema is None else read_json(await _read_body(request))
    return Call(path, query, body, request.netloc)


async def _read_body(request: Request) -> bytes:
    expected = request.content_length
    if (expected or 0) > MAX_BODY:
        raise _too_large()
    body = bytearray()
    async for data in request.stream:
        body += data
        if len(body) > MAX_BODY:
            raise _too_large()
    # Of a body in chunks, only the parser knows whether it was complete when the connection ended.
    if not request.scope["extensions"]["segcli"]["complete"]:
        raise invalid(f"the request body is incomplete: got {len(body):,} bytes")
    return bytes(body)


def _too_large() -> ProblemError:
    return invalid(f"the request body is larger than {MAX_BODY:,} bytes", status=413)


def read_token(request: Request) -> str | None:
    """The access token in the header Authorization (Bearer) or x-vol-app-claims, if there is one."""
    scheme, _, token = (request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.get_header("x-vol-app-claims")
