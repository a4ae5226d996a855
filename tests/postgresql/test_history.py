"""The history of a shared store leads back to every earlier state, and can be pruned and forgotten."""

import random
from contextlib import closing

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Reader
from segcli.backends.history import ChangeQuery
from segcli.backends.origin import Origin
from segcli.backends.target import BackendTarget
from segcli.errors import SegcliError
from segcli.query.tree import SegmentQuery
from tests.postgresql.conftest import Open
from tests.support.backends import add
from tests.support.command import Segments
from tests.support.postgresql import CITUS, new_role, new_store, server
from tests.support.writes import operate

WRITES = 40


def copy_of(reader: Reader) -> list[tuple[object, list[int]]]:
    segments = list(reader.iter_segments(SegmentQuery()).items)
    return [(segment, list(reader.get_segment_accounts(segment.id))) for segment in segments]


@pytest.mark.parametrize(
    "place",
    [
        "server",
        pytest.param(
            "citus", marks=pytest.mark.skipif(not CITUS, reason="SEGMENTS_TEST_CITUS has no URL of a cluster")
        ),
    ],
)
def test_the_history_leads_back_to_every_state(place: str) -> None:
    chance = random.Random(17)
    url = new_store(CITUS if place == "citus" else None)
    with closing(open_backend(BackendTarget(url, 30))) as backend:
        copies: dict[int, object] = {}
        for _ in range(WRITES):
            operate(backend, chance)
            newest = next(iter(backend.history.changes(ChangeQuery(limit=1))), None)
            if newest is not None:
                copies[newest.at] = copy_of(backend)
        assert [check.run() for check in backend.checks()]
        for moment, copy in copies.items():
            assert copy_of(backend.at(moment)) == copy
        middle = sorted(copies)[len(copies) // 2]
        pruned = backend.upkeep.prune(middle, Origin(), dry_run=True)
        assert backend.upkeep.prune(middle, Origin(), dry_run=False) == pruned
        assert copy_of(backend.at(middle)) == copies[middle]
        forgotten = AccountSet([3, 4, 5])
        backend.upkeep.forget(forgotten, dry_run=False)
        assert [check.run() for check in backend.checks()]
        for change in backend.history.changes(ChangeQuery()):
            accounts = backend.history.accounts(change)
            assert not (accounts.joined | accounts.left) & forgotten


def test_the_commands_of_the_history(segments: Segments, url: str) -> None:
    segments.env["SEGMENTS_BACKEND"] = url
    segments.ok("add", "VIP")
    segments.ok("accounts", "add", "VIP", "1", "2", "--reason", "the first")
    moment = segments.ok("history", "-o", "json").json["items"][0]["at"]
    segments.ok("delete", "VIP", "--yes")
    assert segments.ok("accounts", "list", "VIP", "--at", moment).lines == ["1", "2"]
    segments.ok("undo", "--yes")
    assert segments.ok("accounts", "list", "VIP").lines == ["1", "2"]
    kinds = [each["kind"] for each in segments.ok("history", "VIP", "-o", "json").json["items"]]
    assert kinds == ["undo", "delete", "accounts", "add"]
    segments.ok("forget", "2", "--yes")
    assert segments.ok("accounts", "list", "VIP").lines == ["1"]
    segments.ok("doctor")


def test_only_the_owner_of_the_tables_can_clear_the_files(opened: Open, url: str) -> None:
    """Forgetting removes the rows all the same, and says what is left."""
    with closing(open_backend(BackendTarget(url, 10))) as backend:
        (vip,) = add(backend, "VIP")
        backend.add_segment_accounts(vip.id, AccountSet([1, 2]))
    role = new_role("LOGIN")
    schema = url.rpartition("=")[2]
    for kind in ("USAGE ON SCHEMA", "ALL ON ALL TABLES IN SCHEMA", "ALL ON ALL SEQUENCES IN SCHEMA"):
        server().sql(f"GRANT {kind} {schema} TO {role}")
    server().sql(f"REVOKE MAINTAIN ON ALL TABLES IN SCHEMA {schema} FROM {role}")
    other = opened(url.replace("postgres@", f"{role}@"))
    with pytest.raises(SegcliError, match="the files may still contain them") as caught:
        other.upkeep.forget(AccountSet([1]), dry_run=False)
    assert "VACUUM (FULL)" in (caught.value.hint or "")
    assert list(other.get_segment_accounts(vip.id)) == [2]
