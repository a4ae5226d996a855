"""Many accounts: they are read, added and removed in blocks and batches, which must not be visible."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.store.backend import StoreBackend
from segcli.backends.store.blocks import BATCH_BITS, BITS
from segcli.errors import NotFoundError
from segcli.model import INT32_MAX, SegmentDraft
from tests.support.command import Segments
from tests.support.stores import open_store

BLOCK = 1 << BITS  # ids
BATCH = 1 << BATCH_BITS  # ids that are read and written at a time
ENDS = [n + offset for n in (BLOCK, 2 * BLOCK, BATCH, 2 * BATCH) for offset in (-1, 0, 1)]


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[StoreBackend]:
    with closing(open_store(str(tmp_path / "store.db"), timeout=10)) as backend:
        yield backend


@pytest.fixture
def vip(backend: StoreBackend) -> int:
    return backend.add_segment(SegmentDraft("VIP")).id


@pytest.mark.parametrize("count", [1, BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_existing_members_are_not_counted_as_added(backend: StoreBackend, vip: int, count: int) -> None:
    half = range(2, count + 1, 2)
    assert not half or backend.add_segment_accounts(vip, AccountSet(half)) == len(half)
    assert backend.add_segment_accounts(vip, AccountSet(range(1, count + 1))) == count - len(half)
    assert backend.add_segment_accounts(vip, AccountSet(range(1, count + 1))) == 0
    assert backend.count_segment_accounts([vip])[vip] == count


def test_accounts_at_the_ends_of_blocks_and_batches(backend: StoreBackend, vip: int) -> None:
    ids = [1, *ENDS, INT32_MAX]
    assert backend.add_segment_accounts(vip, AccountSet(ids)) == len(ids)
    assert list(backend.get_segment_accounts(vip)) == ids
    assert backend.add_segment_accounts(vip, AccountSet([*ids, 5])) == 1
    assert list(backend.remove_segment_accounts(vip, AccountSet([5, 6, *ENDS]))) == [6]
    assert list(backend.get_segment_accounts(vip)) == [1, INT32_MAX]
    assert backend.count_segment_accounts([vip]) == {vip: 2}


@pytest.mark.parametrize("count", [0, 1, BLOCK // 7, BLOCK // 7 + 1, BLOCK])
def test_all_members_are_read(backend: StoreBackend, vip: int, count: int) -> None:
    ids = range(INT32_MAX - 7 * count + 7, INT32_MAX + 1, 7)
    assert not ids or backend.add_segment_accounts(vip, AccountSet(ids))
    others = backend.add_segment(SegmentDraft("OTHERS")).id
    backend.add_segment_accounts(others, AccountSet([1, INT32_MAX]))
    assert list(backend.get_segment_accounts(vip)) == list(ids)
    assert backend.count_segment_accounts([vip]) == {vip: count}


def test_removed_accounts_are_counted(backend: StoreBackend, vip: int) -> None:
    backend.add_segment_accounts(vip, AccountSet(range(1, 2 * BLOCK + 1)))
    not_members = backend.remove_segment_accounts(vip, AccountSet(range(BLOCK, 3 * BLOCK)))
    assert list(not_members) == list(range(2 * BLOCK + 1, 3 * BLOCK))
    assert list(backend.get_segment_accounts(vip)) == list(range(1, BLOCK))


def test_nothing_is_added_to_a_deleted_segment(backend: StoreBackend, vip: int) -> None:
    backend.add_segment_accounts(vip, AccountSet(range(1, BLOCK + 2)))
    backend.delete_segment(vip)
    with pytest.raises(NotFoundError):
        backend.add_segment_accounts(vip, AccountSet(range(1, BLOCK + 2)))
    assert backend.count_segment_accounts([vip])[vip] == 0


@pytest.mark.parametrize("format", ["tsv", "id", "jsonl", "csv", "json"])
def test_every_format_prints_all_members(segments: Segments, tmp_path: Path, format: str) -> None:
    ids = [3 * number for number in range(1, BLOCK)]
    with closing(open_store(str(segments.store), timeout=10)) as backend:
        backend.add_segment_accounts(backend.add_segment(SegmentDraft("VIP")).id, AccountSet(ids))
    shown = segments.raw("accounts", "list", "VIP", "-o", format).stdout
    lines = [str(account_id) for account_id in ids]
    if format == "json":
        assert json.loads(shown) == {"totalCount": len(ids), "items": ids}
    elif format == "csv":
        assert shown.decode() == "".join(f"{line}\r\n" for line in ["accountId", *lines])
    else:
        assert shown.decode() == "".join(f"{line}\n" for line in lines)
