"""A shared store of each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget
from tests.support.postgresql import new_store

Open = Callable[..., Backend]


@pytest.fixture
def url() -> str:
    """A store that does not exist yet."""
    return new_store()


@pytest.fixture
def opened(url: str) -> Iterator[Open]:
    """Opens the store, or another URL; it is closed at the end."""
    with ExitStack() as stack:

        def open_it(other: str | None = None, timeout: float = 10) -> Backend:
            backend = open_backend(BackendTarget(other or url, timeout))
            return stack.enter_context(closing(backend))

        yield open_it


@pytest.fixture
def backend(opened: Open) -> Backend:
    return opened()
