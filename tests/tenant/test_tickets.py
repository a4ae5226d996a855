"""Tickets: fetched once, cached privately, renewed before they expire and after a rejection."""

import json
import stat
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.tenant_server import SECRET, TenantServer

pytestmark = pytest.mark.usefixtures("tenant_variables")


def cached(segments: Segments) -> Path:
    (path,) = (segments.home / "cache" / "segments" / "tickets").glob("*.json")
    return path


def age(segments: Segments, seconds: float) -> None:
    """Makes the cached ticket older."""
    path = cached(segments)
    ticket = json.loads(path.read_text())
    path.write_text(json.dumps({**ticket, "goodUntil": ticket["goodUntil"] - seconds}))


def test_a_ticket_is_used_by_many_commands(segments: Segments, tenant: TenantServer) -> None:
    for _ in range(3):
        segments.ok("list")
    assert tenant.tickets == 1


def test_a_cached_ticket_is_private(segments: Segments) -> None:
    segments.ok("list")
    path = cached(segments)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert SECRET not in path.read_text()


def test_of_ten_processes_that_start_at_once_one_fetches_a_ticket(
    segments: Segments, tenant: TenantServer
) -> None:
    processes = [segments.start("list", "-o", "json") for _ in range(10)]
    for process in processes:
        _, stderr = process.communicate(timeout=60)
        assert (process.returncode, stderr) == (0, b"")
    assert tenant.tickets == 1


def test_a_ticket_that_expires_soon_is_renewed_with_its_refresh_token(
    segments: Segments, tenant: TenantServer
) -> None:
    segments.ok("list")
    age(segments, 3600)
    segments.ok("list", KIBO_SHARED_SECRET="no longer known")
    assert tenant.tickets == 2


def test_if_the_refresh_token_is_rejected_the_secret_is_used(
    segments: Segments, tenant: TenantServer
) -> None:
    segments.ok("list")
    age(segments, 3600)
    tenant.refresh_tokens.clear()
    segments.ok("list")
    assert tenant.tickets == 2


def test_a_rejected_ticket_is_renewed_once(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("list")
    tenant.tokens.clear()
    segments.ok("list")
    assert tenant.tickets == 2
    assert len(tenant.requests) == 3


def test_a_ticket_that_is_rejected_twice_is_exit_5(segments: Segments, tenant: TenantServer) -> None:
    tenant.token_lifetime = -1
    done = segments("list", "-o", "json")
    assert done.code == 5
    assert (done.error["code"], done.error["status"]) == ("UNAUTHORIZED", 401)
    assert len(tenant.requests) == 2


def test_rejected_credentials_are_exit_5_and_name_their_origin(
    segments: Segments, tenant: TenantServer
) -> None:
    done = segments("list", KIBO_SHARED_SECRET="wrong")
    assert done.code == 5
    assert f"{tenant.url} rejected the credentials of KIBO_CLIENT_ID" in done.stderr
    assert tenant.requests == []


def test_an_invalid_ticket_file_is_replaced(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("list")
    for rubbish in (
        "",
        "{",
        "[]",
        '{"token": 1}',
        '{"token": "x", "goodUntil": "soon", "refreshToken": null}',
    ):
        cached(segments).write_text(rubbish)
        segments.ok("list")
    assert tenant.tickets == 6


def test_without_a_cache_each_command_fetches_a_ticket(segments: Segments, tenant: TenantServer) -> None:
    nowhere = segments.home / "a-file"
    nowhere.write_text("")
    segments.ok("list", XDG_CACHE_HOME=str(nowhere))
    segments.ok("list", XDG_CACHE_HOME=str(nowhere))
    assert tenant.tickets == 2


def test_headers_contain_ticket_tenant_and_site(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("list", KIBO_TENANT="123", KIBO_SITE="456")
    headers = {name.lower(): value for name, value in tenant.requests[0].headers.items()}
    assert headers["authorization"] == "Bearer token-1"
    assert (headers["x-vol-tenant"], headers["x-vol-site"]) == ("123", "456")


def test_a_netrc_does_not_replace_the_ticket(segments: Segments, tenant: TenantServer) -> None:
    (segments.home / ".netrc").write_text("machine 127.0.0.1 login eve password x\n")
    segments.ok("list")
    assert tenant.requests[0].headers["Authorization"] == "Bearer token-1"
