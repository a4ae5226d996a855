"""Tickets of both forms, the tenant look-up, and whom a token lets in."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from segcli.query.tree import SegmentQuery
from segcli.server.calls import Call
from segcli.server.options import Credentials
from segcli.server.responses import ProblemError
from segcli.server.tickets import Tickets
from tests.server.conftest import Client
from tests.support.serving import SEGMENTS, TICKETS, served


def oauth(client: Client, **body: Any) -> requests.Response:
    return client.call("POST", f"{TICKETS}/oauth", json=body)


def lets_in(client: Client, token: str) -> bool:
    return client.call("GET", SEGMENTS, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_the_oauth_form(client: Client) -> None:
    ticket = client.server.fetch_ticket()
    assert (ticket["token_type"], ticket["expires_in"]) == ("Bearer", 3600)
    assert lets_in(client, ticket["access_token"])
    renewed = oauth(
        client,
        client_id=client.server.client_id,
        grant_type="refresh_token",
        refresh_token=ticket["refresh_token"],
    ).json()
    assert renewed["access_token"] != ticket["access_token"]
    assert lets_in(client, renewed["access_token"])


def test_the_older_form(client: Client) -> None:
    body = {"applicationId": client.server.client_id, "sharedSecret": client.server.secret}
    ticket = client.call("POST", f"{TICKETS}/?responseFields=", json=body).json()
    for end in ("accessTokenExpiration", "refreshTokenExpiration"):
        datetime.strptime(ticket[end], "%Y-%m-%dT%H:%M:%S.%fZ")
    again = client.call("PUT", f"{TICKETS}/refresh-ticket", json={"refreshToken": ticket["refreshToken"]})
    assert lets_in(client, again.json()["accessToken"])
    assert client.call("DELETE", f"{TICKETS}/{ticket['refreshToken']}").status_code == 204
    for token in (ticket["accessToken"], again.json()["accessToken"]):
        assert not lets_in(client, token)
    refused = client.call("PUT", f"{TICKETS}/refresh-ticket", json={"refreshToken": ticket["refreshToken"]})
    assert refused.status_code == 401
    assert client.call("DELETE", f"{TICKETS}/{ticket['refreshToken']}").status_code == 204


REFUSED: dict[str, tuple[str, dict[str, Any], int]] = {
    "wrong secret": (
        "/oauth",
        {"client_id": "segcli", "client_secret": "x", "grant_type": "client_credentials"},
        401,
    ),
    "wrong client": (
        "/oauth",
        {"client_id": "x", "client_secret": "x", "grant_type": "client_credentials"},
        401,
    ),
    "no secret": ("/oauth", {"client_id": "segcli", "grant_type": "client_credentials"}, 401),
    "no refresh token": ("/oauth", {"grant_type": "refresh_token"}, 401),
    "no grant type": ("/oauth", {"client_id": "segcli"}, 400),
    "a secret that is no text": ("/oauth", {"client_secret": 5, "grant_type": "client_credentials"}, 400),
    "invalid Unicode": ("", {"applicationId": "\ud800", "sharedSecret": "x"}, 401),
    "nothing": ("", {}, 401),
    "unknown refresh token": ("/refresh-ticket", {"refreshToken": "x"}, 401),
}


@pytest.mark.parametrize(("path", "body", "status"), REFUSED.values(), ids=REFUSED)
def test_what_earns_no_ticket(client: Client, path: str, body: dict[str, Any], status: int) -> None:
    answer = client.call("PUT" if path == "/refresh-ticket" else "POST", TICKETS + path, json=body)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer nope"},
        {"Authorization": "Basic nope"},
        {"Authorization": ""},
        {"x-vol-app-claims": "nope"},
    ],
)
def test_without_a_good_token_nobody_is_let_in(client: Client, header: dict[str, str]) -> None:
    del client.headers["Authorization"]
    for path in (f"{SEGMENTS}/1", "/api/platform/tenants/123"):
        answer = client.call("GET", path, headers=header)
        assert (answer.status_code, answer.json()["errorCode"]) == (401, "UNAUTHORIZED")


def test_a_token_is_for_one_tenant_and_site(client: Client) -> None:
    for header, good in (("x-vol-tenant", "123"), ("x-vol-site", "456")):
        assert client.call("GET", SEGMENTS, headers={header: good}).status_code == 200
        answer = client.call("GET", SEGMENTS, headers={header: "9"})
        assert (answer.status_code, answer.json()["errorCode"]) == (403, "FORBIDDEN")


def test_the_tenant_is_looked_up(client: Client) -> None:
    host = client.server.url.removeprefix("http://")
    answer = client.call("GET", "/api/platform/tenants/123?responseFields=")
    assert answer.status_code == 200
    assert answer.json() == {
        "id": 123,
        "name": "t123",
        "domain": host,
        "sites": [{"id": 456, "name": "s456", "domain": host}],
    }
    assert client.call("GET", "/api/platform/tenants/9").status_code == 403
    assert client.call("GET", "/api/platform/tenants/x").status_code == 400


def test_without_auth_everyone_is_let_in_and_given_a_ticket(home: Path) -> None:
    with served(home, "--no-auth") as server:
        assert (server.client_id, server.secret) == ("", "")
        assert requests.get(server.url + SEGMENTS, timeout=10).status_code == 200
        assert server.fetch_ticket()["access_token"]
        headers = {**server.fetch_headers(), "x-vol-tenant": "1"}
        assert requests.get(f"{server.url}/api/platform/tenants/1", headers=headers, timeout=10).ok


def call(**body: str) -> Call:
    return Call({}, SegmentQuery(), body, "host")


def test_a_token_ends_and_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    tickets = Tickets(Credentials("c", "s"), lifetime=60)
    ticket = tickets.authenticate(call(applicationId="c", sharedSecret="s"))
    now += 64  # a client whose clock is slow, or that uses the last millisecond
    assert tickets.is_good(ticket["accessToken"])
    now += 2
    assert not tickets.is_good(ticket["accessToken"])
    renewed = tickets.refresh(call(refreshToken=ticket["refreshToken"]))
    assert tickets.is_good(renewed["accessToken"])
    now += 60 * 24
    with pytest.raises(ProblemError):
        tickets.refresh(call(refreshToken=ticket["refreshToken"]))


def test_tickets_that_have_ended_take_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    tickets = Tickets(None, lifetime=1)
    for _ in range(1000):
        now += 1
        tickets.authenticate(call())
    assert len(tickets._by_token) <= 2
    assert len(tickets._by_refresh_token) <= 25
