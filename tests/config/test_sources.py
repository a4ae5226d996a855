"""Credentials come from one source, a profile or the vendor's variables, and go only where they are for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer, serving

KIBO = {"KIBO_CLIENT_ID": CLIENT_ID, "KIBO_SHARED_SECRET": SECRET}


@pytest.fixture
def other(tmp_path: Path) -> Iterator[TenantServer]:
    """Another tenant, to which nothing must be sent."""
    with serving(tmp_path / "other.db") as server:
        yield server


def add(segments: Segments, name: str, url: str, *more: str) -> None:
    done = segments("profile", "add", name, "--backend", url, *more, stdin=SECRET)
    assert done.code == 0, done.stderr


def shown(segments: Segments, *arguments: str, **env: str) -> dict[str, tuple[str, str]]:
    rows = segments.ok("profile", "show", *arguments, "-o", "json", **env).json["items"]
    return {row["setting"]: (row["value"], row["source"]) for row in rows}


def received(server: TenantServer) -> int:
    return server.tickets + len(server.requests)


@pytest.mark.parametrize("select", ["--profile", "SEGMENTS_PROFILE", "--backend"])
def test_a_variable_does_not_redirect_the_secret_of_a_profile(
    segments: Segments, tenant: TenantServer, other: TenantServer, select: str
) -> None:
    add(segments, "prod", tenant.url, "--client-id", CLIENT_ID, "--secret-stdin")
    left = {"KIBO_AUTH_HOST": other.url, "KIBO_TENANT": "999", "KIBO_SITE_ID": "888"}
    arguments = ["--profile", "prod"]
    if select == "SEGMENTS_PROFILE":
        arguments, left = [], {**left, select: "prod"}
    elif select == "--backend":
        arguments += [select, tenant.url]
    segments.ok(*arguments, "list", **left)
    assert received(other) == 0
    headers = {name.lower() for name in tenant.requests[0].headers}
    assert not headers & {"x-vol-tenant", "x-vol-site"}


def test_the_tenant_and_site_of_a_profile_come_from_it_or_from_its_host(segments: Segments) -> None:
    add(segments, "prod", "https://t1-s2.sandbox.mozu.com", "--client-id", "x", "--secret-command", "false")
    left = {"KIBO_AUTH_HOST": "home.example", "KIBO_TENANT": "9", "KIBO_SITE": "8", **KIBO}
    settings = shown(segments, "--profile", "prod", **left)
    assert not {"auth_host", "tenant", "site"} & settings.keys()
    assert settings["client_id"] == ("x", "profile prod")
    assert settings["shared_secret"] == ("********", "profile prod: secret_command")


def test_a_profile_without_a_secret_does_not_use_that_of_a_variable(
    segments: Segments, tenant: TenantServer
) -> None:
    segments.config_file.parent.mkdir(parents=True)
    segments.config_file.write_text(f"profiles: {{try: {{backend: '{tenant.url}', client_id: mine}}}}")
    done = segments("--profile", "try", "list", **KIBO)
    assert done.code == 5
    assert "there is no shared secret for the client mine" in done.stderr
    assert "segments profile set try --secret-stdin" in done.stderr
    assert received(tenant) == 0


@pytest.mark.parametrize("way", ["--backend", "SEGMENTS_BACKEND", "--profile", "current", "TAB"])
def test_the_credentials_of_the_variables_are_sent_only_to_their_host(
    segments: Segments, tenant: TenantServer, other: TenantServer, way: str
) -> None:
    variables = {**tenant.environ, "KIBO_AUTH_HOST": tenant.url}
    arguments, why = ["--backend", other.url], f"KIBO_CLIENT_ID is only for {tenant.url} (KIBO_API_HOST)"
    if way == "SEGMENTS_BACKEND":
        arguments, variables = [], {**variables, way: other.url}
    elif way in ("--profile", "current"):
        add(segments, "try", other.url, "--use")
        arguments = ["--profile", "try"]
        why = "profile try has no client id, and KIBO_CLIENT_ID is not used with a profile"
        if way == "current":
            arguments, variables = [], {**variables, "SEGMENTS_PROFILE": "try"}
    if way == "TAB":
        assert segments.ok(*arguments, "completion", "values", "segments", "--", "", **variables).stdout == ""
    else:
        done = segments(*arguments, "list", **variables)
        assert done.code == 5
        assert why in done.stderr
    assert (received(tenant), other.tickets) == (0, 0)
    assert all("Authorization" not in request.headers for request in other.requests)
    segments.ok("--backend", f"{tenant.url}/api", "list", **variables)


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("https://t1-s2.sandbox.mozu.com", True),
        ("https://t1.tp1.euw1.kibocommerce.com", True),
        ("https://t1.mozu.com.example.org", False),
        ("https://notmozu.com", False),
        ("https://example.org", False),
    ],
)
def test_without_a_host_the_variables_are_for_the_domains_of_the_vendor(
    segments: Segments, url: str, used: bool
) -> None:
    settings = shown(segments, "--backend", url, **KIBO, KIBO_TENANT="5")
    assert ({"client_id", "shared_secret", "tenant"} <= settings.keys()) == used
    if not used:
        done = segments("--backend", url, "list", **KIBO)
        assert done.code == 5
        assert "KIBO_CLIENT_ID is only for *.mozu.com and *.kibocommerce.com" in done.stderr


def test_the_host_of_the_variables_beats_the_current_profile_with_its_own_credentials(
    segments: Segments, tenant: TenantServer
) -> None:
    add(segments, "one", tenant.url, "--client-id", "other", "--secret-stdin", "--use")
    settings = shown(segments, **tenant.environ)
    assert settings["client_id"] == (CLIENT_ID, "KIBO_CLIENT_ID")
    assert settings["shared_secret"] == ("********", "KIBO_SHARED_SECRET")


@pytest.mark.parametrize("value", ["abc", "1 ", "١٢", "12345678901", "-1", "1.5"])
def test_a_tenant_or_site_is_digits(segments: Segments, tenant: TenantServer, value: str) -> None:
    for option in ("tenant", "site"):
        done = segments("profile", "add", "one", "--backend", tenant.url, f"--{option}={value}")
        assert done.code == 2
        assert f"invalid {option} '{value}' (--{option}): expected at most 10 digits" in done.stderr
    assert not segments.config_file.exists()
    done = segments("list", **tenant.environ, KIBO_TENANT=value)
    assert done.code == 2
    assert f"invalid tenant '{value}' (KIBO_TENANT)" in done.stderr
    assert received(tenant) == 0
