"""The OpenAPI 3 document, generated from the tables of operations."""

import re
from collections.abc import Iterable

from segcli import __version__
from segcli.model import INT32_MAX
from segcli.query.tree import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from segcli.result import Json
from segcli.server.routes import (
    SEGMENT_OPERATIONS,
    TENANT_OPERATIONS,
    TICKET_OPERATIONS,
    Operation,
    Subject,
)
from segcli.server.schemas import SCHEMAS

PREFIX = "/api"
_INT32: Json = {"type": "integer", "format": "int32", "minimum": -INT32_MAX - 1, "maximum": INT32_MAX}
_PARAMETERS: dict[str, Json] = {
    "startIndex": {**_INT32, "minimum": 0, "default": 0},
    "pageSize": {**_INT32, "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
    "sortBy": {"type": "string", "example": "name desc, id"},
    "filter": {"type": "string", "example": "name cont 'vip' and createDate ge 2026-01-01"},
    "responseFields": {"type": "string", "example": "items(id,code),totalCount"},
    "isAnonymous": {"type": "boolean"},
    "id": _INT32,
    "accountId": _INT32,
    "tenant": _INT32,
    "refreshToken": {"type": "string"},
}
_OF_ACCOUNTS: dict[str, Json] = {
    "sortBy": {"type": "string", "example": "id asc"},
    "filter": {"type": "string", "example": "segments.id eq 12 and isActive eq true"},
    "responseFields": {"type": "string", "example": "items(id,emailAddress,segments(id)),totalCount"},
}
_DESCRIPTIONS = {
    200: "Success",
    204: "Success, without a body",
    400: "Invalid JSON, parameter or value",
    401: "Missing, unknown or expired access token; wrong credentials",
    403: "The access token is not valid for this tenant or site; the request is from another website",
    404: "The segment or the account does not exist",
    408: "The request was not received in time",
    409: "The segment has no code, the code is taken, or the account is not a member",
    413: "The request body is too large",
    415: "The request body is not declared as JSON",
    421: "The Host header names another host",
    429: "The rate limit is exceeded",
    500: "Unexpected error",
    503: "The backend is unavailable",
}
# Error statuses by kind of operation: all, with a request body, with an access token, on a backend.
_COMMON = (400, 403, 421, 500)
_WITH_BODY = (408, 413, 415)
_WITH_TOKEN = (401,)
_WITH_BACKEND = (429, 503)
_CORRELATION: Json = {
    "x-vol-correlation": {"schema": {"type": "string"}, "description": "Identifies the response in the log"}
}
_RETRY_AFTER: Json = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds until requests are accepted again"}
}


def document(requires_token: bool) -> Json:
    """The document; `requires_token` is False for a server that was started with --no-auth."""
    security: list[Json] = [{"ticket": []}, {"appClaims": []}] if requires_token else []
    paths: dict[str, dict[str, Json]] = {}
    _describe(paths, SEGMENT_OPERATIONS, _WITH_TOKEN + _WITH_BACKEND, security)
    _describe(paths, TENANT_OPERATIONS, _WITH_TOKEN, security)
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
    operations: Iterable[Operation[Subject]],
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
        if operation.body_schema is not None:
            described["requestBody"] = {"required": True, "content": _content(operation.body_schema)}
        paths.setdefault(operation.path, {})[operation.method.lower()] = described


def _parameters(operation: Operation[Subject]) -> list[Json]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _PARAMETERS[name]}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    schemas = {**_PARAMETERS, **(_OF_ACCOUNTS if operation.of_accounts else {})}
    in_query = [
        {"name": name, "in": "query", "allowEmptyValue": True, "schema": schemas[name]}
        for name in operation.parameters
    ]
    return in_path + in_query


def _responses(operation: Operation[Subject], statuses: tuple[int, ...]) -> Json:
    with_body = () if operation.body_schema is None else _WITH_BODY
    possible = {operation.status, *_COMMON, *with_body, *statuses, *operation.error_statuses}
    return {str(status): _response(operation, status) for status in sorted(possible)}


def _response(operation: Operation[Subject], status: int) -> Json:
    response: Json = {"description": _DESCRIPTIONS[status], "headers": _CORRELATION}
    if status == 429:
        response["headers"] = {**_CORRELATION, **_RETRY_AFTER}
    elif status >= 400:
        response["content"] = _content("Error")
    elif operation.response_schema is not None:
        response["content"] = _content(operation.response_schema)
    return response


def _content(schema: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
