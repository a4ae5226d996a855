"""How often a failing request is retried, and many operations over a bad network."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.target import BackendTarget, ClientCredentials
from segcli.backends.tenant import transport
from segcli.backends.tenant.backend import TenantBackend
from segcli.errors import ConflictError, NotFoundError, UnavailableError
from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.support.fault_scripts import always, reply
from tests.support.stores import open_store
from tests.support.tenant_server import CLIENT_ID, SECRET, Fault, Request, TenantServer, unused_url

OPERATIONS = int(os.environ.get("SEGMENTS_TEST_OPERATIONS", "150"))
FAULT_RATE = 0.3


@pytest.fixture
def backend(tenant: TenantServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TenantBackend]:
    """The backend in this process, with very short waits between two tries."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(transport, "_BACKOFF", 0.001)
    credentials = ClientCredentials(CLIENT_ID, lambda: SECRET, "a test", secret_identity=SECRET)
    backend = TenantBackend(BackendTarget(tenant.url, timeout=60, credentials=credentials))
    yield backend
    backend.close()


PERMANENT = {
    "reset before": (Fault(reset_before=True), "no response"),
    "reset after": (Fault(reset_after=True), "no response"),
    "truncated": (Fault(truncate=True), "no response"),
    "502 as HTML": (reply(502, b"<html>Bad gateway</html>"), "<html>Bad gateway</html>"),
    "504": (reply(504), "(empty body)"),
}


@pytest.mark.parametrize(("fault", "expected"), PERMANENT.values(), ids=PERMANENT)
def test_a_permanent_fault_is_tried_ten_times(
    backend: TenantBackend, tenant: TenantServer, fault: Fault, expected: str
) -> None:
    tenant.script = always(fault)
    with pytest.raises(UnavailableError, match=expected):
        backend.get_segments(SegmentQuery())
    assert len(tenant.requests) == transport.TRIES == 10


def test_a_refused_connection_is_tried_five_times(backend: TenantBackend, tenant: TenantServer) -> None:
    tried: list[str] = []
    lonely = TenantBackend(BackendTarget(unused_url(), timeout=60, trace=tried.append))
    with pytest.raises(UnavailableError, match="Connection refused"):
        lonely.get_segments(SegmentQuery())
    assert len(tried) == transport.CONNECT_TRIES == 5


class Bad:
    """A network that fails three requests in ten, in one of many ways, the same for one seed."""

    FAULTS = (
        Fault(reset_before=True),
        Fault(reset_after=True),
        Fault(truncate=True),
        reply(429, Retry_After="0"),
        reply(502, b"<html>"),
        reply(503, b'{"errorCode": "SYSTEM_MAINTENANCE", "message": "soon"}'),
        reply(504),
    )

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def __call__(self, request: Request) -> Fault | None:
        return self._random.choice(self.FAULTS) if self._random.random() < FAULT_RATE else None


def test_operations_over_a_bad_network_have_exactly_the_requested_effect(
    backend: TenantBackend, tenant: TenantServer
) -> None:
    """Random operations on the tenant and on a simple model of it; afterwards both are equal."""
    tenant.script = Bad(seed=1)
    choose = random.Random(2)
    model: dict[int, tuple[str, str | None, set[int]]] = {}
    for number in range(OPERATIONS):
        segment_id = choose.choice(list(model)) if model else 0
        act = choose.choice(("add", "update", "join", "join", "leave", "delete", "get"))
        if act == "add" or not model:
            segment = backend.add_segment(SegmentDraft(f"S{number}", f"name {number}"))
            assert segment.id not in model
            model[segment.id] = (segment.code, segment.name, set())
        elif act == "update":
            code, _, accounts = model[segment_id]
            backend.update_segment(segment_id, SegmentDraft(code, f"renamed {number}"))
            model[segment_id] = (code, f"renamed {number}", accounts)
        elif act == "join":
            joining = choose.sample(range(1, 100), 5)
            backend.add_segment_accounts(segment_id, AccountSet(joining))
            model[segment_id][2].update(joining)
        elif act == "leave":
            leaving = choose.randrange(1, 100)
            if leaving in model[segment_id][2]:
                backend.remove_segment_account(segment_id, leaving)
                model[segment_id][2].remove(leaving)
        elif act == "delete" and len(model) > 3:
            backend.delete_segment(segment_id)
            del model[segment_id]
        else:
            assert backend.get_segment(segment_id).code == model[segment_id][0]
    tenant.script = None
    assert _state(tenant) == model


def _state(tenant: TenantServer) -> dict[int, tuple[str, str | None, set[int]]]:
    """The contents of the tenant's store, read without HTTP."""
    store = open_store(str(tenant.store), timeout=10)
    found = {
        segment.id: (segment.code, segment.name, set(store.get_segment_accounts(segment.id)))
        for segment in store.iter_segments(SegmentQuery()).items
    }
    store.close()
    return found


def test_without_a_retry_a_missing_object_is_an_error(backend: TenantBackend, tenant: TenantServer) -> None:
    with pytest.raises(NotFoundError):
        backend.delete_segment(99)
    segment = backend.add_segment(SegmentDraft("VIP"))
    with pytest.raises(ConflictError):
        backend.remove_segment_account(segment.id, 5)
