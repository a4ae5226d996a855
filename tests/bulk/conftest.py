"""A tenant with one segment, and stores of each kind, and the command set up to use them."""

import pytest

from tests.support.bulk import Tenant
from tests.support.command import Segments
from tests.support.postgresql import shared_store
from tests.support.tenant_server import TenantServer


@pytest.fixture
def tenant(tenant: TenantServer, segments: Segments) -> Tenant:
    """The tenant, with the segment VIP and no requests counted."""
    segments.env |= tenant.environ
    segments.ok("add", "VIP")
    tenant.requests.clear()
    return Tenant(tenant, segments)


@pytest.fixture(params=["sqlite", "postgresql", "citus"])
def each(request: pytest.FixtureRequest, segments: Segments) -> Segments:
    """The command with an empty store of each kind."""
    if request.param != "sqlite":
        segments.env["SEGMENTS_BACKEND"] = shared_store(request.param)
    return segments
