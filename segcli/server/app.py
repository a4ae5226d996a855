"""The falcon application: maps each path and method to its operation, checks access, and responds."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from types import SimpleNamespace

import falcon
from falcon.asgi import App, Request, Response

from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.server.access_log import AccessLog
from segcli.server.auth_tickets import TicketIssuer, unauthorized
from segcli.server.faults import MAINTENANCE, Fault, FaultInjector
from segcli.server.openapi import PREFIX, document
from segcli.server.options import Options
from segcli.server.page import page
from segcli.server.request_guard import RequestGuard
from segcli.server.request_reader import read_call, read_token
from segcli.server.responses import UNEXPECTED, Problem, ProblemError, encode, error_body
from segcli.server.routes import (
    SEGMENT_OPERATIONS,
    TENANT_OPERATIONS,
    TICKET_OPERATIONS,
    Operation,
    Subject,
)
from segcli.server.tenant import Tenant
from segcli.server.workers import Workers, response_body

# Handles one request for an operation; the mapping has the path parameters by name.
Handler = Callable[[Operation[Subject], Request, Response, dict[str, str]], Awaitable[None]]


def build_app(options: Options, workers: Workers, access_log: AccessLog) -> App[Request, Response]:
    """The application: serves the backends of `workers` and logs each response."""
    app = App(middleware=[access_log])
    app.add_middleware(RequestGuard(options))
    app.req_options.strip_url_path_trailing_slash = True
    app.add_error_handler(ProblemError, _on_problem)
    app.add_error_handler(falcon.HTTPError, _on_http_error)
    app.add_error_handler(Exception, _on_bug)
    handlers = _Handlers(options, workers)
    _add_operations(app, SEGMENT_OPERATIONS, handlers.handle_segments)
    _add_operations(app, TENANT_OPERATIONS, handlers.handle_tenant)
    _add_operations(app, TICKET_OPERATIONS, handlers.handle_tickets)
    openapi = encode(document(requires_token=options.credentials is not None))
    _add_page(app, f"{PREFIX}/openapi.json", falcon.MEDIA_JSON, lambda _: openapi)
    _add_page(app, "/", falcon.MEDIA_HTML, lambda request: page(options, request.prefix).encode())
    return app


class _Handlers:
    """What happens before and after an operation: access, simulated faults, arguments, response."""

    def __init__(self, options: Options, workers: Workers) -> None:
        self._client_id = options.credentials.client_id if options.credentials else None
        self._tickets = TicketIssuer(options.credentials, options.token_lifetime)
        self._tenant = Tenant(options.tenant, options.site)
        self._faults = FaultInjector(options.faults)
        self._workers = workers

    async def handle_segments(
        self, operation: Operation[Backend], request: Request, response: Response, path: dict[str, str]
    ) -> None:
        self._require_token(request)
        self._tenant.require_match(request.get_header("x-vol-tenant"), request.get_header("x-vol-site"))
        wait = self._faults.retry_after()
        if wait is not None:
            response.status = 429
            response.set_header("Retry-After", str(wait))
            return
        call = await read_call(operation, request, path)
        fault = self._faults.next_fault()
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        if fault is not None:
            request.context.detail = fault.value
        if fault is Fault.MAINTENANCE:
            raise ProblemError(MAINTENANCE)
        if fault is not Fault.LOST_REQUEST:
            _respond(response, operation, await self._workers.run(operation, call, self._client_id))
        if fault is not None:
            request.scope["extensions"]["segcli"]["abort"]()

    async def handle_tenant(
        self, operation: Operation[Tenant], request: Request, response: Response, path: dict[str, str]
    ) -> None:
        self._require_token(request)
        call = await read_call(operation, request, path)
        _respond(response, operation, response_body(operation, call, operation.execute(self._tenant, call)))

    async def handle_tickets(
        self, operation: Operation[TicketIssuer], request: Request, response: Response, path: dict[str, str]
    ) -> None:
        call = await read_call(operation, request, path)
        _respond(response, operation, response_body(operation, call, operation.execute(self._tickets, call)))

    def _require_token(self, request: Request) -> None:
        """Raises ProblemError (401)."""
        if self._client_id is None:
            return
        token = read_token(request)
        if token is None:
            raise unauthorized("the request has no access token")
        if not self._tickets.is_valid(token):
            raise unauthorized("the access token is unknown, expired or revoked")


def _add_operations(
    app: App[Request, Response], operations: Iterable[Operation[Subject]], handle: Handler[Subject]
) -> None:
    """Adds a falcon resource for each path, with a responder for each method."""

    def responder(operation: Operation[Subject]) -> Callable[..., Awaitable[None]]:
        async def respond(request: Request, response: Response, **path: str) -> None:
            await handle(operation, request, response, path)

        return respond

    resources: dict[str, SimpleNamespace] = {}
    for operation in operations:
        resource = resources.setdefault(operation.path, SimpleNamespace())
        setattr(resource, f"on_{operation.method.lower()}", responder(operation))
    for path, resource in resources.items():
        app.add_route(PREFIX + path, resource)


def _add_page(
    app: App[Request, Response], path: str, content_type: str, body: Callable[[Request], bytes]
) -> None:
    async def respond(request: Request, response: Response) -> None:
        response.content_type = content_type
        response.data = body(request)

    app.add_route(path, SimpleNamespace(on_get=respond))


def _respond(response: Response, operation: Operation[Subject], body: bytes) -> None:
    response.status = operation.status
    response.data = body


async def _on_problem(request: Request, response: Response, error: ProblemError, _: object) -> None:
    # The response does not tell why the server or its backend failed; the log does.
    if error.problem.status >= 500 and error.__cause__ is not None:
        request.context.detail = str(error.__cause__)
    _respond_problem(request, response, error.problem)


async def _on_http_error(request: Request, response: Response, error: falcon.HTTPError, _: object) -> None:
    """Errors of falcon itself: an unknown path, or a method that the path does not have."""
    code = "ITEM_NOT_FOUND" if error.status_code == 404 else UsageError.code
    message = error.description or f"there is no operation {request.method} {request.path}"
    response.set_headers(error.headers or {})
    _respond_problem(request, response, Problem(error.status_code, code, message))


async def _on_bug(request: Request, response: Response, error: Exception, _: object) -> None:
    request.context.detail = f"a bug in segcli: {type(error).__name__}: {error}"
    _respond_problem(request, response, UNEXPECTED)


def _respond_problem(request: Request, response: Response, problem: Problem) -> None:
    response.status = problem.status
    response.content_type = falcon.MEDIA_JSON
    response.data = error_body(problem, request.context.correlation_id)
