"""Manifests and backends for their tests."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from segcli.account_set import AccountSet
from segcli.backends.store.backend import StoreBackend
from segcli.manifest.desired import Desired
from segcli.manifest.document import Document
from segcli.manifest.source import read_source
from segcli.model import SegmentDraft
from segcli.operations.desired import desired_of
from segcli.terminal.streams import Terminal
from tests.support.stores import open_store


def quiet() -> Terminal:
    terminal = Terminal(os.environ)
    terminal.quiet = True
    return terminal


def read(source: Path | str, *, allow_empty: bool = False) -> Document:
    return read_source(str(source), quiet(), allow_empty=allow_empty)


def written(folder: Path, text: str, name: str = "segments.yaml") -> Path:
    """A manifest with that text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def store_with(path: Path, sets: Mapping[str, set[int]]) -> Iterator[StoreBackend]:
    """A store with a segment for each of the sets."""
    backend = open_store(str(path), timeout=10)
    with backend.transaction():
        for code, accounts in sets.items():
            segment = backend.add_segment(SegmentDraft(code))
            if accounts:
                backend.add_segment_accounts(segment.id, AccountSet(accounts))
    try:
        yield backend
    finally:
        backend.close()


def resolved(folder: Path, text: str, sets: Mapping[str, set[int]]) -> dict[str, set[int] | None]:
    """The accounts that each segment of a manifest gets on a store with these sets."""
    document = read(written(folder, text))
    with store_with(folder / "store.db", sets) as backend:
        return accounts_of(desired_of(document, backend, quiet()))


def accounts_of(desired: Desired) -> dict[str, set[int] | None]:
    return {each.code: None if each.accounts is None else set(each.accounts) for each in desired.segments}
