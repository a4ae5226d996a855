"""Access tokens: issued, refreshed, revoked (contract, section "Hosts, authentication, headers").

The platform calls an access token with its refresh token an *auth ticket*.
"""

import secrets
import time
from collections.abc import Callable
from hmac import compare_digest
from typing import NamedTuple

from segcli.errors import UnauthorizedError
from segcli.result import Json
from segcli.server.calls import Call, read_texts
from segcli.server.options import AcceptedClient
from segcli.server.responses import Problem, ProblemError, invalid, timestamp

# Clients use a token until its last millisecond, so it is accepted a little longer than it claims.
_MAX_GRACE = 5.0  # seconds
_GRACE_SHARE = 0.1  # of the lifetime, if that is less
_REFRESH_LIFETIMES = 24  # the lifetime of a refresh token, in lifetimes of an access token


class AuthTicket(NamedTuple):
    """An access token and its refresh token; times are seconds since 1970."""

    token: str
    expires: float
    refresh_token: str
    refresh_expires: float


class TicketIssuer:
    """Issues auth tickets and remembers those in use. Used by the event loop's thread only."""

    def __init__(self, credentials: AcceptedClient | None, lifetime: float) -> None:
        """`lifetime` of an access token in seconds; without `credentials` any are accepted."""
        self._credentials = credentials
        self._lifetime = lifetime
        self._grace = min(_MAX_GRACE, lifetime * _GRACE_SHARE)
        # Both in the order of expiry, because all tickets have the same lifetime.
        self._by_token: dict[str, AuthTicket] = {}
        self._by_refresh_token: dict[str, AuthTicket] = {}

    def is_valid(self, token: str) -> bool:
        """Whether an access token is neither unknown, nor expired, nor revoked."""
        ticket = self._by_token.get(token)
        return (
            ticket is not None
            and time.time() < ticket.expires + self._grace
            and ticket.refresh_token in self._by_refresh_token
        )

    def authenticate_oauth(self, call: Call) -> Json:
        """OauthAuthenticateApp: a ticket for credentials or a refresh token. Raises ProblemError."""
        client_id, secret, grant, refresh_token = read_texts(
            call.body, "client_id", "client_secret", "grant_type", "refresh_token"
        )
        if grant == "refresh_token":
            ticket = self._refresh(refresh_token)
        elif grant == "client_credentials":
            ticket = self._authenticate(client_id, secret)
        else:
            raise invalid("grant_type must be client_credentials or refresh_token", "grant_type")
        return {
            "access_token": ticket.token,
            "token_type": "Bearer",
            "expires_in": int(self._lifetime),
            "refresh_token": ticket.refresh_token,
        }

    def authenticate(self, call: Call) -> Json:
        """AuthenticateApp: a ticket for credentials. Raises ProblemError."""
        return _to_json(self._authenticate(*read_texts(call.body, "applicationId", "sharedSecret")))

    def refresh(self, call: Call) -> Json:
        """RefreshAppAuthTicket: a ticket for a refresh token. Raises ProblemError."""
        return _to_json(self._refresh(*read_texts(call.body, "refreshToken")))

    def delete(self, call: Call) -> None:
        """DeleteAppAuthTicket: revokes a refresh token with its access tokens; an unknown one is ignored."""
        self._by_refresh_token.pop(call.path["refreshToken"], None)

    def _authenticate(self, client_id: str | None, secret: str | None) -> AuthTicket:
        if self._credentials is not None:
            received = f"{client_id}\n{secret}".encode(errors="surrogatepass")
            if not compare_digest(received, "\n".join(self._credentials).encode()):
                raise unauthorized("wrong client id or shared secret")
        return self._issue(secrets.token_urlsafe(24))

    def _refresh(self, refresh_token: str | None) -> AuthTicket:
        ticket = self._by_refresh_token.pop(refresh_token or "", None)
        if ticket is None or time.time() >= ticket.refresh_expires:
            raise unauthorized("the refresh token is unknown, expired or revoked")
        return self._issue(ticket.refresh_token)

    def _issue(self, refresh_token: str) -> AuthTicket:
        now = time.time()
        _discard_expired(self._by_token, lambda ticket: ticket.expires + self._grace < now)
        _discard_expired(self._by_refresh_token, lambda ticket: ticket.refresh_expires < now)
        token, lifetime = secrets.token_urlsafe(24), self._lifetime
        ticket = AuthTicket(token, now + lifetime, refresh_token, now + lifetime * _REFRESH_LIFETIMES)
        self._by_token[token] = self._by_refresh_token[refresh_token] = ticket
        return ticket


def unauthorized(message: str) -> ProblemError:
    """The error for a missing or rejected token, and for wrong credentials (401)."""
    return ProblemError(Problem(401, UnauthorizedError.code, message))


def _discard_expired(tickets: dict[str, AuthTicket], has_expired: Callable[[AuthTicket], bool]) -> None:
    while tickets and has_expired(tickets[first := next(iter(tickets))]):
        del tickets[first]


def _to_json(ticket: AuthTicket) -> Json:
    return {
        "accessToken": ticket.token,
        "accessTokenExpiration": timestamp(ticket.expires),
        "refreshToken": ticket.refresh_token,
        "refreshTokenExpiration": timestamp(ticket.refresh_expires),
    }
