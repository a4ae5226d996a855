"""Segments with known accounts, on every kind of backend."""

from collections.abc import Iterator

import pytest

from tests.support.command import Segments
from tests.support.sets import ON, on_a_store


@pytest.fixture(scope="module", params=ON)
def anywhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Segments]:
    """The segments A, B and C on a store, a tenant, and a store that is served. Read only."""
    with ON[request.param](tmp_path_factory.mktemp("home")) as segments:
        yield segments


@pytest.fixture(params=ON)
def each(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Segments]:
    """The same, to be changed."""
    with ON[request.param](tmp_path_factory.mktemp("home")) as segments:
        yield segments


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Segments]:
    """The segments A, B and C on a store."""
    with on_a_store(tmp_path_factory.mktemp("home")) as segments:
        yield segments
