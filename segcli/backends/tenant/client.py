"""Calls to one tenant: the headers, the ticket and its renewal, and errors as errors of ours."""

import time
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from segcli.backends.access import Access
from segcli.backends.tenant.answers import Answer, error_of
from segcli.backends.tenant.gate import Gate
from segcli.backends.tenant.hosts import parse_host
from segcli.backends.tenant.tickets import Tickets
from segcli.backends.tenant.transport import Transport
from segcli.errors import UnauthorizedError

_CREDENTIALS = (
    "say who you are: segments profile add NAME --backend URL --client-id ID,"
    " or set KIBO_CLIENT_ID and KIBO_SHARED_SECRET"
)


class Client:
    """Sends what the contract's operations need. Safe to share by threads once a ticket is there."""

    def __init__(self, access: Access) -> None:
        """Raises UsageError for a URL that names no host, or one that a ticket may not go to."""
        self.host = parse_host(access.url)
        self.clock_skew: float | None = None
        self._access = access
        self._gate = Gate(access.rps, access.waiting)
        self._transport = Transport(self.host.origin, access, self._gate)
        self._headers = {"Accept": "application/json"}
        for header, value in (
            ("x-vol-tenant", access.tenant or self.host.tenant),
            ("x-vol-site", access.site or self.host.site),
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
    ) -> Answer:
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
        self._gate.lock()

    def close(self) -> None:
        self._transport.close()

    @cached_property
    def tickets(self) -> Tickets | None:
        """None for a server of one's own, which may do without. Raises UnauthorizedError."""
        access = self._access
        if access.credentials is None:
            if self.host.local:
                return None
            raise UnauthorizedError(
                f"there are no credentials for {self.host.origin}",
                hint=_CREDENTIALS,
            )
        origin = parse_host(access.auth_host).origin if access.auth_host else self.host.auth_host
        transport = Transport(origin, access, Gate(None, access.waiting))
        return Tickets(transport, access.credentials, access.timeout)

    def _note_clock(self, answer: Answer) -> None:
        """How many seconds the other side's clock is ahead of ours, as its last answer says."""
        try:
            self.clock_skew = parsedate_to_datetime(answer.date or "").timestamp() - time.time()
        except (ValueError, TypeError):
            return
