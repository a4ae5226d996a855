"""Backends with the same segments A, B and C, on which expressions are compared with Python's sets."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget
from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.postgresql import shared_store
from tests.support.serving import served
from tests.support.stores import open_store
from tests.support.tenant_server import serving

SETS: Mapping[str, frozenset[int]] = {
    "A": frozenset({*range(1, 60, 2), 70_000, 2_147_483_647}),
    "B": frozenset({*range(1, 60, 3), 70_000}),
    "C": frozenset(),
}
KNOWN = SETS["A"] | SETS["B"]


def fill_sets(store: Path, sets: Mapping[str, Iterable[int]] = SETS) -> None:
    """Adds a segment for each of the sets, in this order, in one transaction."""
    _fill(open_store(str(store), timeout=10), sets)


def _fill(backend: Backend, sets: Mapping[str, Iterable[int]]) -> None:
    with closing(backend), backend.transaction():
        for code, accounts in sets.items():
            segment = backend.add_segment(SegmentDraft(code))
            if accounts:
                backend.add_segment_accounts(segment.id, AccountSet(accounts))


@contextmanager
def on_a_store(home: Path) -> Iterator[Segments]:
    segments = Segments(home)
    segments.store.parent.mkdir(parents=True)
    fill_sets(segments.store)
    yield segments


@contextmanager
def on_a_tenant(home: Path) -> Iterator[Segments]:
    segments = Segments(home)
    fill_sets(home / "tenant.db")
    with serving(home / "tenant.db") as server:
        segments.env |= server.environ
        yield segments


@contextmanager
def on_a_served_store(home: Path) -> Iterator[Segments]:
    with on_a_store(home) as segments, served(home) as server:
        segments.env |= server.environ
        yield segments


@contextmanager
def on_a_shared_store(kind: str, home: Path) -> Iterator[Segments]:
    segments = Segments(home)
    segments.env["SEGMENTS_BACKEND"] = url = shared_store(kind)
    _fill(open_backend(BackendTarget(url, timeout=30)), SETS)
    yield segments


ON: dict[str, Callable[[Path], AbstractContextManager[Segments]]] = {
    "store": on_a_store,
    "tenant": on_a_tenant,
    "served": on_a_served_store,
    "postgresql": partial(on_a_shared_store, "postgresql"),
    "citus": partial(on_a_shared_store, "citus"),
}
