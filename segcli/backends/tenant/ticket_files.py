"""Cached tickets: one file for each client, host and secret, in a folder that no other user can change.

The name of a file has two digests. The first is of the host and the client, so that all tickets of a client
can be deleted. The second also covers the secret, so that a wrong or replaced secret does not find the ticket
of the right one. A secret from a command or the keyring is represented by the command or by "keyring": to
read it for each process could take seconds or prompt, which the cache is there to avoid. If such a secret is
replaced elsewhere, its ticket is used until it ends; `doctor` always fetches one with the secret.
"""

import json
import os
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from segcli.backends.target import ClientCredentials
from segcli.errors import ConfigError
from segcli.paths import make_private_folder, replace_private_file, user_folder, writable_by_others
from segcli.text import quoted


class CachedTicket(NamedTuple):
    """A token, until when to use it (seconds since 1970), and the token that renews it."""

    token: str
    good_until: float
    refresh_token: str | None


class TicketFile:
    """The file with the ticket of one client at one authentication host."""

    def __init__(self, origin: str, credentials: ClientCredentials) -> None:
        client = [origin, credentials.client_id]
        name = f"{_digest(*client)}-{_digest(*client, credentials.secret_identity)}.json"
        self.path = os.path.join(_folder(), name)

    def read(self) -> CachedTicket | None:
        """The ticket; None if there is none, or none that can be read.

        Raises ConfigError if other users could have put it there.
        """
        _require_trusted_folder()
        try:
            with open(self.path, encoding="utf-8") as file:
                cached = json.load(file)
            ticket = CachedTicket(str(cached["token"]), float(cached["goodUntil"]), cached["refreshToken"])
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        return ticket if ticket.token.isascii() and ticket.token.isprintable() else None

    def write(self, ticket: CachedTicket) -> None:
        """Replaces the ticket. Raises OSError."""
        document = {
            "token": ticket.token,
            "goodUntil": ticket.good_until,
            "refreshToken": ticket.refresh_token,
        }
        replace_private_file(self.path, json.dumps(document))

    def make_folder(self) -> bool:
        """Creates the folder; False if that fails or it is not writable."""
        try:
            make_private_folder(_folder())
        except OSError:
            return False
        return os.access(_folder(), os.W_OK)


def forget_tickets(origin: str, client_id: str) -> None:
    """Deletes the cached tickets of a client at an authentication host, whatever secret fetched them."""
    with suppress(FileNotFoundError), os.scandir(_folder()) as entries:
        for entry in entries:
            if entry.name.startswith(_digest(origin, client_id)):
                os.unlink(entry.path)


def _digest(*texts: str) -> str:
    return sha256(json.dumps(texts).encode()).hexdigest()[:32]


def _folder() -> str:
    return os.path.join(user_folder("cache"), "tickets")


def _require_trusted_folder() -> None:
    for folder in (user_folder("cache"), _folder()):
        reason = writable_by_others(folder)
        if reason:
            raise ConfigError(
                f"{folder} {reason}, so a ticket in it may be another user's",
                hint=f"delete the folder: rm -r {quoted(folder)}",
            )
