"""A tenant with scripted faults, and the command configured for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.tenant_server import TenantServer, serving


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantServer]:
    """A tenant without faults; a test sets its `script`."""
    with serving(tmp_path / "tenant.db") as server:
        yield server


@pytest.fixture
def segments(segments: Segments, tenant: TenantServer) -> Segments:
    """The command with the tenant as its backend, by the vendor's variables."""
    segments.env |= tenant.environ
    return segments
