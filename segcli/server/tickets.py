"""Tickets: given for a client's credentials, renewed, ended (contract, "Hosts, authentication, headers")."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hmac import compare_digest
from typing import NamedTuple

from segcli.errors import UnauthorizedError
from segcli.server.calls import Call, read_texts
from segcli.server.options import Credentials
from segcli.server.responses import Json, Problem, ProblemError, invalid

_GRACE = 5.0  # seconds, for clients that use a token to its last millisecond
_GRACE_SHARE = 0.1  # of a life so short that seconds would double it
_RENEWABLE = 24  # lives of a token in which it can be renewed


class Ticket(NamedTuple):
    """A token and what renews it, each with its end in seconds since 1970."""

    token: str
    good_until: float
    refresh_token: str
    renewable_until: float


class Tickets:
    """Those that are out. Used by one thread, the event loop's."""

    def __init__(self, credentials: Credentials | None, lifetime: float) -> None:
        """`lifetime` is a token's in seconds; without credentials anyone's are good."""
        self._credentials = credentials
        self._lifetime = lifetime
        self._grace = min(_GRACE, lifetime * _GRACE_SHARE)
        # Both in the order of their ends.
        self._by_token: dict[str, Ticket] = {}
        self._by_refresh_token: dict[str, Ticket] = {}

    def is_good(self, token: str) -> bool:
        """Whether a request may be made with `token`."""
        ticket = self._by_token.get(token)
        return (
            ticket is not None
            and time.time() < ticket.good_until + self._grace
            and ticket.refresh_token in self._by_refresh_token
        )

    def oauth(self, call: Call) -> Json:
        """A ticket as OAuth has it, for credentials or a refresh token. Raises ProblemError."""
        client_id, secret, grant, refresh_token = read_texts(
            call.body, "client_id", "client_secret", "grant_type", "refresh_token"
        )
        if grant == "refresh_token":
            ticket = self._renew(refresh_token)
        elif grant == "client_credentials":
            ticket = self._issue_for(client_id, secret)
        else:
            raise invalid("grant_type is neither client_credentials nor refresh_token", "grant_type")
        return {
            "access_token": ticket.token,
            "token_type": "Bearer",
            "expires_in": int(self._lifetime),
            "refresh_token": ticket.refresh_token,
        }

    def authenticate(self, call: Call) -> Json:
        """A ticket of the older form, for credentials. Raises ProblemError."""
        return _older_form(self._issue_for(*read_texts(call.body, "applicationId", "sharedSecret")))

    def refresh(self, call: Call) -> Json:
        """A ticket of the older form, for a refresh token. Raises ProblemError."""
        return _older_form(self._renew(*read_texts(call.body, "refreshToken")))

    def delete(self, call: Call) -> None:
        """Ends a refresh token and the tokens that came of it; an unknown one has ended already."""
        self._by_refresh_token.pop(call.path["refreshToken"], None)

    def _issue_for(self, client_id: str | None, secret: str | None) -> Ticket:
        if self._credentials is not None:
            given = f"{client_id}\n{secret}".encode(errors="surrogatepass")
            if not compare_digest(given, "\n".join(self._credentials).encode()):
                raise refused("the client id or its secret is wrong")
        return self._issue(secrets.token_urlsafe(24))

    def _renew(self, refresh_token: str | None) -> Ticket:
        known = self._by_refresh_token.pop(refresh_token or "", None)
        if known is None or time.time() >= known.renewable_until:
            raise refused("the refresh token is unknown, or has expired")
        return self._issue(known.refresh_token)

    def _issue(self, refresh_token: str) -> Ticket:
        now = time.time()
        _forget(self._by_token, lambda ticket: ticket.good_until + self._grace < now)
        _forget(self._by_refresh_token, lambda ticket: ticket.renewable_until < now)
        token, lifetime = secrets.token_urlsafe(24), self._lifetime
        ticket = Ticket(token, now + lifetime, refresh_token, now + lifetime * _RENEWABLE)
        self._by_token[token] = self._by_refresh_token[refresh_token] = ticket
        return ticket


def refused(message: str) -> ProblemError:
    """The error for a missing, bad or expired token, and for wrong credentials."""
    return ProblemError(Problem(401, UnauthorizedError.code, message))


def _forget(tickets: dict[str, Ticket], has_ended: Callable[[Ticket], bool]) -> None:
    while tickets and has_ended(tickets[first := next(iter(tickets))]):
        del tickets[first]


def _older_form(ticket: Ticket) -> Json:
    return {
        "accessToken": ticket.token,
        "accessTokenExpiration": _date(ticket.good_until),
        "refreshToken": ticket.refresh_token,
        "refreshTokenExpiration": _date(ticket.renewable_until),
    }


def _date(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"
