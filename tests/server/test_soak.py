"""The soak's short form; `python -m tests.server.soak 30` is the long one."""

from pathlib import Path

from tests.server.soak import soak


def test_mixed_load_from_many_connections_leaves_exactly_what_it_should(tmp_path: Path) -> None:
    made, _, _ = soak(tmp_path, seconds=3)
    assert made > 100
