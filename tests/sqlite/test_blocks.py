"""Blocks that are read together are those that are read one by one, damage included."""

import random
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.backends.store.blocks import decode, decode_all, encode
from segcli.backends.store.dialect import Row

DENSE = AccountSet.between(70_000, 140_000)  # runs
BITSET = AccountSet(range(200_001, 260_000, 3))  # more than 4,096 in a block
FULL_ARRAY = AccountSet(range(3 << 17, (3 << 17) + 3 * 4_096, 3))  # the largest array
EDGES = AccountSet((1, 65_535, 65_536, 2_147_483_647))
SPARSE = AccountSet(random.Random(1).randrange(1, 2**31) for _ in range(5_000))
EVERYTHING = AccountSet.union((DENSE, BITSET, FULL_ARRAY, EDGES, SPARSE))


def rows_of(accounts: AccountSet) -> list[Row]:
    return list(encode(7, accounts))


@pytest.mark.parametrize(
    "accounts", [AccountSet(), DENSE, BITSET, FULL_ARRAY, EDGES, SPARSE, EVERYTHING], ids=repr
)
def test_all_blocks_are_read(accounts: AccountSet) -> None:
    assert decode_all(rows_of(accounts)) == accounts


@settings(max_examples=200, deadline=None)
@given(ids=st.sets(st.integers(1, 300_000) | st.integers(1, 2**31 - 1), max_size=300))
def test_any_set_is_read(ids: set[int]) -> None:
    assert list(decode_all(rows_of(AccountSet(ids)))) == sorted(ids)


def test_rows_in_another_order_are_read_too() -> None:
    assert decode_all(rows_of(EVERYTHING)[::-1]) == EVERYTHING


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_row_is_found(data: st.DataObject) -> None:
    rows = rows_of(AccountSet.union((DENSE, EDGES, SPARSE[:50])))
    number = data.draw(st.integers(0, len(rows) - 1))
    segment_id, key, accounts, checksum = rows[number]
    assert isinstance(accounts, bytes)
    position = data.draw(st.integers(0, len(accounts) - 1))
    flipped = bytes([accounts[position] ^ data.draw(st.integers(1, 255))])
    damaged = accounts[:position] + flipped + accounts[position + 1 :]
    wrong: list[Row] = [
        (segment_id, key, damaged, checksum),
        (segment_id, key, accounts[:-1], checksum),
        (segment_id, key + 1, accounts, checksum),
        (segment_id + 1, key, accounts, checksum),
        (segment_id, key, None, checksum),
    ]
    rows[number] = data.draw(st.sampled_from(wrong))
    with pytest.raises(ValueError, match=r"block|account ids"):
        decode_all(rows)


def test_a_row_that_only_its_checksum_confirms_is_checked_as_one_by_one() -> None:
    """Rows whose key or size is wrong although the checksum is right."""
    for key, accounts in ((5, SPARSE[:1]), (0, AccountSet((1, 2, 3)))):
        data = accounts.to_bytes() if key else accounts.to_bytes()[:-2]
        row: Row = (7, key, data, crc32(data, crc32(b"%d %d" % (7, key))))
        with pytest.raises(ValueError, match=r"\w"):
            decode(row)
        with pytest.raises(ValueError, match=r"\w"):
            decode_all([row])
