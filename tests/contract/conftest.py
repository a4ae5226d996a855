"""The backends that the suite is held against; a new one is a function and a line of the table."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from segcli.backends import Backend, open_backend
from segcli.backends.access import Access, Credentials
from tests.tenant_server import CLIENT_ID, SECRET, serving


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Backend]:
    backend = open_backend(Access(f"sqlite:{folder / 'store.db'}", timeout=10))
    yield backend
    backend.close()


@contextmanager
def on_a_tenant(folder: Path) -> Iterator[Backend]:
    with serving(folder / "tenant.db") as server:
        credentials = Credentials(CLIENT_ID, lambda: SECRET, "the suite")
        backend = open_backend(Access(server.url, timeout=10, credentials=credentials))
        yield backend
        backend.close()


BACKENDS: dict[str, Callable[[Path], AbstractContextManager[Backend]]] = {
    "sqlite": on_sqlite,
    "tenant": on_a_tenant,
}


@pytest.fixture(params=BACKENDS)
def backend(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Backend]:
    """An empty backend of each kind."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with BACKENDS[request.param](tmp_path) as opened:
        yield opened
