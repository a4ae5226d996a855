"""`apply` on a tenant: the forecast, the order, bases compared again, faults, what is rejected."""

import json
import random
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.manifest.locks import one_at_a_time
from segcli.model import SegmentDraft
from tests.manifest.conftest import Source
from tests.support.bulk import wait_for
from tests.support.command import Done, Segments
from tests.support.fault_scripts import reply
from tests.support.states import Held, State, client_of, ids_of, many, put, state_of, store_at
from tests.support.tenant_server import Fault, Request, TenantServer

BEFORE = {
    "VIP": Held("Very", None, tuple(range(1, 601))),
    "GOLD": Held(None, None, (1, 2)),
    "EMPTY": Held("e"),
    "SAME": Held("s", None, (7,)),
    "OLD": Held(None, None, (9,)),
}
AFTER = {
    "VIP": Held("New", None, tuple(range(4, 604))),
    "GOLD": Held(None, None, (2, 3)),
    "EMPTY": Held("f", None, (5,)),
    "SAME": Held("s", None, (7,)),
    "STAFF": Held("Staff", None, (5, 6)),
}
OPTIONS = ("--prune", "--accounts", "--yes", "--max-remove", "100%", "-o", "json")
WRITES = ("POST", "PUT", "DELETE")


@pytest.fixture
def shop(segments: Segments, tenant: TenantServer, tenant_variables: None) -> Iterator[Callable[[], State]]:
    """The command's tenant has BEFORE; returns what reads its present state, without HTTP."""
    store = store_at(tenant.store, BEFORE)
    yield lambda: state_of(store)
    store.close()


def message_of(done: Done) -> str:
    """The message of the error, which follows the forecast on stderr."""
    message: str = json.loads(done.stderr.splitlines()[-1])["error"]["message"]
    return message


def writes(tenant: TenantServer) -> list[Request]:
    return [request for request in tenant.requests if request.method in WRITES]


