"""The log: one line per response, safe to print whatever was requested, without secrets."""

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

UNSAFE_PATH = "/api/%1b%5B31m%0Aforged%20line%E2%80%AE?filter=%1b"


def test_a_line_has_the_request_and_the_status(home: Path) -> None:
    with served(home) as server, Client(server) as client:
        response = client.call("GET", f"{SEGMENTS}/99?responseFields=id")
        line = next(line for line in server.log.read_text().splitlines() if "/99" in line)
    assert f"404 GET {SEGMENTS}/99?responseFields=id" in line
    assert response.headers["x-vol-correlation"] in line
    assert line.endswith(" 127.0.0.1")


def test_a_json_line_is_an_object(home: Path) -> None:
    with served(home, "--no-auth", "--log-format", "json", "-q") as server:
        assert server.log.read_text() == ""
    with served(home, "--no-auth", "--log-format", "json") as server:
        requests.get(f"{server.url}{SEGMENTS}/1", timeout=10)
        lines = [line for line in server.log.read_text().splitlines() if line.startswith("{")]
    line = json.loads(lines[0])
    assert line["status"] == 404
    assert line["request"] == f"GET {SEGMENTS}/1"
    assert line.keys() >= {"time", "milliseconds", "correlationId", "client", "detail"}


@pytest.mark.parametrize("format", ["text", "json"])
def test_control_characters_of_a_request_are_not_logged(home: Path, format: str) -> None:
    with served(home, "--no-auth", "--log-format", format) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        connection.request("GET", UNSAFE_PATH)
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
