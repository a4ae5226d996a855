"""What clients old and new do with paths, parameters, headers and connections."""

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


def test_of_a_parameter_said_twice_the_last_counts(client: Client) -> None:
    assert client.call("GET", f"{SEGMENTS}?pageSize=2&pageSize=3").json()["pageSize"] == 3


def test_unknown_parameters_are_ignored(client: Client) -> None:
    assert client.call("GET", f"{SEGMENTS}?colour=red").status_code == 200


def test_a_query_is_carried_out_whole(client: Client) -> None:
    answer = client.call(
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
    assert answer.json() == {"totalCount": 4, "items": [{"code": "S3"}, {"code": "S2"}]}


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", SEGMENTS, 200), ("DELETE", f"{SEGMENTS}/99", 404)]
)
def test_a_body_that_has_no_use_is_ignored(client: Client, method: str, path: str, status: int) -> None:
    for body in (b'{"a": 1}', b"invalid JSON", b"x" * 300_000):
        assert client.call(method, path, data=body).status_code == status


def test_a_content_type_may_say_its_charset(client: Client) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = client.call("POST", SEGMENTS, data='{"code": "É"}'.encode(), headers=headers)
    assert answer.json()["code"] == "É"
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_connection_is_kept_and_closed_as_the_client_says(server: Served, client: Client) -> None:
    headers = {"Authorization": str(client.headers["Authorization"])}
    with connection_to(server) as connection:
        for _ in range(2):
            connection.request("GET", SEGMENTS, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.getheader("Connection") != "close"
        for said in ("close", "Close"):
            connection.request("GET", SEGMENTS, headers={**headers, "Connection": said})
            answer = connection.getresponse()
            assert answer.getheader("Connection") == "close"
            answer.read()


def test_correlation_ids_are_never_given_twice(client: Client) -> None:
    ids = {client.call("GET", SEGMENTS).headers["x-vol-correlation"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("header", ["Authorization", "x-vol-app-claims"])
@pytest.mark.parametrize("form", ["oauth", "older"])
def test_a_token_of_either_form_is_good_in_either_header(server: Served, form: str, header: str) -> None:
    if form == "oauth":
        token = server.fetch_ticket()["access_token"]
    else:
        body = {"applicationId": server.client_id, "sharedSecret": server.secret}
        token = requests.post(f"{server.url}{TICKETS}/?responseFields=", json=body, timeout=10).json()[
            "accessToken"
        ]
    value = f"Bearer {token}" if header == "Authorization" else token
    assert requests.get(server.url + SEGMENTS, headers={header: value}, timeout=10).status_code == 200


def test_the_page_says_what_this_is(server: Served) -> None:
    answer = requests.get(server.url, timeout=10)
    assert answer.headers["Content-Type"].startswith("text/html")
    for said in ("segments serve", "sqlite:", server.url, "/api/openapi.json"):
        assert said in answer.text
    assert server.secret not in answer.text
