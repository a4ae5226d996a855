"""Runs `segments serve` as a process, on a new store and a free port."""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests

from segcli.backends.target import BackendTarget, ClientCredentials
from tests.support.command import COMMAND, Segments

SEGMENTS = "/api/commerce/customer/segments"
ACCOUNTS = "/api/commerce/customer/accounts"
TICKETS = "/api/platform/applications/authtickets"


class Served(NamedTuple):
    """A running server: its URL, the credentials it accepts, its process and its log file."""

    url: str
    client_id: str
    secret: str
    process: "subprocess.Popen[str]"
    log: Path

    @property
    def access(self) -> BackendTarget:
        """The server as a backend."""
        credentials = ClientCredentials(
            self.client_id, lambda: self.secret, "a test", secret_identity=self.secret
        )
        return BackendTarget(self.url, timeout=10, credentials=credentials)

    @property
    def environ(self) -> dict[str, str]:
        """The platform's environment variables for a client of this server."""
        return {
            "KIBO_API_HOST": self.url,
            "KIBO_CLIENT_ID": self.client_id,
            "KIBO_SHARED_SECRET": self.secret,
        }

    def fetch_ticket(self) -> dict[str, Any]:
        """A ticket by OauthAuthenticateApp."""
        body = {
            "client_id": self.client_id,
            "client_secret": self.secret,
            "grant_type": "client_credentials",
        }
        response = requests.post(f"{self.url}{TICKETS}/oauth", json=body, timeout=10)
        response.raise_for_status()
        ticket: dict[str, Any] = response.json()
        return ticket

    def fetch_headers(self) -> dict[str, str]:
        """Headers with a valid access token."""
        return {"Authorization": f"Bearer {self.fetch_ticket()['access_token']}"}


@contextmanager
def served(home: Path, *options: str, command: Sequence[str] = (COMMAND,)) -> Iterator[Served]:
    """A server that runs while the block does. Asserts that it then stops with exit code 0."""
    log = home / "serve.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "serve", "--port", "0", "-o", "json", *options],
            env=Segments(home).env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text()
        result = json.loads(line)
        yield Served(result["url"], result.get("clientId", ""), result.get("sharedSecret", ""), process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)
    assert process.returncode == 0
