"""Profiles: saved, used, shown, removed; and the precedence of settings."""

import stat
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer


def add(segments: Segments, name: str, url: str, *more: str) -> None:
    done = segments(
        "profile", "add", name, "--backend", url, "--client-id", CLIENT_ID, "--secret-stdin", "--use", *more,
        stdin=f"{SECRET}\n",
    )  # fmt: skip
    assert done.code == 0, done.stderr


def shown(segments: Segments, *arguments: str, **env: str) -> dict[str, tuple[str, str]]:
    """Each effective setting with its value and its source."""
    rows = segments.ok("profile", "show", *arguments, "-o", "json", **env).json["items"]
    return {row["setting"]: (row["value"], row["source"]) for row in rows}


def test_a_profile_connects_to_its_tenant(segments: Segments, tenant: TenantServer) -> None:
    add(segments, "sandbox", tenant.url)
    segments.ok("--profile", "sandbox", "add", "VIP")
    assert segments.ok("list", "--profile", "sandbox", "-o", "code").stdout == "VIP\n"
    assert segments.ok("list", "-o", "code", SEGMENTS_PROFILE="sandbox").stdout == "VIP\n"


def test_the_file_is_private_and_a_plain_text_secret_is_warned_about(
    segments: Segments, tenant: TenantServer
) -> None:
    done = segments(
        "profile", "add", "a", "--backend", tenant.url, "--client-id", "x", "--secret-stdin", stdin=SECRET
    )
    assert stat.S_IMODE(segments.config_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(segments.config_file.parent.stat().st_mode) == 0o700
    assert "in plain text" in done.stderr
    assert SECRET in segments.config_file.read_text()
    assert SECRET not in done.stdout + done.stderr


def test_a_profile_becomes_current_only_on_request(segments: Segments) -> None:
    done = segments.ok("profile", "add", "one", "--backend", "sqlite:one.db")
    assert "use it with --profile one, or always with: segments profile use one" in done.stderr
    assert "profile" not in shown(segments)
    assert shown(segments)["backend"][1] == "default"
    done = segments.ok("profile", "add", "two", "--backend", "sqlite:two.db", "--use")
    assert done.stderr == ""
    assert shown(segments)["profile"][0] == "two"
    segments.ok("profile", "use", "one")
    assert shown(segments)["profile"][0] == "one"
    rows = segments.ok("profile", "list", "-o", "json").json["items"]
    assert [(row["name"], row["current"]) for row in rows] == [("one", True), ("two", False)]


def test_the_default_can_be_no_profile(segments: Segments) -> None:
    segments.ok("profile", "add", "one", "--backend", "sqlite:one.db", "--use")
    segments.ok("profile", "use", "--none")
    assert shown(segments)["backend"][1] == "default"
    for arguments in ((), ("one", "--none")):
        done = segments("profile", "use", *arguments)
        assert done.code == 2
        assert "expected the name of a profile, or --none" in done.stderr


def test_the_current_profile_is_removed_only_if_the_next_one_is_named(segments: Segments) -> None:
    for name in ("one", "two", "three"):
        segments.ok("profile", "add", name, "--backend", f"sqlite:{name}.db", "--use")
    done = segments("profile", "remove", "three", "--yes")
    assert done.code == 2
    assert "three is the current profile" in done.stderr
    for refused, code in (("three", 2), ("nope", 3)):
        assert segments("profile", "remove", "three", "--yes", "--use", refused).code == code
    assert segments("profile", "remove", "three", "--yes", "--use", "one", "--none").code == 2
    assert "three" in segments.config_file.read_text()
    segments.ok("profile", "remove", "three", "--yes", "--use", "one")
    assert shown(segments)["profile"][0] == "one"
    segments.ok("profile", "remove", "two", "--yes")
    assert shown(segments)["profile"][0] == "one"
    segments.ok("profile", "remove", "one", "--yes", "--none")
    assert shown(segments)["backend"][1] == "default"


def test_the_source_of_the_profile_is_what_selected_it(segments: Segments) -> None:
    segments.ok("profile", "add", "one", "--backend", "sqlite:one.db", "--use")
    segments.ok("profile", "add", "two", "--backend", "sqlite:two.db")
    assert shown(segments)["profile"] == ("one", "current in config.yaml")
    assert shown(segments, "--profile", "two")["profile"] == ("two", "--profile")
    assert shown(segments, SEGMENTS_PROFILE="two")["profile"] == ("two", "SEGMENTS_PROFILE")
    assert shown(segments, "two")["profile"] == ("two", "argument")


def test_a_profile_is_removed_after_confirmation(segments: Segments) -> None:
    segments.ok("profile", "add", "one", "--backend", "sqlite:one.db")
    assert segments("profile", "remove", "one").code == 2
    child = segments.terminal("profile", "remove", "one")
    child.expect(r"Remove the profile one \(sqlite:/.*one.db\)\? \[y/N\] ")
    child.sendline("y")
    child.read()
    child.close()
    assert child.exitstatus == 0
    assert segments.ok("profile", "list").stdout == ""
    assert shown(segments)["backend"][1] == "default"


@pytest.mark.parametrize("act", [("use",), ("show",), ("remove", "--yes")])
def test_an_unknown_profile_is_not_found(segments: Segments, act: tuple[str, ...]) -> None:
    done = segments("profile", act[0], "nope", *act[1:])
    assert done.code == 3
    assert "there is no profile nope" in done.stderr
    assert not segments.config_file.exists()


def test_an_existing_profile_is_not_overwritten(segments: Segments) -> None:
    segments.ok("profile", "add", "one", "--backend", "sqlite:one.db")
    done = segments("profile", "add", "one", "--backend", "sqlite:two.db")
    assert done.code == 4
    assert "change it with: segments profile set one" in done.stderr
    assert shown(segments, "one")["backend"][0].endswith("one.db")


BAD_BACKENDS = {
    "https://user:pw@t1.sandbox.mozu.com": "contains a user name or a password",
    "http://t1.sandbox.mozu.com": "would send the ticket unencrypted",
    "https://t1.sandbox.mozu.com/admin": "has a path, a query or a fragment",
    "https://t1.sandbox.mozu.com:port": "is not a number from 0 to 65535",
    "https://": "the backend URL has no host",
    "ftp://x": "is not a backend URL",
    "sqlite:": "is not a backend URL",
    "": "needs a backend",
}


@pytest.mark.parametrize("url", BAD_BACKENDS)
def test_an_invalid_backend_is_rejected_and_nothing_is_saved(segments: Segments, url: str) -> None:
    done = segments("profile", "add", "one", "--backend", url)
    assert done.code == 2
    assert BAD_BACKENDS[url] in done.stderr
    assert "pw" not in done.stderr
    assert not segments.config_file.exists()


def test_options_are_checked_and_saved(segments: Segments) -> None:
    segments.ok(
        "profile", "add", "one", "--backend", "sqlite:one.db", "--timeout", "5", "--rps", "2.5", "-o", "csv",
        "--use",
    )  # fmt: skip
    settings = shown(segments)
    assert settings["timeout"] == ("5.0", "profile one")
    assert settings["rps"] == ("2.5", "profile one")
    assert segments.ok("list").stdout.startswith("id,code,name")
    for option in (("--timeout", "soon"), ("--rps", "0"), ("-o", "xml")):
        assert segments("profile", "add", "two", "--backend", "sqlite:x.db", *option).code == 2


def test_comments_are_kept(segments: Segments) -> None:
    path = segments.config_file
    path.parent.mkdir(parents=True)
    path.write_text(
        "# our shops\ncurrent: one  # the usual\n"
        "profiles:\n  # the old one\n  one:\n    backend: 'sqlite:/one.db'\n"
    )
    segments.ok("profile", "add", "two", "--backend", "sqlite:/two.db")
    segments.ok("profile", "use", "two")
    text = path.read_text()
    for comment in ("# our shops", "# the usual", "# the old one", "'sqlite:/one.db'"):
        assert comment in text


def test_a_symbolic_link_to_the_file_is_kept(segments: Segments, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "config.yaml").write_text("{}\n")
    segments.config_file.parent.mkdir(parents=True)
    segments.config_file.symlink_to(dotfiles / "config.yaml")
    segments.ok("profile", "add", "one", "--backend", "sqlite:/one.db")
    assert segments.config_file.is_symlink()
    assert "one" in (dotfiles / "config.yaml").read_text()


BROKEN = {
    "profiles: [": ("line 1", ""),
    "profiles:\n  one:\n    backned: x\n": ("line 3", "unknown setting 'backned'"),
    "profile: x\n": ("line 1", "unknown setting 'profile'"),
    "profiles:\n  one:\n    rps: fast\n": ("line 3", "rps: expected a number greater than 0, not 'fast'"),
    "profiles:\n  one:\n    keyring: maybe\n": ("line 3", "keyring: expected true or false, not 'maybe'"),
    "profiles:\n  one:\n    backend: [a]\n": ("line 3", "backend: expected text or a number"),
    "profiles: 5\n": ("line 1", "profiles: expected names with values"),
    "profiles:\n  a: {}\n  a: {}\n": ("line 3", "a appears twice"),
    "current: gone\nprofiles: {}\n": ("config.yaml", "there is no profile gone, but it is the current one"),
    "a: b: c\n": ("line 1", ""),
    "!!python/object:os.system x\n": ("line 1", ""),
}


@pytest.mark.parametrize("text", BROKEN)
def test_an_invalid_file_is_reported_with_its_line_and_not_changed(segments: Segments, text: str) -> None:
    path = segments.config_file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    place, message = BROKEN[text]
    for arguments in (
        ("list",),
        ("profile", "use", "one"),
        ("profile", "add", "b", "--backend", "sqlite:/x"),
    ):
        done = segments(*arguments)
        assert done.code == 2, done
        assert str(path) in done.stderr
        assert place in done.stderr
        assert message in done.stderr
        assert "Traceback" not in done.stderr
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("text", "arguments", "problem"),
    [
        ("current: [x\n", (), "config.yaml, line 2: expected"),
        ("profiles: {}\n", ("--profile", "x"), "there is no profile x (--profile)"),
    ],
    ids=["invalid", "no-profile"],
)
def test_doctor_shows_its_table_if_the_configuration_is_invalid(
    segments: Segments, text: str, arguments: tuple[str, ...], problem: str
) -> None:
    path = segments.config_file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    done = segments("doctor", *arguments, "-o", "json")
    checks = [(item["check"], item["ok"]) for item in done.json["items"]]
    assert (done.code, checks) == (2, [("configuration", False), ("backend", None)])
    assert problem in done.json["items"][0]["detail"]
    assert problem in done.error["message"]


