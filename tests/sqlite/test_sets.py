"""A store behaves like Python's sets, whatever is done to it; each operation touches only its blocks."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.store.backend import StoreBackend
from segcli.errors import ConflictError, NotFoundError
from segcli.model import INT32_MAX, SegmentDraft
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.sqlite.old_store import scattered
from tests.support.stores import open_store

OPERATIONS = 150
# Few ids in few blocks, so that operations meet; ends of blocks and of all ids.
IDS = [
    *range(1, 40),
    *range(65_530, 65_545),
    *range(131_070, 131_075),
    2**26 - 1,
    2**26,
    INT32_MAX - 1,
    INT32_MAX,
]

Model = dict[int, set[int]]  # the accounts of each segment


class Pair:
    """A store, and the sets that it has to be equal to."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        self.path = path
        self.chance = chance
        self.model: Model = {}
        self.backend = self.opened()

    def opened(self) -> StoreBackend:
        return open_store(str(self.path), timeout=10)

    def segment(self) -> int:
        """A segment, which may have been deleted or may never have existed."""
        return self.chance.randrange(1, max(self.model, default=0) + 2)

    def some(self) -> set[int]:
        if self.chance.random() < 0.1:
            start = self.chance.randrange(1, 200_000)
            return set(range(start, start + self.chance.randrange(1, 70_000)))
        return set(self.chance.choices(IDS, k=self.chance.randrange(1, 12)))

    def create(self) -> None:
        segment_id = self.backend.add_segment(SegmentDraft(f"S{self.chance.randrange(10**9)}")).id
        assert segment_id not in self.model
        self.model[segment_id] = set()

    def add(self) -> None:
        segment_id, accounts = self.segment(), self.some()
        if segment_id not in self.model:
            with pytest.raises(NotFoundError):
                self.backend.add_segment_accounts(segment_id, AccountSet(accounts))
            return
        added = self.backend.add_segment_accounts(segment_id, AccountSet(accounts))
        assert added == len(accounts - self.model[segment_id])
        self.model[segment_id] |= accounts

    def remove(self) -> None:
        segment_id, accounts = self.segment(), self.some()
        members = self.model.get(segment_id, set())
        missing = self.backend.remove_segment_accounts(segment_id, AccountSet(accounts))
        assert set(missing) == accounts - members
        members -= accounts

    def remove_one(self) -> None:
        segment_id, account_id = self.segment(), self.chance.choice(IDS)
        members = self.model.get(segment_id, set())
        if account_id in members:
            self.backend.remove_segment_account(segment_id, account_id)
            members.remove(account_id)
        else:
            with pytest.raises(ConflictError):
                self.backend.remove_segment_account(segment_id, account_id)

    def replace(self) -> None:
        """As `accounts set` does it."""
        if not self.model:
            return
        segment_id, accounts = self.chance.choice(list(self.model)), self.some()
        with self.backend.transaction():
            present = self.backend.get_segment_accounts(segment_id)
            wanted = AccountSet(accounts)
            if gone := present - wanted:
                assert not self.backend.remove_segment_accounts(segment_id, gone)
            if new := wanted - present:
                assert self.backend.add_segment_accounts(segment_id, new) == len(new)
        self.model[segment_id] = accounts

    def delete(self) -> None:
        segment_id = self.segment()
        if segment_id in self.model:
            self.backend.delete_segment(segment_id)
            del self.model[segment_id]
        else:
            with pytest.raises(NotFoundError):
                self.backend.delete_segment(segment_id)

    def roll_back(self) -> None:
        """Something that is undone; accounts are listed before, so that what was listed must be forgotten."""
        kept = {segment_id: set(members) for segment_id, members in self.model.items()}
        with suppress(ZeroDivisionError), self.backend.transaction():
            self.chance.choice((self.add, self.remove, self.delete, self.create))()
            self.check_accounts()
            raise ZeroDivisionError
        self.model = kept

    def reopen(self) -> None:
        self.backend.close()
        self.backend = self.opened()

    def write_elsewhere(self) -> None:
        """Another process writes."""
        mine = self.backend
        with closing(self.opened()) as self.backend:
            self.chance.choice((self.add, self.remove, self.delete, self.create))()
        self.backend = mine

    def check_segments(self) -> None:
        known = list(self.model)
        counts = self.backend.count_segment_accounts([*known, 10**6])
        assert counts == {**{each: len(self.model[each]) for each in known}, 10**6: 0}
        for segment_id in known:
            assert set(self.backend.get_segment_accounts(segment_id)) == self.model[segment_id]

    def check_accounts(self) -> None:
        """Pages of GetAccounts, and the segments of an account."""
        union = set().union(*self.model.values())
        segment_id, low = self.segment(), self.chance.choice(IDS)
        members = self.model.get(segment_id, set())
        filters: dict[str, set[int]] = {
            "": union,
            f"segments.id eq {segment_id}": members,
            f"segments.id ne {segment_id}": union - members,
            f"id ge {low}": {each for each in union if each >= low},
            f"id lt {low} and segments.id eq {segment_id}": {each for each in members if each < low},
            f"id eq {low}": union & {low},
        }
        filter = self.chance.choice(list(filters))
        expected = sorted(filters[filter])
        start, size = self.chance.choice((0, 1, len(expected) // 2)), self.chance.randrange(1, 30)
        query = parse_query(filter=filter, accounts=True)
        page = self.backend.get_accounts(query._replace(start_index=start, page_size=size))
        assert page.total_count == len(expected), filter
        assert [account.id for account in page.items] == expected[start : start + size], filter
        for account in page.items:
            its = sorted(each for each, accounts in self.model.items() if account.id in accounts)
            assert [segment.id for segment in account.segments] == its
        of = self.backend.get_account_segments(low, SegmentQuery(page_size=200))
        assert [each.id for each in of.items] == sorted(
            each for each, accounts in self.model.items() if low in accounts
        )


@pytest.mark.parametrize("seed", range(8))
def test_random_operations_on_a_store_and_on_sets(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pair = Pair(tmp_path / "store.db", chance)
    operations: list[Callable[[], None]] = [
        *[pair.add, pair.remove] * 4,
        *[pair.create, pair.remove_one, pair.replace, pair.write_elsewhere, pair.roll_back] * 2,
        *[pair.delete, pair.reopen],
    ]
    try:
        pair.create()
        for _ in range(OPERATIONS):
            chance.choice(operations)()
            pair.check_accounts()
            if chance.random() < 0.2:
                pair.check_segments()
        pair.check_segments()
        assert "is intact" in pair.backend.checks()[0].run()
    finally:
        pair.backend.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two segments of a million accounts each in thousands of blocks."""
    path = tmp_path_factory.mktemp("large") / "store.db"
    with closing(open_store(str(path), timeout=10)) as backend:
        for seed in (1, 2):
            segment_id = backend.add_segment(SegmentDraft(f"S{seed}")).id
            backend.add_segment_accounts(segment_id, AccountSet(scattered(1_000_000, seed)))
    return path


@pytest.fixture
def traced(large: Path) -> Iterator[tuple[StoreBackend, list[str]]]:
    told: list[str] = []
    with closing(open_store(str(large), timeout=10, trace=told.append)) as backend:
        backend.get_segment(1)
        del told[:]
        yield backend, told


def written(told: list[str]) -> list[str]:
    """The rows of blocks that were written or deleted: segment and block."""
    rows = [re.match(r"INSERT INTO membership \(.*?\) VALUES \((\d+), *(\d+),", each) for each in told]
    deleted = [
        re.match(r"DELETE FROM membership WHERE segment_id = (\d+) AND block = (\d+)", each) for each in told
    ]
    return [" ".join(found.groups()) for found in (*rows, *deleted) if found]


def read(told: list[str]) -> list[str]:
    """The keys of the blocks that were read."""
    keys = [re.search(r"json_each\('\[([\d,]*)\]'\)", each) for each in told if "FROM membership " in each]
    return [key for found in keys if found for key in found[1].split(",")]


def test_ten_accounts_read_and_write_ten_blocks(traced: tuple[StoreBackend, list[str]]) -> None:
    backend, told = traced
    before = backend.count_segment_accounts([1])[1]
    members = set(scattered(1_000_000, 1))
    ten = [each for each in scattered(50, 99) if each not in members][:10]
    del told[:]
    assert backend.add_segment_accounts(1, AccountSet(ten)) == 10
    keys = sorted({each >> 16 for each in ten})
    assert sorted(map(int, read(told))) == keys
    assert written(told) == [f"1 {key}" for key in keys]
    assert not [each for each in told if "FROM membership " in each and "block IN" not in each]
    del told[:]
    assert backend.add_segment_accounts(1, AccountSet(ten)) == 0
    assert written(told) == []
    assert not [each for each in told if each.startswith("UPDATE")]
    del told[:]
    assert not backend.remove_segment_accounts(1, AccountSet(ten))
    assert sorted(map(int, read(told))) == keys
    assert len(written(told)) == len(keys)
    assert backend.count_segment_accounts([1]) == {1: before}


def test_only_blocks_that_change_are_written(traced: tuple[StoreBackend, list[str]]) -> None:
    backend, told = traced
    accounts = scattered(1_000_000, 2)
    new = next(each for each in range(1, 10**6) if each not in set(accounts))
    assert backend.add_segment_accounts(2, AccountSet([*accounts, new])) == 1
    assert written(told) == [f"2 {new >> 16}"]
    backend.remove_segment_account(2, new)


def test_counts_read_no_block(traced: tuple[StoreBackend, list[str]]) -> None:
    backend, told = traced
    assert backend.count_segment_accounts([1, 2]) == {1: 1_000_000, 2: 1_000_000}
    assert not [each for each in told if "FROM membership " in each]


def test_the_segments_of_an_account_are_read_from_its_block(traced: tuple[StoreBackend, list[str]]) -> None:
    backend, told = traced
    account_id = scattered(1_000_000, 2)[0]
    assert 2 in [each.id for each in backend.get_account_segments(account_id, SegmentQuery()).items]
    assert read(told) == [str(account_id >> 16)]


@pytest.mark.parametrize("filter", ["", "segments.id eq 2", "segments.id ne 1"])
def test_the_next_page_reads_only_the_blocks_of_its_accounts(
    traced: tuple[StoreBackend, list[str]], filter: str
) -> None:
    backend, told = traced
    query = parse_query(filter=filter, accounts=True)._replace(page_size=10)
    first = backend.get_accounts(query)
    del told[:]
    second = backend.get_accounts(query._replace(start_index=10))
    assert first.items[-1].id < second.items[0].id
    statements = [each for each in told if "FROM membership " in each]
    assert len(statements) == 1
    assert sorted(map(int, read(told))) == sorted({account.id >> 16 for account in second.items})


def test_a_write_of_another_process_is_in_the_next_page(tmp_path: Path) -> None:
    store = str(tmp_path / "store.db")
    query = parse_query(filter="segments.id eq 1", accounts=True)
    with closing(open_store(store, timeout=10)) as reader, closing(open_store(store, timeout=10)) as writer:
        writer.add_segment(SegmentDraft("VIP"))
        for turn in range(1, 4):
            writer.add_segment_accounts(1, AccountSet([turn]))
            for each in (SegmentQuery(), query):
                assert [account.id for account in reader.get_accounts(each).items] == list(range(1, turn + 1))
        writer.delete_segment(1)
        for each in (SegmentQuery(), query):
            assert reader.get_accounts(each).items == ()


def test_pages_read_before_a_roll_back_are_forgotten(tmp_path: Path) -> None:
    """The version of the count is the same after two different changes."""
    with closing(open_store(str(tmp_path / "store.db"), timeout=10)) as backend:
        backend.add_segment(SegmentDraft("VIP"))
        with suppress(ZeroDivisionError), backend.transaction():
            backend.add_segment_accounts(1, AccountSet([1]))
            assert [account.id for account in backend.get_accounts(SegmentQuery()).items] == [1]
            raise ZeroDivisionError
        backend.add_segment_accounts(1, AccountSet([2]))
        for filter in ("", "segments.id eq 1"):
            query = parse_query(filter=filter, accounts=True)
            assert [account.id for account in backend.get_accounts(query).items] == [2]


def test_known_accounts_read_before_a_roll_back_are_forgotten(tmp_path: Path) -> None:
    with closing(open_store(str(tmp_path / "store.db"), timeout=10)) as backend:
        backend.add_segment(SegmentDraft("VIP"))
        with suppress(ZeroDivisionError), backend.transaction():
            backend.add_segment_accounts(1, AccountSet([1]))
            assert backend.get_memberships([1], known=True).known == AccountSet([1])
            raise ZeroDivisionError
        backend.add_segment_accounts(1, AccountSet([2]))
        found = backend.get_memberships([1, 9], known=True)
        assert (found.known, found.of) == (AccountSet([2]), {1: AccountSet([2]), 9: AccountSet()})


def test_a_held_snapshot_does_not_see_a_store_that_is_created_meanwhile(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    with closing(open_store(path, timeout=10)) as backend, closing(open_store(path, timeout=10)) as other:
        with backend.snapshot():
            assert backend.get_segments(SegmentQuery()).total_count == 0
            other.add_segment(SegmentDraft("VIP"))
            assert backend.get_segments(SegmentQuery()).total_count == 0
        assert backend.get_segments(SegmentQuery()).total_count == 1
