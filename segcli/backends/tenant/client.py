"""Calls to one tenant: headers, tickets, and error responses raised as SegcliErrors."""

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from segcli.backends.target import BackendTarget
from segcli.backends.tenant.hosts import parse_host
from segcli.backends.tenant.rate_limit import RateLimiter
from segcli.backends.tenant.responses import Response, error_of, read_http_date
from segcli.backends.tenant.tickets import TicketCache
from segcli.backends.tenant.transport import NotSentError, Transport
from segcli.errors import NotFoundError, RateLimitedError, SegcliError, UnauthorizedError, UnavailableError

ACCOUNTS = "/api/commerce/customer/accounts"
_CREDENTIALS_HINT = (
    "set credentials with: segments profile add NAME --backend URL --client-id ID,"
    " or with KIBO_CLIENT_ID and KIBO_SHARED_SECRET"
)
_UNKNOWN_HINT = "the change may have been made: check it, or run the command again"

T = TypeVar("T")


class Client:
    """Sends the requests of the contract's operations. Thread-safe once a ticket was fetched."""

    def __init__(self, target: BackendTarget) -> None:
        """Raises UsageError if the URL is not a valid host, or one that no ticket may be sent to."""
        self.host = parse_host(target.url)
        self.clock_skew: float | None = None
        self._target = target
        self._limiter = RateLimiter(target.rps, target.on_wait)
        self._transport = Transport(self.host.origin, target, self._limiter)
        self._headers = {"Accept": "application/json"}
        for header, value in (
            ("x-vol-tenant", target.tenant or self.host.tenant),
            ("x-vol-site", target.site or self.host.site),
        ):
            if value:
                self._headers[header] = value
        # A site limits account reads to its customer set; only a profile with a customer set wants that.
        self._account_headers = dict(self._headers)
        if target.customer_set is None:
            self._account_headers.pop("x-vol-site", None)

    @property
    def place(self) -> str:
        """The host, the tenant and the site that requests are for."""
        target = [self._headers.get(header, "") for header in ("x-vol-tenant", "x-vol-site")]
        return " ".join([self.host.origin, *target])

    @property
    def retries(self) -> int:
        """How many requests were sent again, tickets not included."""
        return self._transport.retries

    def read(self, path: str, params: dict[str, str] | None = None) -> Response:
        """The response to a GET with status 2xx. Raises as `_call` does."""
        return self._call("GET", path, self._transport.deadline(), params=params)

    def read_collection(self, path: str, params: dict[str, str]) -> Response:
        """A collection that every tenant has: if it is not found, no conclusion about an item is drawn."""
        try:
            return self.read(path, params)
        except NotFoundError as error:
            raise UnavailableError(
                error.message,
                hint="is this the API host of a tenant? run segments doctor",
                status=error.status,
                correlation_id=error.correlation_id,
            ) from error

    def write(
        self,
        method: str,
        path: str,
        read: Callable[[Response], T],
        *,
        body: Any = None,
        repeatable: bool = True,
        done: type[SegcliError] | None = None,
        deadline: float | None = None,
    ) -> T:
        """Sends a request that changes something; only a 2xx response that `read` accepts acknowledges it.

        So does the error `done` in response to a retry: the first attempt did what was to be done. If the
        change may have been made without an acknowledgement, the error says so. Raises as `_call` does.
        """
        deadline = self._transport.deadline() if deadline is None else deadline
        try:
            return read(self._call(method, path, deadline, body=body, repeatable=repeatable, done=done))
        except (NotSentError, RateLimitedError):
            raise
        except UnavailableError as error:
            raise error.with_context(after="the outcome is unknown", hint=_UNKNOWN_HINT) from error

    def deadline(self) -> float:
        """When an operation of several requests that starts now must end, for `write`."""
        return self._transport.deadline()

    def _call(
        self,
        method: str,
        path: str,
        deadline: float,
        *,
        params: dict[str, str] | None = None,
        body: Any = None,
        repeatable: bool = True,
        done: type[SegcliError] | None = None,
    ) -> Response:
        """Raises the error of a response that is not 2xx, and what Transport.send raises.

        A ticket that expired on its way is renewed until the deadline; one that is rejected although it
        should be valid, once.
        """
        rejected: str | None = None
        renewed = repeated = False
        reads_accounts = method == "GET" and path.startswith(ACCOUNTS)
        own_headers = self._account_headers if reads_accounts else self._headers
        while True:
            ticket = _Ticket(self.tickets, rejected, own_headers)
            response = self._transport.send(
                method,
                path,
                headers=ticket.headers,
                params=params,
                body=body,
                repeatable=repeatable,
                repeated=repeated,
                deadline=deadline,
            )
            self._measure_clock_skew(response)
            if response.succeeded:
                return response
            error = error_of(response)
            if done is not None and response.repeated and type(error) is done:
                return response._replace(body=b"")  # as if the first response had arrived
            credentials = self._target.credentials
            if response.status == 403 and credentials is not None:
                raise error.with_hint(credentials.scope)
            if response.status != 401:
                raise error
            if ticket.token is None or (renewed and not ticket.expired):
                raise error.with_context(after=self._target.unused_credentials, hint=_CREDENTIALS_HINT)
            renewed = renewed or not ticket.expired
            repeated = response.repeated
            rejected = ticket.token

    def cancel(self) -> None:
        """Ends every wait for the rate limit; no more requests are sent."""
        self._limiter.cancel()

    def close(self) -> None:
        self._transport.close()

    @cached_property
    def tickets(self) -> TicketCache | None:
        """None for a local server without credentials. Raises UnauthorizedError if a tenant has none."""
        target = self._target
        if target.credentials is None:
            if self.host.local:
                return None
            raise UnauthorizedError(f"there are no credentials for {self.host.origin}").with_context(
                after=target.unused_credentials, hint=_CREDENTIALS_HINT
            )
        origin = parse_host(target.auth_host).origin if target.auth_host else self.host.auth_host
        transport = Transport(origin, target, RateLimiter(None, target.on_wait))
        return TicketCache(transport, target.credentials, target.timeout)

    def _measure_clock_skew(self, response: Response) -> None:
        """Sets how many seconds the server's clock is ahead of ours, from the Date header."""
        moment = read_http_date(response.date or "")
        if moment is not None:
            self.clock_skew = moment - time.time()


class _Ticket:
    """The headers of one request after the other, each with the newest ticket."""

    def __init__(self, tickets: TicketCache | None, rejected: str | None, headers: dict[str, str]) -> None:
        self.token: str | None = None
        self._tickets = tickets
        self._rejected = rejected
        self._headers = headers
        self._was_usable = False

    def headers(self) -> dict[str, str]:
        """Raises what `TicketCache.token` raises."""
        if self._tickets is None:
            return self._headers
        self.token = self._tickets.token(self._rejected)
        self._was_usable = self._tickets.is_usable(self.token)
        return {**self._headers, "Authorization": f"Bearer {self.token}"}

    @property
    def expired(self) -> bool:
        """Whether the ticket was good when it was last sent, and is not any more."""
        if self._tickets is None or self.token is None:
            return False
        return self._was_usable and not self._tickets.is_usable(self.token)
