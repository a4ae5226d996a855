"""A tenant with one segment, and the command set up to use it; nothing is recorded yet."""

from collections.abc import Callable
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.model import SegmentDraft
from tests.support.bulk import Tenant
from tests.support.command import Segments
from tests.support.stores import open_store
from tests.support.tenant_server import TenantServer

Fill = Callable[[int, range], None]


@pytest.fixture
def tenant(tenant: TenantServer, segments: Segments, fill: Fill) -> Tenant:
    """The tenant, with the segments VIP (id 1, accounts 1 to 3) and STAFF (id 2)."""
    segments.env |= tenant.environ
    fill(1, range(1, 4))
    return Tenant(tenant, segments)


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Adds accounts to a segment of the tenant without the command."""
    backend = open_store(str(tmp_path / "tenant.db"), timeout=10)
    for code in ("VIP", "STAFF"):
        backend.add_segment(SegmentDraft(code, f"The {code}"))
    backend.close()

    def add(segment_id: int, accounts: range) -> None:
        backend = open_store(str(tmp_path / "tenant.db"), timeout=10)
        backend.add_segment_accounts(segment_id, AccountSet(accounts))
        backend.close()

    return add
