"""The accounts of a tenant's segments: how many requests they take, and that no answer is taken on trust."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.target import BackendTarget, ClientCredentials
from segcli.model import SegmentDraft
from segcli.query.parse import parse_query
from tests.support.command import Segments
from tests.support.stores import open_store
from tests.support.tenant_server import CLIENT_ID, SECRET, Fault, Reply, Request, TenantServer

pytestmark = pytest.mark.usefixtures("tenant_variables")

REJECTED = Fault(Reply(400, b'{"errorCode": "MISSING_OR_INVALID_PARAMETER", "message": "no such field"}'))
Change = Callable[[dict[str, object]], None]


@pytest.fixture
def fill(tenant: TenantServer) -> Callable[..., None]:
    """Adds segments named after their ids, each with the given accounts."""

    def fill(*accounts: range) -> None:
        backend = open_store(str(tenant.store), timeout=10)
        with backend.transaction():
            for number, ids in enumerate(accounts, 1):
                segment = backend.add_segment(SegmentDraft(f"S{number}"))
                if ids:
                    backend.add_segment_accounts(segment.id, AccountSet(ids))
        backend.close()

    return fill


def requests(tenant: TenantServer) -> tuple[int, int]:
    """How many requests were for filtered accounts, and how many for all accounts."""
    accounts = [request for request in tenant.requests if request.path.endswith("/accounts")]
    filtered = [request for request in accounts if "filter" in request.parameters]
    return len(filtered), len(accounts) - len(filtered)


def answer(tenant: TenantServer, request: Request, change: Change) -> Reply:
    """The tenant's true response to GetAccounts, changed."""
    backend = open_store(str(tenant.store), timeout=10)
    page = backend.get_accounts(
        parse_query(
            filter=request.parameters.get("filter", ""),
            start_index=int(request.parameters["startindex"]),
            page_size=int(request.parameters["pagesize"]),
            accounts=True,
        )
    )
    backend.close()
    document = {**page.head(), "items": [account.to_json() for account in page.items]}
    change(document)
    return Reply(200, json.dumps(document).encode())


def changed(tenant: TenantServer, change: Change, *, filtered: bool | None = None) -> None:
    """Makes the tenant change its responses to GetAccounts: those with a filter, without, or all (None)."""

    def script(request: Request) -> Fault | None:
        with_filter = "filter" in request.parameters
        if not request.path.endswith("/accounts") or filtered not in (None, with_filter):
            return None
        return Fault(answer(tenant, request, change))

    tenant.script = script


def listed(segments: Segments, segment_id: int = 1) -> list[int]:
    return [int(line) for line in segments.ok("accounts", "list", f"id:{segment_id}").lines]


