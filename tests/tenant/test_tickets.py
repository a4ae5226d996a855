"""Tickets: fetched once, cached privately, renewed before they expire and after a rejection."""

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Segments
from tests.support.serving import served
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer

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
    segments.ok("list")
    assert tenant.tickets == 2
    assert len(tenant.refresh_tokens) == 2


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


def test_a_wrong_secret_does_not_find_the_ticket_of_the_right_one(
    segments: Segments, tenant: TenantServer
) -> None:
    segments.ok("list")
    for command in ("list", "doctor"):
        done = segments(command, KIBO_SHARED_SECRET="wrong")
        assert done.code == 5
        assert f"{tenant.url} rejected the credentials of KIBO_CLIENT_ID" in done.stderr
    segments.ok("list")
    assert tenant.tickets == 1
    assert SECRET not in "".join(path.name for path in cached(segments).parent.iterdir())


def test_doctor_uses_the_secret_although_a_ticket_is_cached(segments: Segments, tenant: TenantServer) -> None:
    script = segments.home / "secret"
    script.write_text(f"#!/bin/sh\necho {SECRET}\n")
    script.chmod(0o700)
    segments.ok(
        "profile", "add", "one", "--backend", tenant.url, "--client-id", CLIENT_ID,
        "--secret-command", str(script),
    )  # fmt: skip
    segments.ok("--profile", "one", "list")
    segments.ok("--profile", "one", "doctor")
    assert tenant.tickets == 2
    script.write_text("#!/bin/sh\necho wrong\n")
    segments.ok("--profile", "one", "list")
    done = segments("--profile", "one", "doctor")
    assert done.code == 5
    assert "rejected the credentials of profile one" in done.stderr


@pytest.mark.parametrize("act", [("remove", "one", "--yes"), ("set", "one", "--rps", "5")])
def test_a_changed_or_removed_profile_leaves_no_ticket(
    segments: Segments, tenant: TenantServer, act: tuple[str, ...]
) -> None:
    where = ("--backend", tenant.url, "--client-id", CLIENT_ID)
    assert segments("profile", "add", "one", *where, "--secret-stdin", stdin=SECRET).code == 0
    segments.ok("--profile", "one", "list")
    folder = cached(segments).parent
    (folder / "0123-4567.json").write_text("another client's")
    segments.ok("profile", *act)
    assert [path.name for path in folder.iterdir()] == ["0123-4567.json"]


@pytest.mark.parametrize("name", ["segments", "segments/tickets"])
@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_cache_that_others_can_write_is_refused(
    segments: Segments, tenant: TenantServer, name: str, mode: int
) -> None:
    segments.ok("list")
    path = cached(segments)
    path.write_text('{"token": "PLANTED", "goodUntil": 9e9, "refreshToken": null}')
    folder = segments.home / "cache" / name
    folder.chmod(mode)
    done = segments("list")
    assert done.code == 2
    assert f"{folder} is writable by other users (mode {mode:04o})" in done.stderr
    assert f"hint: delete the folder: rm -r {folder}" in done.stderr
    assert len(tenant.requests) == 1
    shutil.rmtree(folder)
    segments.ok("list")


@pytest.mark.parametrize("lifetime", [float("nan"), 1e10, float("inf"), 10**400, "soon", None])
def test_a_ticket_with_an_impossible_lifetime_is_exit_6(
    segments: Segments, tenant: TenantServer, lifetime: Any
) -> None:
    tenant.token_lifetime = lifetime
    tenant.issue = lambda: {"access_token": "x", "expires_in": lifetime}  # type: ignore[method-assign]
    done = segments("list")
    assert done.code == 6
    assert "not a ticket" in done.stderr
    assert "access_token" not in done.stderr


def test_a_netrc_does_not_replace_the_ticket(segments: Segments, tenant: TenantServer) -> None:
    (segments.home / ".netrc").write_text("machine 127.0.0.1 login eve password x\n")
    segments.ok("list")
    assert tenant.requests[0].headers["Authorization"] == "Bearer token-1"


DAMAGED = {
    "nested": "[" * 100_000,
    "a date of 400 digits": '{"token": "x", "goodUntil": ' + "9" * 400 + ', "refreshToken": null}',
    "not ASCII": '{"token": "\u00e9", "goodUntil": 9e9, "refreshToken": null}',
    "a line break": '{"token": "x\\r\\nA: b", "goodUntil": 9e9, "refreshToken": null}',
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_cached_ticket_is_replaced(segments: Segments, tenant: TenantServer, damage: str) -> None:
    segments.ok("list")
    (file,) = (segments.home / "cache" / "segments" / "tickets").glob("*.json")
    file.write_text(DAMAGED[damage])
    segments.ok("list")
    assert file.read_text() != DAMAGED[damage]


def test_a_wrong_tenant_names_where_its_id_comes_from(segments: Segments, tmp_path: Path) -> None:
    with served(tmp_path, "--tenant", "9") as server:
        done = segments("list", **server.environ, KIBO_TENANT="7")
        assert done.code == 5
        assert done.stderr.splitlines()[-1] == "hint: tenant 7 comes from KIBO_TENANT"
