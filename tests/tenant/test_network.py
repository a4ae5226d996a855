"""Connections to a tenant: TLS with a private authority, a proxy; and a secret in a keyring."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.support.command import Segments
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer, serving, unused_url


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    return authority


@pytest.fixture
def secure(tmp_path: Path, authority: trustme.CA) -> Iterator[TenantServer]:
    """A tenant with TLS, whose certificate is signed by a private authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serving(tmp_path / "tenant.db", tls=context) as server:
        yield server


def test_nothing_is_sent_to_a_host_with_an_untrusted_certificate(
    segments: Segments, secure: TenantServer
) -> None:
    done = segments("list", "-o", "json", **secure.environ)
    assert done.code == 6
    assert "is not trusted" in done.error["message"]
    assert "--ca-bundle" in done.error["hint"]
    assert (secure.tickets, secure.requests) == (0, [])


@pytest.mark.parametrize("variable", ["SEGMENTS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_private_authority_is_trusted_if_its_certificate_is_passed(
    segments: Segments, secure: TenantServer, variable: str
) -> None:
    bundle = str(segments.home / "authority.pem")
    assert secure.url.startswith("https://")
    segments.ok("add", "VIP", "--ca-bundle", bundle, **secure.environ)
    assert segments.ok("list", "-o", "code", **secure.environ, **{variable: bundle}).stdout == "VIP\n"


def test_a_missing_bundle_is_exit_2(segments: Segments, secure: TenantServer) -> None:
    done = segments("list", "--ca-bundle", "/no/such.pem", **secure.environ)
    assert done.code == 2
    assert "/no/such.pem" in done.stderr


def test_a_proxy_in_the_environment_is_used(segments: Segments, tenant: TenantServer) -> None:
    there = {**tenant.environ, "KIBO_API_HOST": unused_url()}
    segments.ok("list", **there, http_proxy=tenant.url)
    assert tenant.requests[0].path == "/api/commerce/customer/segments"
    assert segments("list", "--timeout", "1", **there).code == 6


KEYRING = """
import json, pathlib
from keyring.backend import KeyringBackend

class FileKeyring(KeyringBackend):
    priority = 1
    path = pathlib.Path(__file__).with_name("kept.json")

    def _all(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service, username):
        return self._all().get(f"{service} {username}")

    def set_password(self, service, username, password):
        self.path.write_text(json.dumps({**self._all(), f"{service} {username}": password}))

    def delete_password(self, service, username):
        kept = self._all()
        del kept[f"{service} {username}"]
        self.path.write_text(json.dumps(kept))
"""


def test_a_keyring_stores_and_deletes_the_secret(segments: Segments, tenant: TenantServer) -> None:
    folder = segments.home / "ring"
    folder.mkdir()
    (folder / "filering.py").write_text(KEYRING)
    segments.env |= {"PYTHON_KEYRING_BACKEND": "filering.FileKeyring", "PYTHONPATH": str(folder)}
    kept = folder / "kept.json"
    done = segments(
        "profile", "add", "one", "--backend", tenant.url, "--client-id", CLIENT_ID,
        "--keyring", "--secret-stdin", stdin=SECRET,
    )  # fmt: skip
    assert (done.code, done.stderr) == (0, "")
    assert SECRET in kept.read_text()
    config = segments.home / "config" / "segments" / "config.yaml"
    assert SECRET not in config.read_text()
    segments.ok("list")
    assert tenant.tickets == 1
    segments.ok("profile", "remove", "one", "--yes")
    assert SECRET not in kept.read_text()


def test_a_keyring_without_the_secret_is_exit_5(segments: Segments, tenant: TenantServer) -> None:
    segments.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    config = segments.home / "config" / "segments" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f"current: a\nprofiles:\n  a:\n    backend: {tenant.url}\n    client_id: x\n    keyring: true\n"
    )
    done = segments("list")
    assert done.code == 5
    assert "there is no shared secret for the client x" in done.stderr
