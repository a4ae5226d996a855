"""segments forget: nothing of an account is left in the store."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.history import ChangeQuery
from segcli.backends.origin import Origin
from segcli.customer import Customer
from segcli.query.tree import SegmentQuery
from tests.support.command import Segments
from tests.support.rows import rows
from tests.support.shell import ended
from tests.support.stores import fill_accounts, members_of, open_store
from tests.support.writes import operate

ACCOUNT = 2_000_000_123
BYTES = AccountSet([ACCOUNT]).to_bytes()


def content(store: Path) -> bytes:
    """What is in the store's files."""
    return b"".join(path.read_bytes() for path in store.parent.iterdir())


def test_no_byte_of_an_account_is_left(vip: Segments) -> None:
    fill_accounts(vip, 1, [ACCOUNT])
    vip.ok("accounts", "add", "STAFF", str(ACCOUNT))
    vip.ok("accounts", "remove", "STAFF", str(ACCOUNT))
    rows(vip.store, f"UPDATE change SET command = 'segments accounts add VIP {ACCOUNT} 5', reason = 'x'")
    assert BYTES in content(vip.store)
    assert str(ACCOUNT).encode() in content(vip.store)
    done = vip.ok("forget", str(ACCOUNT), "--yes", "-o", "json")
    counts = {item["place"]: item["count"] for item in done.json["items"]}
    assert (counts["memberships"], counts["history"]) == (1, 7)
    assert "not covered: backups" in done.stderr
    assert BYTES not in content(vip.store)
    assert str(ACCOUNT).encode() not in content(vip.store)
    assert rows(vip.store, "SELECT DISTINCT command FROM change") == [("segments accounts add VIP *** 5",)]
    assert members_of(vip.store) == [1001, 1002]
    assert vip.ok("accounts", "of", str(ACCOUNT)).lines == []
    vip.ok("doctor")


def test_no_byte_of_a_customer_is_left(vip: Segments) -> None:
    with closing(open_store(str(vip.store), timeout=10)) as store:
        customers = [Customer(number, f"c{number}@example.org", f"U{number}") for number in range(1, 200)]
        store.customers.save([*customers, Customer(ACCOUNT, "Jane@Example.org", "Äjane", "JANE-1")])
        dry = vip.ok("forget", str(ACCOUNT), "7", "--dry-run", "-o", "json")
        assert b"jane@example.org" in content(vip.store).lower()
        done = vip.ok("forget", str(ACCOUNT), "7", "--yes", "-o", "json")
        assert dry.json == done.json
        (item,) = [item for item in done.json["items"] if item["place"] == "customers"]
        assert item == {"place": "customers", "count": 2, "detail": "customers"}
        assert [each.id for each in store.get_accounts(SegmentQuery()).items[:7]] == [1, 2, 3, 4, 5, 6, 8]
    left = content(vip.store).lower()
    for text in (b"jane", "äjane".encode(), b"c7@example.org"):
        assert text not in left
    assert b"c8@example.org" in left
    vip.ok("doctor")


def test_it_asks_before_a_customer_is_removed(vip: Segments) -> None:
    with closing(open_store(str(vip.store), timeout=10)) as store:
        store.customers.save([Customer(5)])
    child = vip.terminal("forget", "5", columns=120)
    child.expect_exact("Remove account 5 from 0 segments, 0 changes and 1 customer for good? [y/N] ")
    child.sendline("y")
    assert ended(child)[0] == 0
    assert rows(vip.store, "SELECT count(*) FROM customer") == [(0,)]


def test_numbers_in_commands_and_reasons(vip: Segments) -> None:
    reason = "26: SPRING-26 (26) #026 v2.26 1026; customer-20000123.csv x20000123 120000123"
    vip.ok("accounts", "add", "VIP", "26", "20000123", "27", "--reason", reason)
    vip.ok("forget", "26", "20000123", "--yes")
    found = rows(vip.store, "SELECT command, reason FROM change WHERE reason IS NOT NULL")
    hidden = "***: SPRING-26 (***) #*** v2.26 1026; customer-***.csv x*** 120000123"
    assert found == [(f"segments accounts add VIP *** *** 27 --reason '{hidden}'", hidden)]


