"""doctor --upgrade on a file, which any other command would convert too."""

from segcli.backends.sqlite.schema import FORMAT
from tests.sqlite.old_store import format_of, write_old_store
from tests.support.command import Segments
from tests.support.tenant_server import TenantServer


def test_it_asks_first_and_converts(segments: Segments) -> None:
    segments.store.parent.mkdir(parents=True)
    write_old_store(segments.store)
    assert segments("doctor", "--upgrade").code == 2
    assert format_of(segments.store) == 1
    assert "is intact" in segments.ok("doctor", "--upgrade", "--yes").stdout
    assert format_of(segments.store) == FORMAT
    assert "nothing to upgrade" in segments.ok("doctor", "--upgrade").stderr


def test_only_a_store_can_be_upgraded(segments: Segments, tenant: TenantServer) -> None:
    done = segments("doctor", "--upgrade", "--yes", **tenant.environ)
    assert done.code == 2
    assert "only a store can be upgraded" in done.stderr
