"""What the tests of apply share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.states import State, store_at

Source = Callable[[State], str]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Makes a store with a state, and returns its URL."""
    made: list[str] = []

    def make(state: State) -> str:
        path = tmp_path / f"source-{len(made)}.db"
        made.append(str(path))
        backend = store_at(path, state)
        if not state:  # a store without segments
            with backend.transaction():
                pass
        backend.close()
        return f"sqlite:{path}"

    return make


@pytest.fixture
def has(segments: Segments) -> Callable[[State], None]:
    """Gives the command's store a state."""

    def fill(state: State) -> None:
        segments.store.parent.mkdir(parents=True, exist_ok=True)
        store_at(segments.store, state).close()

    return fill