def test_precedence_of_flags_variables_and_profiles(segments: Segments, tenant: TenantServer) -> None:
    add(segments, "one", tenant.url, "--site", "1")
    segments.ok("profile", "add", "two", "--backend", "sqlite:/two.db")
    vendor = {"KIBO_API_HOST": "t9-s9.sandbox.mozu.com", "KIBO_SITE_ID": "9", "KIBO_SHARED_SECRET": "x"}
    assert shown(segments)["backend"] == (tenant.url, "profile one")
    assert shown(segments, **vendor)["backend"] == ("https://t9-s9.sandbox.mozu.com", "KIBO_API_HOST")
    assert shown(segments, SEGMENTS_PROFILE="two", **vendor)["backend"][1] == "profile two"
    assert shown(segments, SEGMENTS_BACKEND="sqlite:/x", SEGMENTS_PROFILE="two")["backend"] == (
        "sqlite:/x",
        "SEGMENTS_BACKEND",
    )
    assert shown(segments, "--profile", "two", SEGMENTS_BACKEND="sqlite:/x", **vendor)["backend"][1] == (
        "profile two"
    )
    assert shown(segments, "--profile", "two", "--backend", "sqlite:/y")["backend"] == (
        "sqlite:/y",
        "--backend",
    )
    assert shown(segments, KIBO_SITE_ID="9")["site"] == ("1", "profile one")
    assert shown(segments, **vendor)["site"] == ("9", "KIBO_SITE_ID")


