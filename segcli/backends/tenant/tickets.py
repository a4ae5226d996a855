"""Tickets: fetched with a client's credentials, kept for the next command, renewed in time.

One file a client in the user's cache directory, readable by its owner alone (contract, "Hosts,
authentication, headers"). Of processes that start together one fetches and the others read.
"""

import hashlib
import json
import os
import time
from typing import Any, NamedTuple

from segcli.backends.target import Credentials
from segcli.backends.tenant.responses import Response, error_of
from segcli.backends.tenant.transport import Transport
from segcli.errors import UnauthorizedError
from segcli.paths import make_private_folder, replace_private_file, user_folder

_PATH = "/api/platform/applications/authtickets/oauth"
_SPARE = 60.0  # seconds before its end in which a ticket is no longer begun with
_SPARE_SHARE = 0.1  # of a life so short that a minute of it would be all


class Ticket(NamedTuple):
    """A token, when it is no longer to be used (seconds since 1970), and what renews it."""

    token: str
    good_until: float
    refresh_token: str | None


class Tickets:
    """The tickets of one client at one authentication host."""

    def __init__(self, transport: Transport, credentials: Credentials, timeout: float) -> None:
        self.origin = transport.origin
        self._transport = transport
        self._credentials = credentials
        self._timeout = timeout
        self._ticket: Ticket | None = None
        self._file = _cache_file(self.origin, credentials.client_id)

    def token(self, refused: str | None = None) -> str:
        """A token that is good for a while yet, and is not the `refused` one.

        Raises UnauthorizedError where the credentials are refused, UnavailableError.
        """
        ticket = self._ticket
        if ticket is None or not _usable(ticket, refused):
            ticket = self._read()
        if ticket is None or not _usable(ticket, refused):
            ticket = self._renew(refused)
        self._ticket = ticket
        return ticket.token

    def _renew(self, refused: str | None) -> Ticket:
        from filelock import FileLock, Timeout

        if not _make_folder(os.path.dirname(self._file)):
            return self._fetch(None)  # nowhere to keep it: each process fetches its own
        try:
            with FileLock(f"{self._file}.lock", timeout=self._timeout, mode=0o600):
                ticket = self._read()
                if ticket is None or not _usable(ticket, refused):
                    ticket = self._fetch(ticket.refresh_token if ticket else None)
                    self._write(ticket)
                return ticket
        except (Timeout, OSError):
            return self._fetch(None)

    def _fetch(self, refresh_token: str | None) -> Ticket:
        """A new ticket: by the refresh token where there is one and it is taken, else by the secret."""
        if refresh_token:
            answer = self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})
            if 200 <= answer.status < 300:
                return _read_ticket(answer)
        answer = self._ask({"grant_type": "client_credentials", "client_secret": self._credentials.secret()})
        if 200 <= answer.status < 300:
            return _read_ticket(answer)
        if answer.status in (400, 401, 403):
            raise UnauthorizedError(
                f"{self.origin} refused the credentials of {self._credentials.owner}",
                hint="check its client id and shared secret: segments profile show",
                status=answer.status,
                correlation_id=answer.correlation_id,
            )
        raise error_of(answer)

    def _ask(self, grant: dict[str, str]) -> Response:
        return self._transport.send(
            "POST", _PATH, headers={}, body={"client_id": self._credentials.client_id, **grant}
        )

    def _read(self) -> Ticket | None:
        try:
            with open(self._file, encoding="utf-8") as file:
                kept = json.load(file)
            return Ticket(str(kept["token"]), float(kept["goodUntil"]), kept["refreshToken"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, ticket: Ticket) -> None:
        document = {
            "token": ticket.token,
            "goodUntil": ticket.good_until,
            "refreshToken": ticket.refresh_token,
        }
        replace_private_file(self._file, json.dumps(document))


def _usable(ticket: Ticket, refused: str | None) -> bool:
    return ticket.token != refused and time.time() < ticket.good_until


def _read_ticket(answer: Response) -> Ticket:
    document: Any = answer.json()
    said = document if isinstance(document, dict) else {}
    token, seconds = said.get("access_token"), said.get("expires_in")
    if not isinstance(token, str) or not token.isascii() or not isinstance(seconds, (int, float)):
        raise answer._replace(body=b"").strange("no ticket")
    refresh_token = said.get("refresh_token")
    return Ticket(
        token,
        time.time() + seconds - min(_SPARE, seconds * _SPARE_SHARE),
        refresh_token if isinstance(refresh_token, str) else None,
    )


def _cache_file(origin: str, client_id: str) -> str:
    key = hashlib.sha256(f"{origin}\n{client_id}".encode()).hexdigest()[:32]
    return os.path.join(user_folder("cache"), "tickets", f"{key}.json")


def _make_folder(folder: str) -> bool:
    """Creates a private folder; False if that fails or it is not writable."""
    try:
        make_private_folder(folder)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