def test_what_was_deleted_before_is_overwritten(vip: Segments) -> None:
    """Such as by a run that was killed after it had removed the account."""
    with closing(sqlite3.connect(vip.store, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE deleted (accounts BLOB)")
        connection.execute("INSERT INTO deleted VALUES (?)", [BYTES])
        connection.execute("DROP TABLE deleted")
    assert BYTES in content(vip.store)
    vip.ok("forget", str(ACCOUNT), "--yes")
    assert BYTES not in content(vip.store)


def test_it_asks_where_something_is_found(vip: Segments) -> None:
    child = vip.terminal("forget", "1002", "1001", columns=120)
    child.expect_exact("Remove accounts 1001, 1002 from 2 segments and 2 changes for good? [y/N] ")
    child.sendline("n")
    assert ended(child)[0] == 1
    assert vip("forget", "1002").code == 2
    assert vip.ok("forget", "1002", "--dry-run", "-o", "json").json["items"][0]["count"] == 2
    assert members_of(vip.store) == [1001, 1002]


@pytest.mark.parametrize("command", [("forget", "1001"), ("prune-history", "--before", "-0m")])
@pytest.mark.parametrize("output", ["id", "code"])
def test_nothing_is_removed_if_the_result_could_not_be_printed(
    vip: Segments, command: tuple[str, ...], output: str
) -> None:
    before = rows(vip.store, "SELECT id, command FROM change")
    done = vip(*command, "--yes", "-o", output)
    assert (done.code, f"no column '{output}'; nothing was changed" in done.stderr) == (2, True)
    assert rows(vip.store, "SELECT id, command FROM change") == before
    assert members_of(vip.store) == [1001, 1002]


def test_an_unknown_account_and_a_store_that_does_not_exist(segments: Segments) -> None:
    assert segments.ok("forget", "7", "--yes", "-o", "json").json["items"][0]["count"] == 0
    assert not segments.store.exists()
    assert segments("forget", "x", "--yes").code == 2


def test_a_change_of_nothing_else_is_removed(vip: Segments) -> None:
    vip.ok("accounts", "add", "VIP", "7")
    vip.ok("forget", "7", "--yes")
    assert rows(vip.store, "SELECT max(id) FROM change") == [(4,)]
    vip.ok("doctor")


@pytest.fixture
def pruned(vip: Segments) -> Segments:
    """VIP with an account that then left, and STAFF, both with a baseline that has it."""
    for segment_id in (1, 2):
        fill_accounts(vip, segment_id, [ACCOUNT])
    rows(vip.store, "UPDATE change SET changed_at = 1577836800000000 + id * 1000")
    vip.ok("prune-history", "--before", "2021-01-01", "--yes")
    vip.ok("accounts", "remove", "VIP", str(ACCOUNT))
    return vip


def test_baselines_stay_right(pruned: Segments) -> None:
    pruned.ok("doctor")
    pruned.ok("forget", str(ACCOUNT), "--yes")
    pruned.ok("doctor")
    found = rows(pruned.store, "SELECT joined, digest FROM change WHERE kind = 'baseline' ORDER BY id")
    assert found == [(2, AccountSet([1001, 1002]).digest()), (1, AccountSet([1002]).digest())]


def test_a_damaged_baseline_is_reported_not_hidden(pruned: Segments) -> None:
    rows(pruned.store, "UPDATE change SET digest = 'x' WHERE kind = 'baseline'")
    assert pruned("forget", str(ACCOUNT), "--yes").code == 7


def test_the_history_stays_valid_after_random_writes(segments: Segments) -> None:
    chance = random.Random(3)
    with closing(open_store(str(segments.store), timeout=10)) as backend:
        for _ in range(40):
            operate(backend, chance)
        middle = sorted(change.at for change in backend.history.changes(ChangeQuery()))[15]
        backend.upkeep.prune(middle, Origin(), dry_run=False)
        forgotten = AccountSet([3, 4, 5])
        backend.upkeep.forget(forgotten, dry_run=False)
        assert [check.run() for check in backend.checks()]
        for change in backend.history.changes(ChangeQuery()):
            accounts = backend.history.accounts(change)
            assert not (accounts.joined | accounts.left) & forgotten
