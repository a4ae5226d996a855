"""Ledgers: the changes that the command has recorded about tenants."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from segcli.backends.history import Change, ChangeQuery, History
from segcli.backends.target import BackendTarget, ClientCredentials
from segcli.ledger.files import open_ledger
from tests.support.command import Segments
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer


class Recorded(NamedTuple):
    """A change, and the accounts that joined and left."""

    change: Change
    joined: list[int]
    left: list[int]

    @property
    def state(self) -> tuple[str, bool, bool]:
        """Its kind, and whether it is exact and complete."""
        return self.change.kind, self.change.exact, self.change.complete


def ledgers(segments: Segments) -> list[Path]:
    """The files of the ledgers."""
    return sorted((segments.home / "state" / "segments" / "ledgers").glob("*.db"))


def recorded(segments: Segments) -> list[Recorded]:
    """The changes in the only ledger, oldest first; none if there is no ledger."""
    paths = ledgers(segments)
    if not paths:
        return []
    [path] = paths
    with _opened(path) as history:
        found = sorted(history.changes(ChangeQuery()), key=lambda change: change.id)
        return [Recorded(change, *map(list, history.accounts(change))) for change in found]


@contextmanager
def _opened(path: Path) -> Iterator[History]:
    ledger = open_ledger(str(path))
    try:
        yield ledger.history
    finally:
        ledger.close()


def target_of(server: TenantServer) -> BackendTarget:
    """How to open the tenant without a command."""
    credentials = ClientCredentials(CLIENT_ID, lambda: SECRET, "the tests", secret_identity=SECRET)
    return BackendTarget(server.url, timeout=10, credentials=credentials)
