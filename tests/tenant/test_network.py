"""Connections to a tenant: TLS with a private authority."""

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
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


def test_a_certificate_for_another_host_gets_advice_about_the_name(
    segments: Segments, tmp_path: Path, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.example.com").configure_cert(context)
    with serving(tmp_path / "tenant.db", tls=context) as server:
        bundle = str(tmp_path / "authority.pem")
        done = segments("list", "-o", "json", "--ca-bundle", bundle, **server.environ)
    assert done.code == 6
    assert "certificate is not valid for '127.0.0.1'" in done.error["message"]
    assert done.error["hint"] == "use the host name that the certificate was issued for"


def test_an_expired_certificate_gets_advice_about_the_clock(
    segments: Segments, tmp_path: Path, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC)).configure_cert(context)
    with serving(tmp_path / "tenant.db", tls=context) as server:
        bundle = str(tmp_path / "authority.pem")
        done = segments("list", "-o", "json", "--ca-bundle", bundle, **server.environ)
    assert "expired" in done.error["message"]
    assert "clock" in done.error["hint"]


def test_a_failed_handshake_is_named_without_the_internals_of_python(
    segments: Segments, tmp_path: Path, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED  # of a client, which has none
    authority.configure_trust(context)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serving(tmp_path / "tenant.db", tls=context) as server:
        bundle = str(tmp_path / "authority.pem")
        done = segments("list", "-v", "--ca-bundle", bundle, "--timeout", "1", **server.environ)
    assert done.code == 6
    # The server closes the connection behind its alert, which may be noticed first.
    assert re.search("alert certificate required|EOF occurred|reset", done.stderr)
    assert "_ssl" not in done.stderr
    assert "[SSL" not in done.stderr


def test_doctor_does_not_advise_to_run_doctor(segments: Segments) -> None:
    where = ("--backend", "http://127.0.0.1:9", "--timeout", "1")
    assert "run segments doctor" in segments("list", *where).stderr
    assert "hint: check the host name and the network\n" in segments("doctor", *where).stderr


def test_a_missing_bundle_is_exit_2(segments: Segments, secure: TenantServer) -> None:
    done = segments("list", "--ca-bundle", "/no/such.pem", **secure.environ)
    assert done.code == 2
    assert "/no/such.pem" in done.stderr
