"""Secrets in the system keyring, which is a file here."""

import json
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer, serving

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


@pytest.fixture
def ring(segments: Segments) -> Path:
    """The file with the keyring's entries."""
    folder = segments.home / "ring"
    folder.mkdir()
    (folder / "filering.py").write_text(KEYRING)
    segments.env |= {"PYTHON_KEYRING_BACKEND": "filering.FileKeyring", "PYTHONPATH": str(folder)}
    return folder / "kept.json"


def store(segments: Segments, name: str, url: str, secret: str = SECRET) -> None:
    done = segments(
        "profile", "add", name, "--backend", url, "--client-id", CLIENT_ID, "--keyring", "--secret-stdin",
        "-q", stdin=secret,
    )  # fmt: skip
    assert (done.code, done.stderr) == (0, "")


def test_a_keyring_stores_and_deletes_the_secret(
    segments: Segments, tenant: TenantServer, ring: Path
) -> None:
    store(segments, "one", tenant.url)
    assert SECRET in ring.read_text()
    assert SECRET not in segments.config_file.read_text()
    segments.ok("--profile", "one", "list")
    assert tenant.tickets == 1
    segments.ok("profile", "remove", "one", "--yes")
    assert SECRET not in ring.read_text()


def test_the_same_client_id_has_a_secret_for_each_host(
    segments: Segments, tenant: TenantServer, ring: Path, tmp_path: Path
) -> None:
    with serving(tmp_path / "sand.db") as sand:
        store(segments, "prod", tenant.url)
        store(segments, "sand", sand.url, "another secret")
        segments.ok("--profile", "prod", "list")
        assert segments("--profile", "sand", "list").code == 5
        segments.ok("profile", "remove", "sand", "--yes")
        assert list(json.loads(ring.read_text()).values()) == [SECRET]


def test_an_entry_that_another_profile_uses_is_kept(
    segments: Segments, tenant: TenantServer, ring: Path
) -> None:
    store(segments, "one", tenant.url)
    store(segments, "two", tenant.url)
    segments.ok("profile", "remove", "two", "--yes")
    assert SECRET in ring.read_text()


def test_an_entry_without_a_host_is_not_sent_to_any(
    segments: Segments, tenant: TenantServer, ring: Path
) -> None:
    """0.1.0 named entries by client id alone."""
    store(segments, "one", tenant.url)
    ring.write_text(json.dumps({f"segcli {CLIENT_ID}": SECRET}))
    done = segments("--profile", "one", "list")
    assert done.code == 5
    assert "hint: store it with: segments profile set one --secret-stdin" in done.stderr
    assert segments("profile", "set", "one", "--secret-stdin", stdin=SECRET).code == 0
    assert json.loads(ring.read_text())[f"segcli {CLIENT_ID} @ {tenant.url}"] == SECRET
    segments.ok("--profile", "one", "list")


def test_profile_set_moves_a_secret_into_the_keyring_and_out_of_it(
    segments: Segments, tenant: TenantServer, ring: Path
) -> None:
    where = ("--backend", tenant.url, "--client-id", CLIENT_ID)
    assert segments("profile", "add", "one", *where, "--secret-stdin", stdin=SECRET).code == 0
    segments.ok("profile", "set", "one", "--keyring")
    assert SECRET not in segments.config_file.read_text()
    segments.ok("--profile", "one", "list")
    segments.ok("profile", "set", "one", "--secret-command", f"echo {SECRET}")
    assert SECRET not in ring.read_text()
    segments.ok("--profile", "one", "list")


def test_without_the_package_nothing_is_saved(segments: Segments, tenant: TenantServer) -> None:
    (segments.home / "keyring.py").write_text("raise ImportError\n")
    done = segments(
        "profile", "add", "one", "--backend", tenant.url, "--client-id", CLIENT_ID, "--keyring",
        "--secret-stdin", stdin=SECRET, PYTHONPATH=str(segments.home),
    )  # fmt: skip
    assert done.code == 5
    assert "the keyring package is not installed" in done.stderr
    assert not segments.config_file.exists()


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
