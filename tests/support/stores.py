"""Stores: filled without a process for every segment, and read."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from pyroaring import BitMap

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.sqlite.connection import Opening
from segcli.backends.sqlite.database import SqliteDatabase
from segcli.backends.store.backend import StoreBackend
from segcli.backends.target import BackendTarget
from segcli.customer import Customer
from segcli.model import SegmentDraft
from tests.support.command import Segments


def open_store(path: str, *, timeout: float, trace: Callable[[str], None] | None = None) -> StoreBackend:
    """The store at `path`, as the command opens it; its folder is created."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    opening = Opening(path, timeout, trace, lambda _: None, lambda _: None, upgrade=True)
    return StoreBackend(SqliteDatabase(opening))


def fill(segments: Segments, drafts: Iterable[SegmentDraft]) -> None:
    """Adds segments to the command's store, in one transaction."""
    backend = _open(segments)
    with backend.transaction():
        for draft in drafts:
            backend.add_segment(draft)
    backend.close()


def fill_accounts(segments: Segments, segment_id: int, accounts: Iterable[int]) -> None:
    """Adds accounts to a segment in the command's store."""
    backend = _open(segments)
    backend.add_segment_accounts(segment_id, AccountSet(accounts))
    backend.close()


def fill_customers(segments: Segments, customers: Sequence[Customer]) -> None:
    """Adds customers to the command's store."""
    backend = _open(segments)
    with backend.transaction():
        backend.customers.save(customers)
    backend.close()


def _open(segments: Segments) -> Backend:
    """The command's store; its folder, which is the default one only for the command, is created."""
    segments.store.parent.mkdir(parents=True, exist_ok=True)
    return open_backend(BackendTarget(f"sqlite:{segments.store}", 30.0))


def members_of(store: Path, segment_id: int = 1) -> list[int]:
    """The accounts of a segment in a store, read without segcli."""
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute(
            "SELECT accounts FROM membership WHERE segment_id = ? ORDER BY block", [segment_id]
        )
        return [account_id for (data,) in rows for account_id in BitMap.deserialize(data)]


def numbered(count: int) -> list[SegmentDraft]:
    """`count` drafts; their codes sort like their ids."""
    return [SegmentDraft(f"S{n:04}", f"Segment {n}", "made to be many") for n in range(1, count + 1)]
