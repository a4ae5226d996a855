"""Connections to a tenant: TLS with a private authority."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.support.command import Segments
from tests.support.tenant_server import TenantServer, serving


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
