"""The OpenAPI 3 document of what is served, made from the table of operations."""

import re
from collections.abc import Iterable
from typing import Any

from segcli import __version__
from segcli.model import INT32_MAX
from segcli.query.tree import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from segcli.server.responses import Json
from segcli.server.routes import SEGMENT_OPERATIONS, TENANT_OPERATIONS, TICKET_OPERATIONS, Operation
from segcli.server.schemas import SCHEMAS

PREFIX = "/api"
_INT32: Json = {"type": "integer", "format": "int32", "minimum": -INT32_MAX - 1, "maximum": INT32_MAX}
_PARAMETERS: dict[str, Json] = {
    "startIndex": {**_INT32, "minimum": 0, "default": 0},
    "pageSize": {**_INT32, "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
    "sortBy": {"type": "string", "example": "name desc, id"},
    "filter": {"type": "string", "example": "name cont 'vip' and createDate ge 2026-01-01"},
    "responseFields": {"type": "string", "example": "items(id,code),totalCount"},
    "id": _INT32,
    "accountId": _INT32,
    "tenant": _INT32,
    "refreshToken": {"type": "string"},
}
_MEANINGS = {
    200: "Done",
    204: "Done; there is nothing to say",
    400: "Malformed: JSON, a parameter, a value",
    401: "No token, a bad or an expired one; wrong credentials",
    403: "A good token, for another tenant or site",
    404: "There is no such segment",
    408: "The request did not arrive in time",
    409: "A segment without a code, a code that is taken, an account that is no member",
    413: "The body is too long",
    429: "Too many requests",
    500: "Unexpected",
    503: "The backend cannot be used now",
}
# What an operation can meet, whatever it is: by whether it reads a body, needs a ticket, needs a backend.
_ANY = (400, 500)
_WITH_BODY = (408, 413)
_WITH_TICKET = (401, 403)
_WITH_BACKEND = (429, 503)
_CORRELATION: Json = {"x-vol-correlation": {"schema": {"type": "string"}, "description": "The answer's name"}}
_RETRY_AFTER: Json = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}


def document(tickets_needed: bool) -> Json:
    """The document; `tickets_needed` says whether the server lets nobody in without one."""
    security: list[Json] = [{"ticket": []}, {"appClaims": []}] if tickets_needed else []
    paths: dict[str, dict[str, Json]] = {}
    _describe(paths, SEGMENT_OPERATIONS, _WITH_TICKET + _WITH_BACKEND, security)
    _describe(paths, TENANT_OPERATIONS, _WITH_TICKET, security)
    _describe(paths, TICKET_OPERATIONS, (), [])
    return {
        "openapi": "3.0.3",
        "info": {"title": "Customer segments", "version": __version__},
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "ticket": {"type": "http", "scheme": "bearer"},
                "appClaims": {"type": "apiKey", "in": "header", "name": "x-vol-app-claims"},
            },
        },
    }


def _describe(
    paths: dict[str, dict[str, Json]],
    operations: Iterable[Operation[Any]],
    statuses: tuple[int, ...],
    security: list[Json],
) -> None:
    for operation in operations:
        described: Json = {
            "operationId": operation.name,
            "parameters": _parameters(operation),
            "responses": _responses(operation, statuses),
            "security": security,
        }
        if operation.body is not None:
            described["requestBody"] = {"required": True, "content": _content(operation.body)}
        paths.setdefault(operation.path, {})[operation.method.lower()] = described


def _parameters(operation: Operation[Any]) -> list[Json]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _PARAMETERS[name]}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    in_query = [
        {"name": name, "in": "query", "allowEmptyValue": True, "schema": _PARAMETERS[name]}
        for name in operation.parameters
    ]
    return in_path + in_query


def _responses(operation: Operation[Any], statuses: tuple[int, ...]) -> Json:
    with_body = () if operation.body is None else _WITH_BODY
    found = {operation.status, *_ANY, *with_body, *statuses, *operation.statuses}
    return {str(status): _response(operation, status) for status in sorted(found)}


def _response(operation: Operation[Any], status: int) -> Json:
    response: Json = {"description": _MEANINGS[status], "headers": _CORRELATION}
    if status == 429:
        response["headers"] = {**_CORRELATION, **_RETRY_AFTER}
    elif status >= 400:
        response["content"] = _content("Error")
    elif operation.answer is not None:
        response["content"] = _content(operation.answer)
    return response


def _content(schema: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