def test_the_forecast_is_what_is_sent(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    url = source(AFTER)
    planned = segments.ok("diff", url, "--prune", "--accounts", "-o", "json").json
    reads = len(tenant.requests)
    tenant.requests.clear()
    done = segments.ok("apply", url, *OPTIONS)
    # VIP: 1 + 3 pages, PUT, POST, 3 DELETE; GOLD: 1 + 1, POST, DELETE; EMPTY: 1 + 1, PUT, POST; STAFF: POST,
    # POST; OLD: 1 + 1, DELETE.
    assert done.json["requests"] == planned["requests"] == 22
    assert len(tenant.requests) - reads == 22
    assert len(writes(tenant)) == 12
    assert re.search(r"^22 requests, .*: 10 to compare, 12 to change$", done.stderr, re.MULTILINE)
    assert done.json["summary"] == planned["summary"]
    assert shop() == AFTER


def test_a_second_run_sends_no_write(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    url = source(AFTER)
    segments.ok("apply", url, *OPTIONS)
    tenant.requests.clear()
    done = segments.ok("apply", url, *OPTIONS)
    assert done.json["summary"]["none"] == len(AFTER)
    assert writes(tenant) == []
    assert "request" not in done.stderr


def test_unchanged_segments_cost_no_request(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    segments.ok("apply", source(AFTER), *OPTIONS)
    same = ids_of(store_at(tenant.store))["SAME"]
    assert not [request for request in tenant.requests if request.path.endswith(f"/{same}")]


def test_additions_come_before_removals(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    segments.ok("apply", source(AFTER), *OPTIONS)
    kinds = []
    for request in writes(tenant):
        about_accounts = "/accounts" in request.path.removeprefix("/api/commerce/customer/")
        kinds.append((request.method, about_accounts))
    assert list(dict.fromkeys(kinds)) == [
        ("POST", False),
        ("PUT", False),
        ("POST", True),
        ("DELETE", True),
        ("DELETE", False),
    ]


def test_a_segment_that_changed_since_the_plan_is_not_written(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    url = source(AFTER)

    def change_gold(request: Request) -> None:
        if request.method == "PUT":
            tenant.script = None
            other = store_at(tenant.store)
            other.add_segment_accounts(2, AccountSet([99]))
            other.close()

    tenant.script = change_gold
    done = segments("apply", url, *OPTIONS)
    assert done.code == 4
    assert "GOLD has 3 accounts instead of 2: it was changed since the plan was made" in message_of(done)
    assert "steps were completed" in message_of(done)
    assert shop()["GOLD"] == Held(None, None, (1, 2, 99))
    assert shop()["VIP"].name == "New"
    segments.ok("apply", url, *OPTIONS)
    assert shop() == AFTER


def test_a_code_that_was_added_meanwhile_is_a_conflict(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    def add_staff(request: Request) -> None:
        if request.method == "POST":
            tenant.script = None
            other = store_at(tenant.store)
            other.add_segment(SegmentDraft("STAFF", "theirs"))
            other.close()

    tenant.script = add_staff
    done = segments("apply", source(AFTER), *OPTIONS)
    assert done.code == 4
    assert message_of(done) == "STAFF was added since the plan was made; nothing was changed"
    assert shop() == {**BEFORE, "STAFF": Held("theirs")}


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_runs_complete_in_spite_of_faults(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source, share: float
) -> None:
    """Each run does what it can; none is needed more than a few times, and nothing is done twice."""
    rng = random.Random(share)
    faults = [
        Fault(reset_before=True),
        Fault(reset_after=True),
        Fault(truncate=True),
        reply(503),
        reply(429, Retry_After="0"),
    ]
    tenant.script = lambda _: rng.choice(faults) if rng.random() < share else None
    url = source(AFTER)
    for _ in range(20):
        done = segments("apply", url, *OPTIONS, "--rps", "200")
        assert done.code in (0, 4, 6), done.stderr
        if not done.code:
            break
    tenant.script = None
    assert shop() == AFTER
    assert segments("diff", url, "--prune", "--accounts", "--exit-code").code == 0


def test_one_run_at_a_time(
    segments: Segments,
    tenant: TenantServer,
    shop: Callable[[], State],
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", segments.env["XDG_STATE_HOME"])
    url = source(AFTER)
    with one_at_a_time(client_of(tenant).place):
        done = segments("apply", url, *OPTIONS)
        assert done.code == 4
        assert f"another segments apply is changing {tenant.url}; nothing was changed" in done.stderr
        segments.ok("diff", url)
        segments.ok("apply", url, "--dry-run")
    assert shop() == BEFORE
    segments.ok("apply", url, *OPTIONS)


def test_max_requests(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    url = source(AFTER)
    done = segments("apply", url, *OPTIONS, "--max-requests", "21")
    assert done.code == 2
    assert "the plan takes 22 requests, more than --max-requests allows" in message_of(done)
    assert writes(tenant) == []
    segments.ok("apply", url, *OPTIONS, "--max-requests", "22")


def test_what_a_tenant_rejects_is_reported_and_the_rest_is_done(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    def reject(request: Request) -> Fault | None:
        body = request.body
        if isinstance(body, list) and 603 in body:
            return reply(400, b'{"errorCode": "MISSING_OR_INVALID_PARAMETER", "message": "no account 603"}')
        if isinstance(body, dict) and body.get("code") == "STAFF":
            return reply(400, b'{"errorCode": "MISSING_OR_INVALID_PARAMETER", "message": "no such code"}')
        return None

    tenant.script = reject
    done = segments("apply", source(AFTER), *OPTIONS)
    assert done.code == 1
    assert [(each["code"], each["accountId"]) for each in done.json["rejected"]] == [
        ("STAFF", None),
        ("VIP", 603),
    ]
    assert done.json["summary"]["add"] == 0
    assert "no such code" in done.stderr
    assert "VIP: account 603" in done.stderr
    tenant.script = None
    expected = {**AFTER, "VIP": Held("New", None, tuple(range(4, 603)))}
    del expected["STAFF"]
    assert shop() == expected


def test_an_interrupted_run_is_completed_by_the_next(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    url = source({"VIP": Held("New", None, tuple(range(1, 501))), **many(["A"], range(1, 30))})
    tenant.script = lambda request: Fault(delay=0.05) if request.method == "DELETE" else None
    running = segments.start("apply", url, *OPTIONS)
    wait_for(lambda: any(request.method == "DELETE" for request in tenant.requests))
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=20)
    assert running.returncode == 130
    assert b"steps were completed" in stderr
    assert b"run the same command again" in stderr
    tenant.script = None
    before = shop()
    assert before["A"].accounts == tuple(range(1, 30))
    tenant.requests.clear()
    wanted = {"VIP": Held("New", None, tuple(range(1, 501))), **many(["A"], range(1, 30))}
    segments.ok("apply", url, *OPTIONS)
    assert shop() == wanted
    assert not [request for request in writes(tenant) if request.method in ("POST", "PUT")]


def test_a_tenant_that_ignores_filters_is_read_once_for_all_bases(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source
) -> None:
    tenant.applies_filter = False
    wanted = {code: Held("x", held.description, held.accounts) for code, held in BEFORE.items()}
    segments.ok("apply", source(wanted), *OPTIONS)
    assert shop() == wanted
    pages = [request for request in tenant.requests if request.path.endswith("/accounts")]
    assert len(pages) < 14  # the plan, one look at the filter, and the bases


def test_a_saved_plan_for_a_tenant(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], source: Source, tmp_path: Path
) -> None:
    path = str(tmp_path / "plan.json")
    plan = segments.ok("apply", source(AFTER), "--prune", "--accounts", "--dry-run", "--save-plan", path)
    assert plan.code == 0
    reads = len(tenant.requests)
    tenant.requests.clear()
    done = segments.ok("apply", path, "--yes", "--max-remove", "100%", "-o", "json")
    assert len(tenant.requests) - reads <= done.json["requests"] == 22
    assert shop() == AFTER
    assert segments("apply", path, "--yes", "--max-remove", "100%").code == 4
    other = segments("--backend", f"sqlite:{tmp_path / 'other.db'}", "apply", path, "--yes")
    assert f"is a plan for {tenant.url}, not for sqlite:{tmp_path / 'other.db'}" in other.stderr


def test_a_tenant_as_a_source_is_only_read(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], tmp_path: Path
) -> None:
    target = f"sqlite:{tmp_path / 'backup.db'}"
    segments.ok("--backend", target, "apply", tenant.url, "--accounts", "--yes")
    assert state_of(store_at(tmp_path / "backup.db")) == BEFORE
    assert writes(tenant) == []


def test_a_tenant_is_restored_from_its_backup(
    segments: Segments, tenant: TenantServer, shop: Callable[[], State], tmp_path: Path
) -> None:
    target = f"sqlite:{tmp_path / 'backup.db'}"
    segments.ok("--backend", target, "apply", tenant.url, "--accounts", "--yes")
    client = client_of(tenant)
    for segment_id in ids_of(client).values():
        client.delete_segment(segment_id)
    put(client, {"OTHER": Held()})
    segments.ok("apply", target, *OPTIONS)
    assert shop() == BEFORE
    client.close()
