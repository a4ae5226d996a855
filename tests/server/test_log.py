"""The log: a line an answer, safe to show whatever was asked, and no secret in it."""

import http.client
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from segcli.text import UNSAFE
from tests.server.conftest import Client
from tests.support.serving import SEGMENTS, TICKETS, served

NASTY = "/api/%1b%5B31m%0Aforged%20line%E2%80%AE?filter=%1b"


def test_a_line_says_what_was_asked_and_answered(home: Path) -> None:
    with served(home) as server, Client(server) as client:
        answer = client.call("GET", f"{SEGMENTS}/99?responseFields=id")
        line = next(line for line in server.log.read_text().splitlines() if "/99" in line)
    assert f"404 GET {SEGMENTS}/99?responseFields=id" in line
    assert answer.headers["x-vol-correlation"] in line
    assert line.endswith(" 127.0.0.1")


def test_as_json_a_line_is_an_object(home: Path) -> None:
    with served(home, "--no-auth", "--log-format", "json", "-q") as server:
        assert server.log.read_text() == ""
    with served(home, "--no-auth", "--log-format", "json") as server:
        requests.get(f"{server.url}{SEGMENTS}/1", timeout=10)
        lines = [line for line in server.log.read_text().splitlines() if line.startswith("{")]
    said = json.loads(lines[0])
    assert said["status"] == 404
    assert said["request"] == f"GET {SEGMENTS}/1"
    assert said.keys() >= {"time", "milliseconds", "correlationId", "client"}


@pytest.mark.parametrize("format", ["text", "json"])
def test_what_a_client_sends_does_nothing_to_a_terminal(home: Path, format: str) -> None:
    with served(home, "--no-auth", "--log-format", format) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        connection.request("GET", NASTY)
        connection.getresponse().read()
        connection.close()
        log = server.log.read_text()
    assert not any(re.search(UNSAFE, line) for line in log.splitlines())
    assert not any(line.startswith("forged") for line in log.splitlines())


def test_no_secret_and_no_token_is_logged(home: Path) -> None:
    with served(home, "--log-format", "json", "-v") as server, Client(server) as client:
        ticket = server.fetch_ticket()
        client.call("GET", SEGMENTS)
        client.call("DELETE", f"{TICKETS}/{ticket['refresh_token']}")
        client.call("DELETE", f"{TICKETS}/{ticket['refresh_token']}/")
        client.call("GET", f"{TICKETS}/{ticket['refresh_token']}")
        log = server.log.read_text().partition("KIBO_SHARED_SECRET")[2].partition("\n")[2]
    for secret in (server.secret, ticket["access_token"], ticket["refresh_token"]):
        assert secret not in log