def test_the_vendors_variables_can_omit_the_scheme(segments: Segments) -> None:
    hosts = {"KIBO_API_HOST": "t1-s2.sandbox.mozu.com", "KIBO_AUTH_HOST": "home.mozu.com"}
    settings = shown(segments, **hosts)
    assert settings["backend"][0] == "https://t1-s2.sandbox.mozu.com"
    assert settings["auth_host"] == ("https://home.mozu.com", "KIBO_AUTH_HOST")


def test_the_credentials_of_a_profile_are_only_sent_to_its_backend(
    segments: Segments, tenant: TenantServer
) -> None:
    add(segments, "one", "http://127.0.0.1:1")
    assert "client_id" not in shown(segments, "--backend", tenant.url)
    assert segments("list", "--backend", tenant.url).code == 5
    assert tenant.tickets == 0


def test_a_secret_can_come_from_a_command(segments: Segments, tenant: TenantServer) -> None:
    script = segments.home / "secret"
    script.write_text(f"#!/bin/sh\necho {SECRET}\necho more\n")
    script.chmod(0o700)
    segments.ok(
        "profile", "add", "one", "--backend", tenant.url, "--client-id", CLIENT_ID,
        "--secret-command", f"{script} --for kibo", "--use",
    )  # fmt: skip
    segments.ok("list")
    assert shown(segments)["shared_secret"] == ("********", "profile one: secret_command")
    script.write_text("#!/bin/sh\nexit 3\n")
    done = segments("list", XDG_CACHE_HOME=str(segments.home / "other"))
    assert done.code == 5
    assert "the secret_command failed: exit status 3" in done.stderr


