"""Fixtures that all tests share."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.stores import fill, fill_accounts, numbered
from tests.support.tenant_server import TenantServer, serving

# Under nohup, or in the background of a script, signals are ignored, and children would inherit that. A
# handler does as little here, but a child starts with the default action.
for _number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)


@pytest.fixture
def segments(tmp_path: Path) -> Segments:
    """The installed command, in an empty home of its own."""
    return Segments(tmp_path)


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantServer]:
    """A tenant without faults; a test sets its `script`. The command does not know of it."""
    with serving(tmp_path / "tenant.db") as server:
        yield server


@pytest.fixture
def tenant_variables(segments: Segments, tenant: TenantServer) -> None:
    """Makes the tenant the command's backend, by the vendor's variables."""
    segments.env |= tenant.environ


@pytest.fixture
def vip(segments: Segments, shop: Path) -> Segments:
    """A command whose store holds VIP (id 1, accounts 1001 and 1002) and STAFF (id 2, account 1002)."""
    segments.store.parent.mkdir(parents=True)
    shutil.copy(shop, segments.store)
    return segments


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of `vip`, made once, because a copy is faster."""
    segments = Segments(tmp_path_factory.mktemp("home"))
    fill(segments, [SegmentDraft("VIP", "Very important", "Spent a lot"), SegmentDraft("STAFF")])
    fill_accounts(segments, 1, [1001, 1002])
    fill_accounts(segments, 2, [1002])
    return segments.store


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds 450 segments, more than two of the largest pages. Read only."""
    return _numbered(tmp_path_factory, 450)


@pytest.fixture(scope="session")
def thousands(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds 5,000 segments, more than a pipe holds. Read only."""
    return _numbered(tmp_path_factory, 5000)


def _numbered(factory: pytest.TempPathFactory, count: int) -> Segments:
    segments = Segments(factory.mktemp("home"))
    fill(segments, numbered(count))
    return segments
