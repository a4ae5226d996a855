"""Backends as SOURCE: every pair, profiles, and that no host receives the credentials of another."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery
from tests.support.command import Segments
from tests.support.postgresql import shared_store
from tests.support.serving import Served, served
from tests.support.states import Held, put, state_of, store_at
from tests.support.tenant_server import TenantServer

STATE = {"VIP": Held("Very", "d", (1, 2)), "STAFF": Held(None, None, (2,)), "EMPTY": Held()}
DEFINITIONS = {code: held._replace(accounts=()) for code, held in STATE.items()}


class Pair:
    """Two backends, `one` and `two`, each with a profile of its own."""

    def __init__(self, segments: Segments, backends: dict[str, Backend]) -> None:
        self.segments = segments
        self.backends = backends


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Two tenants; each accepts only its own credentials."""
    with ExitStack() as stack:
        found = {}
        for name in ("one", "two"):
            home = tmp_path_factory.mktemp(name)
            found[name] = stack.enter_context(served(home))
        yield found


def add_profile(segments: Segments, name: str, server: Served) -> None:
    done = segments(
        "profile",
        "add",
        name,
        "--backend",
        server.url,
        "--client-id",
        server.client_id,
        "--secret-stdin",
        stdin=f"{server.secret}\n",
    )
    assert done.code == 0, done.stderr


def emptied(backend: Backend) -> Backend:
    for segment in list(backend.iter_segments(query()).items):
        backend.delete_segment(segment.id)
    return backend


def query() -> SegmentQuery:
    return SegmentQuery(page_size=MAX_PAGE_SIZE)


@pytest.fixture
def pair(request: pytest.FixtureRequest, segments: Segments, tmp_path: Path) -> Iterator[Pair]:
    kinds: tuple[str, str] = request.param
    backends: dict[str, Backend] = {}
    for name, kind in zip(("one", "two"), kinds, strict=True):
        if kind == "store":
            path = tmp_path / f"{name}.db"
            backends[name] = store_at(path)
            segments.ok("profile", "add", name, "--backend", f"sqlite:{path}")
        elif kind in ("postgresql", "citus"):
            backends[name] = open_backend(BackendTarget(url := shared_store(kind), timeout=30))
            segments.ok("profile", "add", name, "--backend", url)
        else:
            server = request.getfixturevalue("servers")[name]
            add_profile(segments, name, server)
            backends[name] = emptied(open_backend(server.access))
    put(backends["one"], STATE)
    yield Pair(segments, backends)
    for backend in backends.values():
        backend.close()


KINDS = ("store", "postgresql", "citus", "tenant")
PAIRS = [(one, two) for one in KINDS for two in KINDS]


@pytest.mark.parametrize("pair", PAIRS, indirect=True)
def test_definitions_from_every_backend_to_every_other(pair: Pair) -> None:
    command = ("--profile", "two", "apply", "profile:one", "--yes")
    pair.segments.ok(*command)
    assert state_of(pair.backends["two"]) == DEFINITIONS
    assert state_of(pair.backends["one"]) == STATE
    assert pair.segments("--profile", "two", "diff", "profile:one", "--prune", "--exit-code").code == 0


@pytest.mark.parametrize("pair", PAIRS[:-1], indirect=True)
def test_memberships_from_every_backend_to_every_other(pair: Pair) -> None:
    pair.segments.ok("--profile", "two", "apply", "profile:one", "--accounts", "--yes")
    assert state_of(pair.backends["two"]) == STATE
    diff = ("--profile", "two", "diff", "profile:one", "--accounts", "--prune", "--exit-code")
    assert pair.segments(*diff).code == 0


@pytest.mark.parametrize("pair", PAIRS[-1:], indirect=True)
def test_memberships_from_one_tenant_to_another_are_refused(pair: Pair) -> None:
    done = pair.segments("--profile", "two", "apply", "profile:one", "--accounts", "--yes")
    assert done.code == 2
    assert "their account ids differ" in done.stderr
    assert state_of(pair.backends["two"]) == {}


def test_credentials_are_only_sent_to_their_own_host(
    segments: Segments, servers: dict[str, Served], tenant: TenantServer
) -> None:
    """The current profile is for one host, the source is another: it gets no credentials."""
    add_profile(segments, "one", servers["one"])
    segments.ok("profile", "use", "one")
    done = segments("diff", tenant.url)
    assert done.code == 5
    assert tenant.tickets == 0
    assert all("Authorization" not in request.headers for request in tenant.requests)
    variables = servers["one"].environ
    done = segments("--backend", servers["one"].url, "diff", tenant.url, **variables)
    assert done.code == 5
    assert tenant.tickets == 0


def test_a_url_is_reached_with_the_variables_that_are_for_it(
    segments: Segments, servers: dict[str, Served], tmp_path: Path
) -> None:
    backend = emptied(open_backend(servers["one"].access))
    put(backend, DEFINITIONS)
    backend.close()
    target = f"sqlite:{tmp_path / 'copy.db'}"
    variables = servers["one"].environ
    segments.ok("--backend", target, "apply", servers["one"].url, "--yes", **variables)
    assert state_of(store_at(tmp_path / "copy.db")) == DEFINITIONS


def test_flags_and_variables_of_the_backend_are_not_those_of_the_source(
    segments: Segments, tmp_path: Path
) -> None:
    store_at(tmp_path / "a.db", {"A": Held()}).close()
    store_at(tmp_path / "b.db", {"B": Held()}).close()
    segments.ok("profile", "add", "a", "--backend", f"sqlite:{tmp_path / 'a.db'}")
    url = f"sqlite:{tmp_path / 'b.db'}"
    for command, env in ((("--backend", url), {}), ((), {"SEGMENTS_BACKEND": url})):
        done = segments(*command, "diff", "profile:a", "-o", "json", **env)
        assert [item["code"] for item in done.json["items"]] == ["A"]
        done = segments(*command, "diff", f"sqlite:{tmp_path / 'a.db'}", "-o", "json", **env)
        assert [item["code"] for item in done.json["items"]] == ["A"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("profile:nope", "there is no profile nope"),
        ("profile:bare", "profile bare has no backend"),
        ("profile:", "there is no profile"),
        ("https://", "has no host"),
        ("ftp://example.com/x", "'ftp://example.com/x' is not a backend URL"),
    ],
)
def test_sources_that_do_not_exist(segments: Segments, source: str, message: str) -> None:
    segments.config_file.parent.mkdir(parents=True)
    segments.config_file.write_text("profiles:\n  bare:\n    timeout: 5\n")
    for env in ({}, {"SEGMENTS_BACKEND": "sqlite:other.db"}, {"KIBO_API_HOST": "t1.example.com"}):
        done = segments("diff", source, **env)
        assert done.code == 2, done.stderr
        assert message in done.stderr
