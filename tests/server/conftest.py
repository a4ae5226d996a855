"""A server on a fresh store, and a client that speaks plain HTTP to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.serving import SEGMENTS, Served, served

ERROR_MEMBERS = {"errorCode", "message", "items", "additionalErrorData"}


class Client(requests.Session):
    """Sends what it is told to, with a good token unless it is told otherwise."""

    def __init__(self, server: Served) -> None:
        super().__init__()
        self.server = server
        self.headers.update(server.fetch_headers())

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer, whatever it is; every answer bears a correlation id, every error its whole body."""
        answer = self.request(method, self.server.url + path, timeout=10, **options)
        assert answer.headers["x-vol-correlation"]
        if answer.status_code >= 400 and answer.status_code != 429:
            assert answer.json().keys() >= ERROR_MEMBERS
            assert answer.json()["correlationId"] == answer.headers["x-vol-correlation"]
        return answer

    def add(self, code: str, *accounts: int) -> int:
        """A new segment with `accounts`; its id."""
        segment_id: int = self.call("POST", SEGMENTS, json={"code": code}).json()["id"]
        if accounts:
            answer = self.call("POST", f"{SEGMENTS}/{segment_id}/accounts", json=accounts)
            assert answer.status_code == 204
        return segment_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that the tests of a module share."""
    with served(tmp_path_factory.mktemp("server"), "--tenant", "123", "--site", "456") as running:
        yield running


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    with Client(server) as client:
        yield client


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home for a server of a test's own."""
    return tmp_path
