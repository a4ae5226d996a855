"""Thousands of accounts: they are added, read and removed in chunks, which must not be visible."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from segcli.backends.sqlite.accounts import _CHUNK, _ROWS

from segcli.account_set import AccountSet
from segcli.backends.store.backend import StoreBackend
from segcli.errors import NotFoundError
from segcli.model import INT32_MAX, SegmentDraft
from tests.support.command import Segments
from tests.support.stores import open_store


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[StoreBackend]:
    with closing(open_store(str(tmp_path / "store.db"), timeout=10)) as backend:
        yield backend


@pytest.fixture
def vip(backend: StoreBackend) -> int:
    return backend.add_segment(SegmentDraft("VIP")).id


@pytest.mark.parametrize("count", [1, _ROWS - 1, _ROWS, _ROWS + 1, 3 * _ROWS])
def test_existing_members_are_not_counted_as_added(backend: StoreBackend, vip: int, count: int) -> None:
    half = range(2, count + 1, 2)
    assert not half or backend.add_segment_accounts(vip, AccountSet(half)) == len(half)
    assert backend.add_segment_accounts(vip, AccountSet(range(1, count + 1))) == count - len(half)
    assert backend.add_segment_accounts(vip, AccountSet(range(1, count + 1))) == 0
    assert backend.count_segment_accounts([vip])[vip] == count


@pytest.mark.parametrize("count", [0, 1, _CHUNK - 1, _CHUNK, _CHUNK + 1, 2 * _CHUNK])
def test_all_members_are_read(backend: StoreBackend, vip: int, count: int) -> None:
    ids = range(INT32_MAX - 7 * count + 7, INT32_MAX + 1, 7)
    assert not ids or backend.add_segment_accounts(vip, AccountSet(ids))
    others = backend.add_segment(SegmentDraft("OTHERS")).id
    backend.add_segment_accounts(others, AccountSet([1, INT32_MAX]))
    assert list(backend.get_segment_accounts(vip)) == list(ids)
    assert backend.count_segment_accounts([vip]) == {vip: count}


def test_removed_accounts_are_counted(backend: StoreBackend, vip: int) -> None:
    backend.add_segment_accounts(vip, AccountSet(range(1, 2 * _CHUNK + 1)))
    not_members = backend.remove_segment_accounts(vip, AccountSet(range(_CHUNK, 3 * _CHUNK)))
    assert list(not_members) == list(range(2 * _CHUNK + 1, 3 * _CHUNK))
    assert list(backend.get_segment_accounts(vip)) == list(range(1, _CHUNK))


def test_nothing_is_added_to_a_deleted_segment(backend: StoreBackend, vip: int) -> None:
    backend.add_segment_accounts(vip, AccountSet(range(1, _ROWS + 2)))
    backend.delete_segment(vip)
    with pytest.raises(NotFoundError):
        backend.add_segment_accounts(vip, AccountSet(range(1, _ROWS + 2)))
    assert backend.count_segment_accounts([vip])[vip] == 0


@pytest.mark.parametrize("format", ["tsv", "id", "jsonl", "csv", "json"])
def test_every_format_prints_all_members(segments: Segments, tmp_path: Path, format: str) -> None:
    ids = [3 * number for number in range(1, _CHUNK + _ROWS)]
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
