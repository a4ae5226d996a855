"""Tickets (access tokens): fetched with a client's credentials, cached in a file, renewed before they expire.

See the contract, "Hosts, authentication, headers". If processes start at the same time, one fetches a ticket
for all.
"""

import time
from typing import Any

from segcli.backends.target import ClientCredentials
from segcli.backends.tenant.responses import Response
from segcli.backends.tenant.ticket_files import CachedTicket, TicketFile
from segcli.backends.tenant.transport import Transport
from segcli.errors import UnauthorizedError, UnavailableError

_PATH = "/api/platform/applications/authtickets/oauth"
_MARGIN = 60.0  # seconds before its expiry from which on a ticket is renewed
_MAX_MARGIN_SHARE = 0.1  # of the lifetime, for tickets that live only minutes
_MAX_LIFETIME = 10 * 365 * 86_400  # seconds; with more, a response is not believed


class TicketCache:
    """The ticket of one client at one authentication host, in memory and in a file."""

    def __init__(self, transport: Transport, credentials: ClientCredentials, timeout: float) -> None:
        self.origin = transport.origin
        self._transport = transport
        self._credentials = credentials
        self._timeout = timeout
        self._ticket: CachedTicket | None = None
        self._file = TicketFile(self.origin, credentials)

    def token(self, rejected: str | None = None) -> str:
        """A token that does not expire soon and is not the `rejected` one.

        Raises UnauthorizedError if the credentials are rejected, UnavailableError.
        """
        ticket = self._ticket
        if ticket is None or not _usable(ticket, rejected):
            ticket = self._file.read()
        if ticket is None or not _usable(ticket, rejected):
            ticket = self._renew(rejected)
        self._ticket = ticket
        return ticket.token

    def verify_secret(self) -> None:
        """Fetches a ticket with the secret, even if a cached one is usable. Raises as `token` does."""
        self._ticket = self._renew(None, with_secret=True)

    def is_usable(self, token: str) -> bool:
        """Whether that is the current token, and it does not expire soon."""
        ticket = self._ticket
        return ticket is not None and ticket.token == token and _usable(ticket, None)

    def _renew(self, rejected: str | None, *, with_secret: bool = False) -> CachedTicket:
        from filelock import FileLock, Timeout

        if not self._file.make_folder():
            return self._fetch(None)  # no cache: each process fetches its own
        try:
            with FileLock(f"{self._file.path}.lock", timeout=self._timeout, mode=0o600):
                cached = self._file.read()
                if with_secret:
                    cached = None
                if cached and _usable(cached, rejected):
                    return cached
                ticket = self._fetch(cached.refresh_token if cached else None)
                self._file.write(ticket)
                return ticket
        except (Timeout, OSError):
            return self._fetch(None)

    def _fetch(self, refresh_token: str | None) -> CachedTicket:
        """A new ticket: by the refresh token if the server accepts it, otherwise by the secret."""
        if refresh_token:
            response = self._request({"grant_type": "refresh_token", "refresh_token": refresh_token})
            if response.succeeded:
                return _read_ticket(response)
        response = self._request(
            {"grant_type": "client_credentials", "client_secret": self._credentials.secret()}
        )
        if response.succeeded:
            return _read_ticket(response)
        if response.status in (400, 401, 403):
            raise UnauthorizedError(
                f"{self.origin} rejected the credentials of {self._credentials.owner}",
                hint="check its client id and shared secret: segments profile show",
                status=response.status,
                correlation_id=response.correlation_id,
            )
        # The body is not quoted: it could repeat the secret.
        raise response.unexpected("an error instead of a ticket", quote=False)

    def _request(self, grant: dict[str, str]) -> Response:
        return self._transport.send(
            "POST", _PATH, headers=dict, body={"client_id": self._credentials.client_id, **grant}
        )


def _usable(ticket: CachedTicket, rejected: str | None) -> bool:
    return ticket.token != rejected and time.time() < ticket.good_until


def _read_ticket(response: Response) -> CachedTicket:
    """The ticket in a response. Raises UnavailableError, which does not quote a body with a token."""
    try:
        document: Any = response.json()
    except UnavailableError:
        document = None
    members = document if isinstance(document, dict) else {}
    token, seconds = members.get("access_token"), members.get("expires_in")
    if (
        not isinstance(token, str)
        or not (token and token.isascii() and token.isprintable())
        or not isinstance(seconds, (int, float))
        or not abs(seconds) <= _MAX_LIFETIME  # also refuses NaN
    ):
        raise response.unexpected("something that is not a ticket", quote=False)
    refresh_token = members.get("refresh_token")
    return CachedTicket(
        token,
        time.time() + seconds - min(_MARGIN, seconds * _MAX_MARGIN_SHARE),
        refresh_token if isinstance(refresh_token, str) else None,
    )
