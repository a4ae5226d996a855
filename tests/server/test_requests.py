"""Paths, parameters, headers and connections as different clients use them."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from tests.server.conftest import Client
from tests.support.serving import SEGMENTS, TICKETS, Served


@contextmanager
def connection_to(server: Served) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    yield connection
    connection.close()


@pytest.fixture(scope="module", autouse=True)
def _segments(server: Served) -> None:
    with Client(server) as client:
        for number in range(5):
            client.add(f"S{number}")


@pytest.mark.parametrize("slash", ["", "/"])
def test_empty_parameters_are_absent(client: Client, slash: str) -> None:
    page = client.call(
        "GET", f"{SEGMENTS}{slash}?startIndex=&pageSize=&sortBy=&filter=&responseFields="
    ).json()
    assert (page["startIndex"], page["pageSize"], page["totalCount"]) == (0, 20, 5)


@pytest.mark.parametrize("name", ["pagesize", "PAGESIZE", "PageSize"])
def test_parameters_are_matched_without_case(client: Client, name: str) -> None:
    assert client.call("GET", f"{SEGMENTS}?{name}=2").json()["pageCount"] == 3


def test_the_last_value_of_a_repeated_parameter_counts(client: Client) -> None:
    assert client.call("GET", f"{SEGMENTS}?pageSize=2&pageSize=3").json()["pageSize"] == 3


def test_unknown_parameters_are_ignored(client: Client) -> None:
    assert client.call("GET", f"{SEGMENTS}?color=red").status_code == 200


def test_all_parameters_together(client: Client) -> None:
    response = client.call(
        "GET",
        SEGMENTS,
        params={
            "filter": "code sw 's' and id gt 1",
            "sortBy": "code desc",
            "startIndex": "1",
            "pageSize": "2",
            "responseFields": "items(code),totalCount",
        },
    )
    assert response.json() == {"totalCount": 4, "items": [{"code": "S3"}, {"code": "S2"}]}


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", SEGMENTS, 200), ("DELETE", f"{SEGMENTS}/99", 404)]
)
def test_an_unexpected_body_is_ignored(client: Client, method: str, path: str, status: int) -> None:
    for body in (b'{"a": 1}', b"no JSON", b"x" * 300_000):
        assert client.call(method, path, data=body).status_code == status


def test_a_content_type_may_have_a_charset(client: Client) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    response = client.call("POST", SEGMENTS, data='{"code": "É"}'.encode(), headers=headers)
    assert response.json()["code"] == "É"
    assert response.headers["Content-Type"].startswith("application/json")


def test_a_connection_is_kept_open_until_the_client_asks_to_close_it(server: Served, client: Client) -> None:
    headers = {"Authorization": str(client.headers["Authorization"])}
    with connection_to(server) as connection:
        for _ in range(2):
            connection.request("GET", SEGMENTS, headers=headers)
            response = connection.getresponse()
            response.read()
            assert response.getheader("Connection") != "close"
        for value in ("close", "Close"):
            connection.request("GET", SEGMENTS, headers={**headers, "Connection": value})
            response = connection.getresponse()
            assert response.getheader("Connection") == "close"
            response.read()


def test_correlation_ids_are_unique(client: Client) -> None:
    ids = {client.call("GET", SEGMENTS).headers["x-vol-correlation"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("header", ["Authorization", "x-vol-app-claims"])
@pytest.mark.parametrize("form", ["oauth", "authtickets"])
def test_a_token_of_either_operation_is_valid_in_either_header(
    server: Served, form: str, header: str
) -> None:
    if form == "oauth":
        token = server.fetch_ticket()["access_token"]
    else:
        body = {"applicationId": server.client_id, "sharedSecret": server.secret}
        token = requests.post(f"{server.url}{TICKETS}/?responseFields=", json=body, timeout=10).json()[
            "accessToken"
        ]
    value = f"Bearer {token}" if header == "Authorization" else token
    assert requests.get(server.url + SEGMENTS, headers={header: value}, timeout=10).status_code == 200


def test_the_page_describes_the_server(server: Served) -> None:
    response = requests.get(server.url, timeout=10)
    assert response.headers["Content-Type"].startswith("text/html")
    for text in ("segments serve", server.url, "/api/openapi.json"):
        assert text in response.text
    for text in (server.secret, f"KIBO_CLIENT_ID={server.client_id}", "sqlite:", str(server.log.parent)):
        assert text not in response.text
