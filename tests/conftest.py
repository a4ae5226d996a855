"""Fixtures that all tests share."""

from pathlib import Path

import pytest

from tests.support.command import Segments


@pytest.fixture
def segments(tmp_path: Path) -> Segments:
    """The installed command, in an empty home of its own."""
    return Segments(tmp_path)