def test_five_thousand_accounts_take_25_requests(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(range(1, 10_000, 2), range(1, 20_001))
    assert listed(segments) == list(range(1, 10_000, 2))
    assert requests(tenant) == (25, 0)
    assert len(tenant.requests) == 25 + 2  # the segment is looked up, and is known to exist when it is read
    sent = [request.parameters for request in tenant.requests if "filter" in request.parameters]
    assert {parameters["filter"] for parameters in sent} == {"segments.id eq 1"}
    assert {parameters["sortby"] for parameters in sent} == {"id asc"}
    assert {parameters["responsefields"] for parameters in sent} == {
        "startIndex,pageSize,pageCount,totalCount,items(id,segments(id))"
    }


MANY = (range(301, 601), range(1, 1_001))  # the accounts of S1 begin on the second page of all accounts


def test_if_the_filter_is_ignored_all_accounts_are_read(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(*MANY)
    tenant.applies_filter = False
    assert listed(segments) == list(MANY[0])
    assert requests(tenant) == (1, 5)


def test_if_the_filter_is_rejected_all_accounts_are_read(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(*MANY)
    tenant.script = lambda request: (
        REJECTED if "segments.id" in request.parameters.get("filter", "") else None
    )
    assert listed(segments) == list(MANY[0])
    assert requests(tenant) == (1, 5)


@pytest.mark.parametrize("members", [200, 399, 400, 401])
def test_a_first_page_of_members_does_not_prove_the_filter(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None], members: int
) -> None:
    """The tenant ignores the filter, which the first pages do not show."""
    fill(range(1, members + 1), range(1, 1_001))
    tenant.applies_filter = False
    assert listed(segments) == list(range(1, members + 1))


def test_an_empty_segment_takes_three_requests(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    """The filter finds nothing, and it finds an account of the segment that the first account is in."""
    fill(range(0), range(1, 2_001))
    assert listed(segments) == []
    assert requests(tenant) == (2, 1)


def test_a_filter_that_finds_nothing_is_not_believed(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(*MANY)
    empty = Fault(Reply(200, b'{"totalCount": 0, "items": []}'))
    tenant.script = lambda request: empty if "segments.id" in request.parameters.get("filter", "") else None
    assert listed(segments) == list(MANY[0])
    assert requests(tenant) == (2, 5)
    lines = segments.ok("list", "--counts", "--fields", "code").lines
    assert lines == ["S1\t300", "S2\t1000"]


def test_without_any_membership_all_accounts_are_read(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(range(0), range(1, 401))

    def without(document: dict[str, object]) -> None:
        items = document["items"]
        assert isinstance(items, list)
        document["items"] = [{**item, "segments": None} for item in items]

    changed(tenant, without, filtered=False)
    assert listed(segments) == []
    assert requests(tenant) == (1, 2)


@pytest.mark.parametrize("filtered", [True, None])
def test_accounts_without_their_segments_are_not_taken_for_members_or_others(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None], filtered: bool | None
) -> None:
    fill(*MANY)

    def mask(document: dict[str, object]) -> None:
        items = document["items"]
        assert isinstance(items, list)
        document["items"] = [{"id": item["id"]} for item in items]

    changed(tenant, mask, filtered=filtered)
    if filtered:
        assert listed(segments) == list(MANY[0])
        return
    for line in ("accounts list S1", "list --counts", "accounts set S1 --file - --yes"):
        done = segments(*line.split(), stdin="1\n")
        assert (done.code, done.stdout) == (6, "")
        assert "none of the 1,000 accounts that the tenant sent has the member 'segments'" in done.stderr
    assert {request.method for request in tenant.requests} == {"GET"}


def test_counts_use_the_filter_only_if_that_takes_fewer_requests(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(range(1, 251), range(2_000, 2_010), range(1, 4_001), range(0))
    line = ["list", "--counts", "--fields", "code", "--filter"]
    assert segments.ok(*line, "code ne S3").lines == ["S1\t250", "S2\t10", "S4\t0"]
    assert requests(tenant) == (4, 1)  # a page of all accounts says how many there are
    tenant.requests.clear()
    assert segments.ok("list", "--counts", "--fields", "code").lines == [
        "S1\t250",
        "S2\t10",
        "S3\t4000",
        "S4\t0",
    ]
    assert requests(tenant) == (3, 20)  # S1 to S3 have 23 pages, all accounts 20


@pytest.mark.parametrize("output", ["tsv", "json", "table"])
def test_one_pass_counts_any_number_of_segments(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None], output: str
) -> None:
    fill(*[range(number, 601) for number in range(1, 451)])
    done = segments.ok("list", "--all", "--counts", "--fields", "accounts", "-o", output)
    assert requests(tenant) == (0, 3)
    if output == "json":
        counts = [item["accounts"] for item in done.json["items"]]
    else:
        counts = [int(line) for line in done.lines[output == "table" :]]
    assert counts == list(range(600, 150, -1))


def test_counts_are_exact_if_the_filter_is_ignored(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(range(1, 251), range(1, 4_001))
    tenant.applies_filter = False
    assert segments.ok("list", "--counts", "--fields", "code").lines == ["S1\t250", "S2\t4000"]


def test_a_total_of_the_filter_is_no_count(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(range(1, 251), range(300, 4_001))

    def inflate(document: dict[str, object]) -> None:
        document["totalCount"] = 400

    changed(tenant, inflate, filtered=True)
    done = segments("list", "--counts", "--fields", "code", "--filter", "code eq S1")
    assert (done.code, done.stdout) == (6, "")


def test_an_unknown_segment_is_not_found(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(range(1, 3))
    assert segments("accounts", "list", "id:9").code == 3
    assert requests(tenant) == (0, 0)


def slow_accounts(request: Request) -> Fault | None:
    return Fault(delay=0.6) if request.path.endswith("/accounts") else None


def test_a_long_count_shows_its_progress_on_a_terminal(
    segments: Segments, tenant: TenantServer, fill: Callable[..., None]
) -> None:
    fill(range(1, 5_001))
    tenant.script = slow_accounts
    child = segments.terminal("list", "--counts", "--fields", "code", "-o", "csv", columns=120)
    child.expect(r"━.* counting [\d,]+/5,000 ")
    rest = child.read()
    child.close()
    assert child.exitstatus == 0
    assert "S1,5000" in rest
    assert "counting" not in rest.rpartition("\x1b[2K")[2]
    assert "counting" not in segments.shown("list", "--counts", "-q", "-o", "csv").stdout


def test_the_accounts_that_were_read_are_reported(
    tenant: TenantServer, fill: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    fill(range(1, 451), range(1, 651))
    credentials = ClientCredentials(CLIENT_ID, lambda: SECRET, "a test", secret_identity=SECRET)
    backend = open_backend(BackendTarget(tenant.url, timeout=10, credentials=credentials))
    reports: list[tuple[int, int | None]] = []
    backend.get_segment_accounts(1, lambda *report: reports.append(report))
    assert reports == [(0, 450), (200, 450), (400, 450)]
    reports.clear()
    backend.count_segment_accounts([1, 2], lambda *report: reports.append(report))
    assert reports == [(0, 650), (200, 650), (400, 650), (600, 650)]
    backend.close()
