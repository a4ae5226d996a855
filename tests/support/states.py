"""States of a backend as plain values: what it contains, and how it gets there, without plans."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget, ClientCredentials
from segcli.manifest.desired import Desired, DesiredSegment
from segcli.model import SegmentDraft
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer


class Held(NamedTuple):
    """What a segment has beside its code."""

    name: str | None = None
    description: str | None = None
    accounts: tuple[int, ...] = ()


State = Mapping[str, Held]


def state_of(backend: Backend) -> dict[str, Held]:
    """Everything that the backend has."""
    segments = list(backend.iter_segments(SegmentQuery(page_size=MAX_PAGE_SIZE)).items)
    members = backend.get_memberships([segment.id for segment in segments]).of
    return {
        segment.code: Held(segment.name, segment.description, tuple(members[segment.id]))
        for segment in segments
    }


def ids_of(backend: Backend) -> dict[str, int]:
    items = backend.iter_segments(SegmentQuery(page_size=MAX_PAGE_SIZE)).items
    return {segment.code: segment.id for segment in items}


def put(backend: Backend, state: State) -> None:
    """Adds the segments of the state to an empty backend."""
    with backend.transaction():
        for code, held in state.items():
            segment = backend.add_segment(SegmentDraft(code, held.name, held.description))
            if held.accounts:
                backend.add_segment_accounts(segment.id, AccountSet(held.accounts))


def desired(state: State) -> Desired:
    """A SOURCE that asks for the state, memberships included."""
    return Desired(
        [
            DesiredSegment(code, held.name, held.description, accounts=AccountSet(held.accounts))
            for code, held in state.items()
        ]
    )


def store_at(path: Path, state: State | None = None) -> Backend:
    """The store at `path`, with the state."""
    backend = open_backend(BackendTarget(f"sqlite:{path}", 30.0))
    put(backend, state or {})
    return backend


def client_of(server: TenantServer) -> Backend:
    """The tenant, as a client reaches it."""
    credentials = ClientCredentials(CLIENT_ID, lambda: SECRET, "a test", secret_identity=SECRET)
    return open_backend(BackendTarget(server.url, 30.0, credentials=credentials))


def many(codes: Iterable[str], accounts: Iterable[int] = ()) -> dict[str, Held]:
    """A segment with the accounts for each of the codes."""
    return {code: Held(accounts=tuple(accounts)) for code in codes}
