"""A server on a new store, and a client that sends plain HTTP requests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.serving import SEGMENTS, Served, served

ERROR_MEMBERS = {"errorCode", "message", "items", "additionalErrorData"}


class Client(requests.Session):
    """Sends requests, with a valid token unless the caller sets other headers."""

    def __init__(self, server: Served) -> None:
        super().__init__()
        self.server = server
        self.headers.update(server.fetch_headers())

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """The response, of any status. Asserts a correlation id, and a complete body for an error."""
        response = self.request(method, self.server.url + path, timeout=10, **options)
        assert response.headers["x-vol-correlation"]
        if response.status_code >= 400 and response.status_code != 429:
            assert response.json().keys() >= ERROR_MEMBERS
            assert response.json()["correlationId"] == response.headers["x-vol-correlation"]
        return response

    def add(self, code: str, *accounts: int) -> int:
        """Adds a segment with `accounts`, and returns its id."""
        segment_id: int = self.call("POST", SEGMENTS, json={"code": code}).json()["id"]
        if accounts:
            response = self.call("POST", f"{SEGMENTS}/{segment_id}/accounts", json=accounts)
            assert response.status_code == 204
        return segment_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of a module."""
    with served(tmp_path_factory.mktemp("server"), "--tenant", "123", "--site", "456") as running:
        yield running


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    with Client(server) as client:
        yield client


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home directory for a server that only one test uses."""
    return tmp_path
