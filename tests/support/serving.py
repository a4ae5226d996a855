"""A real `segments serve` in a process of its own, on a fresh store, on any free port."""

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
    """Where the server is, who it gives tickets to, its process and the file that it logs to."""

    url: str
    client_id: str
    secret: str
    process: "subprocess.Popen[str]"
    log: Path

    @property
    def access(self) -> BackendTarget:
        """What it takes to reach it."""
        credentials = ClientCredentials(self.client_id, lambda: self.secret, "a test")
        return BackendTarget(self.url, timeout=10, credentials=credentials)

    @property
    def environ(self) -> dict[str, str]:
        """The vendor's variables that lead a client here."""
        return {
            "KIBO_API_HOST": self.url,
            "KIBO_CLIENT_ID": self.client_id,
            "KIBO_SHARED_SECRET": self.secret,
        }

    def fetch_ticket(self) -> dict[str, Any]:
        """A ticket as OAuth has it."""
        body = {
            "client_id": self.client_id,
            "client_secret": self.secret,
            "grant_type": "client_credentials",
        }
        answer = requests.post(f"{self.url}{TICKETS}/oauth", json=body, timeout=10)
        answer.raise_for_status()
        ticket: dict[str, Any] = answer.json()
        return ticket

    def fetch_headers(self) -> dict[str, str]:
        """Headers with a good token."""
        return {"Authorization": f"Bearer {self.fetch_ticket()['access_token']}"}


@contextmanager
def served(home: Path, *options: str, command: Sequence[str] = (COMMAND,)) -> Iterator[Served]:
    """A server that lives as long as the block, and stops cleanly at its end."""
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
        said = json.loads(line)
        yield Served(said["url"], said.get("clientId", ""), said.get("sharedSecret", ""), process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)
    assert process.returncode == 0
