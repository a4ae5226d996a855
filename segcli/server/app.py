"""The application: finds a request's operation, lets it through or not, and answers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from types import SimpleNamespace
from typing import Any

import falcon
from falcon.asgi import App, Request, Response

from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.server.access_log import Journal
from segcli.server.faults import MAINTENANCE, Fault, Trouble
from segcli.server.openapi import PREFIX, document
from segcli.server.options import Options
from segcli.server.page import page
from segcli.server.requests import read_call, ticket_of
from segcli.server.responses import UNEXPECTED, Problem, ProblemError, encode, error_body
from segcli.server.routes import SEGMENT_OPERATIONS, TENANT_OPERATIONS, TICKET_OPERATIONS, Operation
from segcli.server.tenant import Tenant
from segcli.server.tickets import Tickets, refused
from segcli.server.workers import Workers, answer_of

Answer = Callable[[Operation[Any], Request, Response, dict[str, str]], Awaitable[None]]


def build_app(options: Options, workers: Workers, journal: Journal) -> App[Request, Response]:
    """The application, which serves the backends of `workers` and tells `journal` of it."""
    app = App(middleware=[journal])
    app.req_options.strip_url_path_trailing_slash = True
    app.add_error_handler(ProblemError, _on_problem)
    app.add_error_handler(falcon.HTTPError, _on_http_error)
    app.add_error_handler(Exception, _on_fault)
    service = _Service(options, workers)
    _mount(app, SEGMENT_OPERATIONS, service.on_segments)
    _mount(app, TENANT_OPERATIONS, service.on_tenant)
    _mount(app, TICKET_OPERATIONS, service.on_tickets)
    description = encode(document(tickets_needed=options.credentials is not None))
    _show(app, f"{PREFIX}/openapi.json", falcon.MEDIA_JSON, lambda _: description)
    _show(app, "/", falcon.MEDIA_HTML, lambda request: page(options, request.prefix).encode())
    return app


class _Service:
    """What happens between a request and its operation."""

    def __init__(self, options: Options, workers: Workers) -> None:
        self._open = options.credentials is None
        self._tickets = Tickets(options.credentials, options.token_lifetime)
        self._tenant = Tenant(options.tenant, options.site)
        self._trouble = Trouble(options.faults)
        self._workers = workers

    async def on_segments(
        self, operation: Operation[Backend], request: Request, response: Response, path: dict[str, str]
    ) -> None:
        self._require_ticket(request)
        self._tenant.admit(request.get_header("x-vol-tenant"), request.get_header("x-vol-site"))
        wait = self._trouble.retry_after()
        if wait is not None:
            response.status = 429
            response.set_header("Retry-After", str(wait))
            return
        call = await read_call(operation, request, path)
        fault = self._trouble.draw()
        if self._trouble.latency:
            await asyncio.sleep(self._trouble.latency)
        if fault is Fault.MAINTENANCE:
            raise ProblemError(MAINTENANCE)
        if fault is not Fault.LOST_REQUEST:
            answer = await self._workers.run(operation, call)
            _give(response, operation, answer)
        if fault is not None:
            request.context.fate = fault.value
            request.scope["extensions"]["segcli"]["drop"]()

    async def on_tenant(
        self, operation: Operation[Tenant], request: Request, response: Response, path: dict[str, str]
    ) -> None:
        self._require_ticket(request)
        call = await read_call(operation, request, path)
        _give(response, operation, answer_of(operation, call, operation.act(self._tenant, call)))

    async def on_tickets(
        self, operation: Operation[Tickets], request: Request, response: Response, path: dict[str, str]
    ) -> None:
        call = await read_call(operation, request, path)
        _give(response, operation, answer_of(operation, call, operation.act(self._tickets, call)))

    def _require_ticket(self, request: Request) -> None:
        if self._open:
            return
        token = ticket_of(request)
        if token is None:
            raise refused("the request bears no token")
        if not self._tickets.is_good(token):
            raise refused("the token is unknown, or has expired")


def _mount(app: App[Request, Response], operations: Iterable[Operation[Any]], answer: Answer) -> None:
    """Gives each path of `operations` a resource with a responder a method."""

    def responder(operation: Operation[Any]) -> Callable[..., Awaitable[None]]:
        async def respond(request: Request, response: Response, **path: str) -> None:
            await answer(operation, request, response, path)

        return respond

    resources: dict[str, SimpleNamespace] = {}
    for operation in operations:
        resource = resources.setdefault(operation.path, SimpleNamespace())
        setattr(resource, f"on_{operation.method.lower()}", responder(operation))
    for path, resource in resources.items():
        app.add_route(PREFIX + path, resource)


def _show(
    app: App[Request, Response], path: str, content_type: str, body: Callable[[Request], bytes]
) -> None:
    async def respond(request: Request, response: Response) -> None:
        response.content_type = content_type
        response.data = body(request)

    app.add_route(path, SimpleNamespace(on_get=respond))


def _give(response: Response, operation: Operation[Any], answer: bytes) -> None:
    response.status = operation.status
    response.data = answer


async def _on_problem(request: Request, response: Response, error: ProblemError, _: object) -> None:
    request.context.fate = str(error.__cause__) if error.__cause__ and error.problem.status >= 500 else None
    _give_problem(request, response, error.problem)


async def _on_http_error(request: Request, response: Response, error: falcon.HTTPError, _: object) -> None:
    """What the framework finds by itself: there is no such path, or no such method at it."""
    code = "ITEM_NOT_FOUND" if error.status_code == 404 else UsageError.code
    message = error.description or f"there is no operation {request.method} {request.path}"
    response.set_headers(error.headers or {})
    _give_problem(request, response, Problem(error.status_code, code, message))


async def _on_fault(request: Request, response: Response, error: Exception, _: object) -> None:
    request.context.fate = f"a fault in segcli: {type(error).__name__}: {error}"
    _give_problem(request, response, UNEXPECTED)


def _give_problem(request: Request, response: Response, problem: Problem) -> None:
    response.status = problem.status
    response.content_type = falcon.MEDIA_JSON
    response.data = error_body(problem, request.context.correlation_id)
