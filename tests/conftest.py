"""Fixtures that all tests share."""

import shutil
from pathlib import Path

import pytest

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.stores import fill, fill_accounts, numbered


@pytest.fixture
def segments(tmp_path: Path) -> Segments:
    """The installed command, in an empty home of its own."""
    return Segments(tmp_path)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds 450 segments: more than two of the largest pages."""
    return _numbered(tmp_path_factory, 450)


@pytest.fixture(scope="session")
def thousands(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds 5,000 segments: more than a pipe buffers."""
    return _numbered(tmp_path_factory, 5000)


@pytest.fixture
def vip(segments: Segments, shop: Path) -> Segments:
    """A command whose store holds VIP (id 1, accounts 1001 and 1002) and STAFF (id 2, account 1002)."""
    segments.store.parent.mkdir(parents=True)
    shutil.copy(shop, segments.store)
    return segments


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of `vip`, filled once: copying it is faster."""
    segments = Segments(tmp_path_factory.mktemp("home"))
    fill(segments, [SegmentDraft("VIP", "Very important", "Spent a lot"), SegmentDraft("STAFF")])
    fill_accounts(segments, 1, [1001, 1002])
    fill_accounts(segments, 2, [1002])
    return segments.store


def _numbered(factory: pytest.TempPathFactory, count: int) -> Segments:
    segments = Segments(factory.mktemp("home"))
    fill(segments, numbered(count))
    return segments