def test_a_typed_secret_is_not_echoed(segments: Segments, tenant: TenantServer) -> None:
    child = segments.terminal("list", KIBO_API_HOST=tenant.url, KIBO_CLIENT_ID=CLIENT_ID, NO_COLOR="1")
    child.expect(f"Shared secret of {CLIENT_ID}: ")
    child.sendline(SECRET)
    rest = child.read()
    child.close()
    assert child.exitstatus == 0
    assert SECRET not in rest
    assert tenant.tickets == 1


def test_without_a_terminal_a_missing_secret_is_exit_5(segments: Segments, tenant: TenantServer) -> None:
    done = segments("list", KIBO_API_HOST=tenant.url, KIBO_CLIENT_ID=CLIENT_ID)
    assert done.code == 5
    assert f"there is no shared secret for the client {CLIENT_ID}" in done.stderr


def test_missing_credentials_are_exit_5_and_nothing_is_sent(segments: Segments) -> None:
    done = segments("list", "--backend", "https://t1-s2.sandbox.mozu.com")
    assert done.code == 5
    assert "there are no credentials for https://t1-s2.sandbox.mozu.com" in done.stderr


def test_a_file_that_is_nested_too_deeply_is_an_error(segments: Segments) -> None:
    segments.config_file.parent.mkdir(parents=True)
    segments.config_file.write_text("[" * 5_000)
    for command in ("list", "doctor"):
        done = segments(command)
        assert done.code == 2
        assert "nested too deeply" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["http://[::1", "https://[x]"])
def test_a_url_that_cannot_be_parsed_is_a_usage_error(segments: Segments, url: str) -> None:
    done = segments("--backend", url, "list")
    assert (done.code, done.stdout) == (2, "")
    assert "bug" not in done.stderr


def test_a_customer_set_sends_the_site_with_account_reads(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP", **tenant.environ)
    add(segments, "one", tenant.url, "--site", "7", "--client-id", CLIENT_ID, "--secret-stdin", "--use")

    def sites() -> dict[str, str | None]:
        """The site that was sent with requests for accounts, and with those for segments."""
        tenant.requests.clear()
        segments.ok("accounts", "list", "VIP")
        return {request.path.split("/")[4]: request.headers.get("x-vol-site") for request in tenant.requests}

    assert sites() == {"segments": "7", "accounts": None}
    segments.ok("profile", "set", "one", "--customer-set", "b2b")
    assert shown(segments)["customer_set"] == ("b2b", "profile one")
    assert sites() == {"segments": "7", "accounts": "7"}
    assert "customer_set" not in shown(segments, "--backend", "sqlite:/x")
    segments.ok("profile", "set", "one", "--customer-set", "")
    assert "customer_set" not in shown(segments)
    assert sites() == {"segments": "7", "accounts": None}


def test_a_customer_set_is_not_blank(segments: Segments, tenant: TenantServer) -> None:
    done = segments("profile", "add", "one", "--backend", tenant.url, "--customer-set", " ")
    assert (done.code, done.stderr) == (
        2,
        "error: --customer-set is blank: expected the code of a customer set\n",
    )
    add(segments, "one", tenant.url, "--customer-set", "default")
    text = segments.config_file.read_text()
    segments.config_file.write_text(text.replace("default", "''"))
    assert "line 5: customer_set: expected the code of a customer set" in segments("list").stderr
