"""kill -9 during `apply`: a store is as before or as after, a tenant is completed by the next run."""

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.manifest.conftest import Source
from tests.support.command import Segments
from tests.support.states import Held, State, state_of, store_at
from tests.support.tenant_server import TenantServer

Has = Callable[[State], None]
ON_A_STORE = 6  # kills
ON_A_TENANT = 3
OPTIONS = ("--prune", "--accounts", "--yes", "--max-remove", "100%", "--max-delete", "100")
BEFORE = {f"S{n:03}": Held(f"{n}", None, tuple(range(n + 1, n + 2_000))) for n in range(60)}
AFTER = {f"S{n:03}": Held(f"{n}!", None, tuple(range(n + 1_000, n + 3_000))) for n in range(20, 90)}


def killed(segments: Segments, *arguments: str, after: float) -> bool:
    """Runs the command and kills it after some seconds; False if it ended before."""
    running = segments.start(*arguments)
    deadline = time.monotonic() + after
    while running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    ended = running.poll() is not None
    running.kill()
    running.communicate()
    return not ended


def state(path: Path) -> dict[str, Held]:
    backend = store_at(path)
    try:
        return state_of(backend)
    finally:
        backend.close()


def test_a_killed_run_leaves_a_store_before_or_after(
    segments: Segments, has: Has, source: Source, tmp_path: Path
) -> None:
    has(BEFORE)
    original = segments.store.read_bytes()
    url = source(AFTER)
    start = time.monotonic()
    segments.ok("apply", url, *OPTIONS)
    duration = time.monotonic() - start
    assert state(segments.store) == AFTER
    rng = random.Random(9)
    for _ in range(ON_A_STORE):
        for leftover in segments.store.parent.glob("segments.db*"):
            leftover.unlink()
        segments.store.write_bytes(original)
        killed(segments, "apply", url, *OPTIONS, after=rng.uniform(0.2, 1.0) * duration)
        assert state(segments.store) in (BEFORE, AFTER)
        segments.ok("apply", url, *OPTIONS)
        assert state(segments.store) == AFTER


def test_a_killed_run_on_a_tenant_is_completed_by_the_next(
    segments: Segments, tenant: TenantServer, tenant_variables: None, source: Source
) -> None:
    """The lock ends with the process; no account is ever in neither the old nor the new state."""
    small = {code: Held(held.name, None, held.accounts[::40]) for code, held in list(BEFORE.items())[:6]}
    wanted = {code: Held("x", None, (*held.accounts[10:], 9_999)) for code, held in small.items()}
    store_at(tenant.store, small).close()
    url = source(wanted)
    rng = random.Random(7)
    for _ in range(ON_A_TENANT):
        killed(segments, "apply", url, *OPTIONS, after=rng.uniform(0.3, 1.2))
        between = state(tenant.store)
        assert all(set(small[code].accounts[10:]) <= set(between[code].accounts) for code in small)
    segments.ok("apply", url, *OPTIONS)
    assert state(tenant.store) == wanted
