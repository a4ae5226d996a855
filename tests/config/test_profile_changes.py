"""`profile add` and `profile set`: required secrets, --check, and what a change keeps or drops."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Done, Segments
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer, serving, unused_url


@pytest.fixture
def one(segments: Segments, tenant: TenantServer) -> Segments:
    """A command with the profile `one` of the tenant, whose secret is in the file."""
    done = segments(
        "profile", "add", "one", "--backend", tenant.url, "--client-id", CLIENT_ID, "--secret-stdin",
        "--site", "7", "--rps", "100", stdin=SECRET,
    )  # fmt: skip
    assert done.code == 0
    return segments


@pytest.fixture
def other(tmp_path: Path) -> Iterator[TenantServer]:
    with serving(tmp_path / "other.db") as server:
        yield server


def change(segments: Segments, *arguments: str, stdin: str = "") -> Done:
    return segments("profile", "set", "one", *arguments, stdin=stdin)


def text(segments: Segments) -> str:
    return segments.config_file.read_text()


CLIENT = ("--client-id", "x")
INVALID = {
    CLIENT: "the client x needs a shared secret, and there is no terminal to ask for it",
    (*CLIENT, "--keyring"): "needs a shared secret, and there is no terminal",
    (*CLIENT, "--secret-stdin"): "stdin contains no secret",
    ("--secret-stdin",): "--secret-stdin needs a client id",
    ("--keyring",): "--keyring needs a client id",
    ("--secret-command", "x"): "--secret-command needs a client id",
    (*CLIENT, "--secret-command", "x", "--keyring"): "expected --secret-command or --keyring, not both",
    (*CLIENT, "--secret-command", "x", "--secret-stdin"): "expected --secret-command or --secret-stdin",
}


@pytest.mark.parametrize("arguments", INVALID, ids=str)
def test_a_profile_is_not_saved_without_a_secret_that_it_needs(
    segments: Segments, tenant: TenantServer, arguments: tuple[str, ...]
) -> None:
    done = segments("profile", "add", "one", "--backend", tenant.url, *arguments)
    assert done.code == 2
    assert INVALID[arguments] in done.stderr
    assert not segments.config_file.exists()


def test_a_store_has_no_client(segments: Segments) -> None:
    done = segments("profile", "add", "one", "--backend", "sqlite:x.db", "--client-id", "x", "--secret-stdin")
    assert done.code == 2
    assert "is a local store, which has no clients" in done.stderr


def test_on_a_terminal_the_secret_can_be_left_out_but_not_for_a_keyring(
    segments: Segments, tenant: TenantServer
) -> None:
    where = ("--backend", tenant.url, "--client-id", CLIENT_ID)
    for arguments, key, code in ((["--keyring"], "\r", 2), ([], "\x04", 2), ([], "\r", 0)):
        child = segments.terminal("profile", "add", "one", *where, *arguments)
        child.expect("Shared secret.*: ")
        child.send(key)
        child.read()
        child.close()
        assert child.exitstatus == code
    assert "shared_secret" not in text(segments)


@pytest.mark.parametrize(
    ("url", "noted"),
    [("https://t1-s2.sandbox.mozu.com", True), ("http://127.0.0.1:1", False), ("sqlite:x.db", False)],
)
def test_a_tenant_without_credentials_is_noted(segments: Segments, url: str, noted: bool) -> None:
    done = segments.ok("profile", "add", "one", "--backend", url)
    assert (f"note: {url} needs credentials, and the profile has none" in done.stderr) == noted


def test_check_fetches_a_ticket_before_anything_is_saved(segments: Segments, tenant: TenantServer) -> None:
    add = ("profile", "add", "one", "--client-id", CLIENT_ID, "--secret-stdin", "--check", "--backend")
    done = segments(*add, tenant.url, stdin="wrong")
    assert done.code == 5
    assert f"{tenant.url} rejected the credentials of profile one" in done.stderr
    assert segments(*add, unused_url(), "--timeout", "1", stdin=SECRET).code == 6
    assert not segments.config_file.exists()
    assert segments(*add, tenant.url, stdin=SECRET).code == 0
    assert (tenant.tickets, tenant.requests) == (1, [])


def test_check_uses_a_secret_command(one: Segments) -> None:
    before = text(one)
    assert change(one, "--secret-command", "echo wrong", "--check").code == 5
    assert text(one) == before
    assert change(one, "--secret-command", f"echo {SECRET}", "--check").code == 0


def test_set_changes_what_is_given_and_an_empty_text_clears(one: Segments, tenant: TenantServer) -> None:
    one.config_file.write_text("# ours\n" + text(one))
    rows = one.ok("profile", "set", "one", "--site", "8", "--rps", "", "--timeout", "9", "-o", "json").stdout
    assert "site\t8\targument" not in rows
    saved = text(one)
    assert saved.startswith("# ours\n")
    assert "site: '8'" in saved
    assert "timeout: 9.0" in saved
    assert "output: json" in saved
    assert "rps" not in saved
    assert SECRET in saved
    assert change(one, "--site", "", "-o", "", "--timeout", "").code == 0
    assert not {"site", "output", "timeout"} & {line.split(":")[0].strip() for line in text(one).splitlines()}
    one.ok("--profile", "one", "list")


@pytest.mark.parametrize(
    "arguments", [("--backend", ""), ("--tenant", "abc"), ("--rps", "0"), ("--auth-host", "ftp://x")]
)
def test_an_invalid_change_is_not_saved(one: Segments, arguments: tuple[str, ...]) -> None:
    before = text(one)
    assert change(one, *arguments).code == 2
    assert text(one) == before
    assert one("profile", "set", "nope", "--rps", "5").code == 3


def test_a_new_secret_replaces_the_old_one(one: Segments, tenant: TenantServer) -> None:
    one.ok("--profile", "one", "list")
    assert change(one, "--secret-stdin", stdin="rotated").code == 0
    assert "rotated" in text(one)
    assert SECRET not in text(one)
    assert one("--profile", "one", "list").code == 5


@pytest.mark.parametrize("what", ["backend", "auth_host", "client_id"])
def test_a_stored_secret_is_not_kept_for_another_host_or_client(
    one: Segments, tenant: TenantServer, other: TenantServer, what: str
) -> None:
    value = "another" if what == "client_id" else other.url
    option = (f"--{what.replace('_', '-')}", value)
    before = text(one)
    done = change(one, *option)
    assert done.code == 2
    assert "needs a shared secret" in done.stderr
    assert text(one) == before
    assert change(one, *option, "--secret-stdin", stdin="new").code == 0
    assert SECRET not in text(one)
    assert other.tickets == 0


def test_without_a_client_there_is_no_secret(one: Segments) -> None:
    assert change(one, "--client-id", "").code == 0
    assert SECRET not in text(one)
    assert "client_id" not in text(one)


def test_use_makes_the_profile_the_default(one: Segments) -> None:
    assert "current" not in text(one)
    assert change(one, "--use").code == 0
    assert "current: one" in text(one)
