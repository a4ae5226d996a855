"""Calls to one tenant: the headers, the ticket and its renewal, and errors as errors of ours."""

import time
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from segcli.backends.target import BackendTarget
from segcli.backends.tenant.hosts import parse_host
from segcli.backends.tenant.rate_limit import RateLimiter
from segcli.backends.tenant.responses import Response, error_of
from segcli.backends.tenant.tickets import Tickets
from segcli.backends.tenant.transport import Transport
from segcli.errors import UnauthorizedError

_CREDENTIALS = (
    "say who you are: segments profile add NAME --backend URL --client-id ID,"
    " or set KIBO_CLIENT_ID and KIBO_SHARED_SECRET"
)


class Client:
    """Sends what the contract's operations need. Safe to share by threads once a ticket is there."""

    def __init__(self, target: BackendTarget) -> None:
        """Raises UsageError for a URL that names no host, or one that a ticket may not go to."""
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
        """The host, with the tenant and the site that requests are for."""
        named = [self._headers.get(header, "") for header in ("x-vol-tenant", "x-vol-site")]
        return " ".join([self.host.origin, *named])

    @property
    def retries(self) -> int:
        """How many requests of operations were sent again."""
        return self._transport.retries

    def call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: Any = None,
        repeatable: bool = True,
        done_already: tuple[int, ...] = (),
    ) -> Response:
        """The answer, a 2xx; or one of `done_already`, where an earlier try may have done the work.

        Raises the error that any other answer stands for, and what Transport.send raises.
        """
        refused: str | None = None
        while True:
            token = self.tickets.token(refused) if self.tickets else None
            headers = {**self._headers, "Authorization": f"Bearer {token}"} if token else self._headers
            answer = self._transport.send(
                method, path, headers=headers, params=params, body=body, repeatable=repeatable
            )
            self._note_clock(answer)
            if 200 <= answer.status < 300 or (answer.repeated and answer.status in done_already):
                return answer
            if answer.status == 401 and token is not None and refused is None:
                refused = token  # a ticket may end before its time: once it is renewed
                continue
            error = error_of(answer)
            if answer.status == 401 and error.hint is None:
                error.hint = _CREDENTIALS
            raise error

    def cancel(self) -> None:
        """Ends what waits at the gate; nothing passes it any more."""
        self._limiter.cancel()

    def close(self) -> None:
        self._transport.close()

    @cached_property
    def tickets(self) -> Tickets | None:
        """None for a server of one's own, which may do without. Raises UnauthorizedError."""
        target = self._target
        if target.credentials is None:
            if self.host.local:
                return None
            raise UnauthorizedError(
                f"there are no credentials for {self.host.origin}",
                hint=_CREDENTIALS,
            )
        origin = parse_host(target.auth_host).origin if target.auth_host else self.host.auth_host
        transport = Transport(origin, target, RateLimiter(None, target.on_wait))
        return Tickets(transport, target.credentials, target.timeout)

    def _note_clock(self, answer: Response) -> None:
        """How many seconds the other side's clock is ahead of ours, as its last answer says."""
        try:
            self.clock_skew = parsedate_to_datetime(answer.date or "").timestamp() - time.time()
        except (ValueError, TypeError):
            return
