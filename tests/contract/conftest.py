"""The backends that the suite is held against; a new one is a function and a line of the table."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from segcli.backends import Backend, open_backend
from segcli.backends.access import Access, Credentials
from tests.serving import served
from tests.tenant_server import CLIENT_ID, SECRET, serving

Opener = Callable[[], Backend]


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Opener]:
    access = Access(f"sqlite:{folder / 'store.db'}", timeout=10)
    yield lambda: open_backend(access)


@contextmanager
def on_a_tenant(folder: Path) -> Iterator[Opener]:
    with serving(folder / "tenant.db") as server:
        credentials = Credentials(CLIENT_ID, lambda: SECRET, "the suite")
        access = Access(server.url, timeout=10, credentials=credentials)
        yield lambda: open_backend(access)


@contextmanager
def on_a_served_store(folder: Path) -> Iterator[Opener]:
    with served(folder) as server:
        yield lambda: open_backend(server.access)


BACKENDS: dict[str, Callable[[Path], AbstractContextManager[Opener]]] = {
    "sqlite": on_sqlite,
    "tenant": on_a_tenant,
    "served": on_a_served_store,
}
ATOMIC = ("sqlite",)  # those whose transaction can take back what it did


@pytest.fixture(params=BACKENDS)
def opener(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opener]:
    """Opens a backend on one and the same place, empty at first, as often as it is called."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with BACKENDS[request.param](tmp_path) as opener:
        yield opener


@pytest.fixture
def backend(opener: Opener) -> Iterator[Backend]:
    """An empty backend of each kind."""
    with closing(opener()) as opened:
        yield opened


@pytest.fixture
def another(backend: Backend, opener: Opener) -> Iterator[Backend]:
    """The same place as `backend`, opened a second time."""
    with closing(opener()) as opened:
        yield opened
