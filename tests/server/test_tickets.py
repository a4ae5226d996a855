"""Auth tickets by both operations, GetTenant, and which requests a token authorizes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from segcli.query.tree import SegmentQuery
from segcli.server.auth_tickets import TicketIssuer
from segcli.server.calls import Call
from segcli.server.options import AcceptedClient
from segcli.server.responses import ProblemError
from tests.server.conftest import Client
from tests.support.serving import SEGMENTS, TICKETS, served


def oauth(client: Client, **body: Any) -> requests.Response:
    return client.call("POST", f"{TICKETS}/oauth", json=body)


def is_authorized(client: Client, token: str) -> bool:
    return client.call("GET", SEGMENTS, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_oauth_tickets(client: Client) -> None:
    ticket = client.server.fetch_ticket()
    assert (ticket["token_type"], ticket["expires_in"]) == ("Bearer", 3600)
    assert is_authorized(client, ticket["access_token"])
    refreshed = oauth(
        client,
        client_id=client.server.client_id,
        grant_type="refresh_token",
        refresh_token=ticket["refresh_token"],
    ).json()
    assert refreshed["access_token"] != ticket["access_token"]
    assert is_authorized(client, refreshed["access_token"])


def test_app_auth_tickets(client: Client) -> None:
    body = {"applicationId": client.server.client_id, "sharedSecret": client.server.secret}
    ticket = client.call("POST", f"{TICKETS}/?responseFields=", json=body).json()
    for name in ("accessTokenExpiration", "refreshTokenExpiration"):
        datetime.strptime(ticket[name], "%Y-%m-%dT%H:%M:%S.%fZ")
    again = client.call("PUT", f"{TICKETS}/refresh-ticket", json={"refreshToken": ticket["refreshToken"]})
    assert is_authorized(client, again.json()["accessToken"])
    assert client.call("DELETE", f"{TICKETS}/{ticket['refreshToken']}").status_code == 204
    for token in (ticket["accessToken"], again.json()["accessToken"]):
        assert not is_authorized(client, token)
    rejected = client.call("PUT", f"{TICKETS}/refresh-ticket", json={"refreshToken": ticket["refreshToken"]})
    assert rejected.status_code == 401
    assert client.call("DELETE", f"{TICKETS}/{ticket['refreshToken']}").status_code == 204


REJECTED: dict[str, tuple[str, dict[str, Any], int]] = {
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
    "a secret that is not a string": (
        "/oauth",
        {"client_secret": 5, "grant_type": "client_credentials"},
        400,
    ),
    "a lone surrogate": ("", {"applicationId": "\ud800", "sharedSecret": "x"}, 401),
    "nothing": ("", {}, 401),
    "unknown refresh token": ("/refresh-ticket", {"refreshToken": "x"}, 401),
}


@pytest.mark.parametrize(("path", "body", "status"), REJECTED.values(), ids=REJECTED)
def test_rejected_ticket_requests(client: Client, path: str, body: dict[str, Any], status: int) -> None:
    response = client.call("PUT" if path == "/refresh-ticket" else "POST", TICKETS + path, json=body)
    assert response.status_code == status


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
def test_requests_without_a_valid_token_are_rejected(client: Client, header: dict[str, str]) -> None:
    del client.headers["Authorization"]
    for path in (f"{SEGMENTS}/1", "/api/platform/tenants/123"):
        response = client.call("GET", path, headers=header)
        assert (response.status_code, response.json()["errorCode"]) == (401, "UNAUTHORIZED")


def test_another_tenant_or_site_is_forbidden(client: Client) -> None:
    for header, own_id in (("x-vol-tenant", "123"), ("x-vol-site", "456")):
        assert client.call("GET", SEGMENTS, headers={header: own_id}).status_code == 200
        response = client.call("GET", SEGMENTS, headers={header: "9"})
        assert (response.status_code, response.json()["errorCode"]) == (403, "FORBIDDEN")


def test_get_tenant(client: Client) -> None:
    host = client.server.url.removeprefix("http://")
    response = client.call("GET", "/api/platform/tenants/123?responseFields=")
    assert response.status_code == 200
    assert response.json() == {
        "id": 123,
        "name": "t123",
        "domain": host,
        "sites": [{"id": 456, "name": "s456", "domain": host}],
    }
    assert client.call("GET", "/api/platform/tenants/9").status_code == 403
    assert client.call("GET", "/api/platform/tenants/x").status_code == 400


def test_with_no_auth_every_request_is_accepted_and_tickets_are_issued(home: Path) -> None:
    with served(home, "--no-auth") as server:
        assert (server.client_id, server.secret) == ("", "")
        assert requests.get(server.url + SEGMENTS, timeout=10).status_code == 200
        assert server.fetch_ticket()["access_token"]
        headers = {**server.fetch_headers(), "x-vol-tenant": "1"}
        assert requests.get(f"{server.url}/api/platform/tenants/1", headers=headers, timeout=10).ok


def call(**body: str) -> Call:
    return Call({}, SegmentQuery(), body, "host")


def test_a_token_expires_and_is_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    issuer = TicketIssuer(AcceptedClient("c", "s"), lifetime=60)
    ticket = issuer.authenticate(call(applicationId="c", sharedSecret="s"))
    now += 64  # a client whose clock is slow, or that uses the last millisecond
    assert issuer.is_valid(ticket["accessToken"])
    now += 2
    assert not issuer.is_valid(ticket["accessToken"])
    refreshed = issuer.refresh(call(refreshToken=ticket["refreshToken"]))
    assert issuer.is_valid(refreshed["accessToken"])
    now += 60 * 24
    with pytest.raises(ProblemError):
        issuer.refresh(call(refreshToken=ticket["refreshToken"]))


def test_expired_tickets_are_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    issuer = TicketIssuer(None, lifetime=1)
    for _ in range(1000):
        now += 1
        issuer.authenticate(call())
    assert len(issuer._by_token) <= 2
    assert len(issuer._by_refresh_token) <= 25
