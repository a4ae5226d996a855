"""A tenant without faults; the command is not configured for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.tenant_server import TenantServer, serving


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantServer]:
    with serving(tmp_path / "tenant.db") as server:
        yield server


def config_of(segments: Segments) -> Path:
    return segments.home / "config" / "segments" / "config.yaml"
