"""A short soak test; `python -m tests.server.soak 30` runs a long one."""

from pathlib import Path

from tests.server.soak import soak


def test_mixed_load_from_many_connections_leaves_the_expected_store(tmp_path: Path) -> None:
    count, _, _ = soak(tmp_path, seconds=3)
    assert count > 100
