"""The backends that the suite tests; a new one is a function and a line in the table."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget
from segcli.customer import Customer
from segcli.ledger.backend import LedgerBackend
from tests.support.command import Segments
from tests.support.ledgers import target_of
from tests.support.postgresql import shared_store
from tests.support.serving import Served, served
from tests.support.tenant_server import serving

Opener = Callable[[], Backend]
Keep = Callable[[Sequence[Customer]], object]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """One `segments serve` for the whole suite, and the store that it serves."""
    home = tmp_path_factory.mktemp("served")
    with served(home) as server:
        yield server, Segments(home).store


@contextmanager
def on_sqlite(request: pytest.FixtureRequest) -> Iterator[Opener]:
    folder = request.getfixturevalue("tmp_path")
    target = BackendTarget(f"sqlite:{folder / 'store.db'}", timeout=10)
    yield lambda: open_backend(target)


@contextmanager
def on_a_tenant(request: pytest.FixtureRequest) -> Iterator[Opener]:
    with serving(request.getfixturevalue("tmp_path") / "tenant.db") as server:
        yield lambda: open_backend(target_of(server))


@contextmanager
def on_a_recorded_tenant(request: pytest.FixtureRequest) -> Iterator[Opener]:
    folder = request.getfixturevalue("tmp_path")
    request.getfixturevalue("monkeypatch").setenv("XDG_STATE_HOME", str(folder))
    with serving(folder / "tenant.db") as server:
        yield lambda: LedgerBackend(open_backend(target_of(server)), lambda _: None)


@contextmanager
def on_a_served_store(request: pytest.FixtureRequest) -> Iterator[Opener]:
    server, store = request.getfixturevalue("server")
    if store.exists():
        empty(store)
    yield lambda: open_backend(server.access)


def empty(store: Path) -> None:
    """Removes everything of the test before, even the used ids."""
    with closing(sqlite3.connect(store, timeout=10)) as connection, connection:
        for table in ("membership", "membership_size", "segment_record", "sqlite_sequence", "customer"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE customer_version SET version = version + 1")


@contextmanager
def on_postgresql(request: pytest.FixtureRequest) -> Iterator[Opener]:
    target = BackendTarget(shared_store("postgresql"), timeout=10)
    yield lambda: open_backend(target)


@contextmanager
def on_citus(request: pytest.FixtureRequest) -> Iterator[Opener]:
    target = BackendTarget(shared_store("citus"), timeout=30)
    yield lambda: open_backend(target)


class Kind(NamedTuple):
    """How to open a kind of backend, whether its transactions roll back, and whether it uses HTTP."""

    on: Callable[[pytest.FixtureRequest], AbstractContextManager[Opener]]
    atomic: bool = False
    over_http: bool = False


BACKENDS = {
    "sqlite": Kind(on_sqlite, atomic=True),
    "postgresql": Kind(on_postgresql, atomic=True),
    "citus": Kind(on_citus, atomic=True),
    "tenant": Kind(on_a_tenant, over_http=True),
    "ledger": Kind(on_a_recorded_tenant, over_http=True),
    "served": Kind(on_a_served_store, over_http=True),
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.over_http if kind.over_http else ())
        for name, kind in BACKENDS.items()
    ]
)
def opener(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opener]:
    """Opens a backend on the same place each time it is called; the place is empty at first."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with BACKENDS[request.param].on(request) as opener:
        yield opener


@pytest.fixture
def backend(opener: Opener) -> Iterator[Backend]:
    """An empty backend of each kind."""
    with closing(opener()) as opened:
        yield opened


@pytest.fixture
def keep(request: pytest.FixtureRequest, backend: Backend, tmp_path: Path) -> Iterator[Keep]:
    """Saves customers in the store; in the one behind it, if the backend is a tenant."""
    if backend.atomic:
        yield backend.customers.save
        return
    is_served = request.node.callspec.params["opener"] == "served"
    behind = request.getfixturevalue("server")[1] if is_served else tmp_path / "tenant.db"
    with closing(open_backend(BackendTarget(f"sqlite:{behind}", timeout=10))) as store:
        yield store.customers.save


@pytest.fixture
def another(backend: Backend, opener: Opener) -> Iterator[Backend]:
    """The same place as `backend`, opened a second time."""
    with closing(opener()) as opened:
        yield opened
