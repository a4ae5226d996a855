"""A tenant with one segment, and a client configured for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bulk import Tenant
from tests.support.command import Segments
from tests.support.tenant_server import serving


@pytest.fixture
def segments(tmp_path: Path) -> Segments:
    return Segments(tmp_path)


@pytest.fixture
def tenant(segments: Segments, tmp_path: Path) -> Iterator[Tenant]:
    with serving(tmp_path / "tenant.db") as server:
        segments.env |= server.environ
        segments.ok("add", "VIP")
        server.requests.clear()
        yield Tenant(server, segments)
