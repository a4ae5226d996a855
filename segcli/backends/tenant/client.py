"""Calls to one tenant: headers, tickets, and error responses raised as SegcliErrors."""

import time
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from segcli.backends.target import BackendTarget
from segcli.backends.tenant.hosts import parse_host
from segcli.backends.tenant.rate_limit import RateLimiter
from segcli.backends.tenant.responses import Response, error_of
from segcli.backends.tenant.tickets import TicketCache
from segcli.backends.tenant.transport import Transport
from segcli.errors import UnauthorizedError

_CREDENTIALS_HINT = (
    "set credentials with: segments profile add NAME --backend URL --client-id ID,"
    " or with KIBO_CLIENT_ID and KIBO_SHARED_SECRET"
)


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

    @property
    def place(self) -> str:
        """The host, the tenant and the site that requests are for."""
        target = [self._headers.get(header, "") for header in ("x-vol-tenant", "x-vol-site")]
        return " ".join([self.host.origin, *target])

    @property
    def retries(self) -> int:
        """How many requests were sent again, tickets not included."""
        return self._transport.retries

    def call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: Any = None,
        repeatable: bool = True,
        success_on_retry: tuple[int, ...] = (),
    ) -> Response:
        """The response if its status is 2xx, or on a retry one of `success_on_retry`: then the first
        attempt probably succeeded.

        Raises the error of any other response, and what Transport.send raises.
        """
        rejected: str | None = None
        while True:
            token = self.tickets.token(rejected) if self.tickets else None
            headers = {**self._headers, "Authorization": f"Bearer {token}"} if token else self._headers
            response = self._transport.send(
                method, path, headers=headers, params=params, body=body, repeatable=repeatable
            )
            self._measure_clock_skew(response)
            if response.succeeded or (response.repeated and response.status in success_on_retry):
                return response
            if response.status == 401 and token is not None and rejected is None:
                rejected = token  # a ticket may be revoked early: it is renewed once
                continue
            error = error_of(response)
            if response.status == 401:
                raise error.with_context(after=self._target.unused_credentials, hint=_CREDENTIALS_HINT)
            raise error

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
        try:
            self.clock_skew = parsedate_to_datetime(response.date or "").timestamp() - time.time()
        except (ValueError, TypeError):
            return
