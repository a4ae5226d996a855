"""For tests of many accounts: a tenant's members, the chunks it received, files of ids."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.command import Segments
from tests.support.stores import members_of
from tests.support.tenant_server import Request, Script, TenantServer


class Tenant(NamedTuple):
    """A tenant's server, and the command configured for it."""

    server: TenantServer
    segments: Segments

    @property
    def members(self) -> list[int]:
        return members_of(self.server.store)

    @property
    def chunks(self) -> list[list[int]]:
        """The lists of accounts that it received."""
        return [request.body for request in self.server.requests if isinstance(request.body, list)]

    def play(self, script: Script | None) -> None:
        self.server.script = script

    def report(self, *arguments: str) -> Any:
        """The report of a command on accounts, which must succeed."""
        return self.segments.ok("accounts", *arguments, "-o", "json").json


def write_ids(path: Path, ids: Iterable[int]) -> str:
    path.write_text("".join(f"{account_id}\n" for account_id in ids))
    return str(path)


def is_chunk(request: Request) -> bool:
    return isinstance(request.body, list)


def journals(segments: Segments) -> list[Path]:
    return sorted((segments.home / "state" / "segments" / "journals").glob("*"))


def wait_for(condition: Callable[[], object]) -> None:
    """Waits until `condition` returns something true."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "timeout"
        time.sleep(0.01)


def members_in(segments: Segments) -> list[int]:
    """The accounts of VIP in the command's store, whatever its kind."""
    return list(map(int, segments.ok("accounts", "list", "VIP", "-o", "id").lines))
