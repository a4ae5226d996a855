"""A tenant with one segment, and the command set up to use it."""

import pytest

from tests.support.bulk import Tenant
from tests.support.command import Segments
from tests.support.tenant_server import TenantServer


@pytest.fixture
def tenant(tenant: TenantServer, segments: Segments) -> Tenant:
    """The tenant, with the segment VIP and no requests counted."""
    segments.env |= tenant.environ
    segments.ok("add", "VIP")
    tenant.requests.clear()
    return Tenant(tenant, segments)
