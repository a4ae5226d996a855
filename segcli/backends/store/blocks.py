"""A block: the accounts of a segment whose ids share their upper 16 bits, as they are stored.

The upper bits are the key of the block, the accounts are in Roaring's portable format, and a checksum of all
three tells a damaged block from another set.
"""

import sys
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import le
from zlib import crc32

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.store.dialect import Row

BITS = 16  # of an id within a block
_ONE_CONTAINER = (12346).to_bytes(4, "little") + (1).to_bytes(4, "little")  # without runs
_MAX_ARRAY = 4_096  # ids of a container that is an array of 16-bit integers; a larger one is a bitset
_BITSET = 8_192  # bytes
BATCH_BITS = 26  # of an id within 1,024 blocks, which are read and written at a time


def keys(accounts: AccountSet) -> list[int]:
    """The keys of the blocks that the accounts fall into."""
    return list(accounts.keys(BITS))


def encode(segment_id: int, accounts: AccountSet) -> Iterator[tuple[int, int, bytes, int]]:
    """The rows of `membership`: segment, key, accounts, checksum."""
    for key, block in accounts.split(BITS):
        data = block.to_bytes()
        yield segment_id, key, data, _checksum(segment_id, key, data)


def decode(row: Row) -> AccountSet:
    """The accounts in a row of `membership`. Raises ValueError if it is damaged."""
    segment_id, key, data, checksum = row
    if type(data) is not bytes or checksum != _checksum(segment_id, key, data):
        raise ValueError(f"block {key!r} of the accounts of segment {segment_id!r} fails its checksum")
    accounts = AccountSet.from_bytes(data)
    if not accounts or accounts[0] >> BITS != key or accounts[-1] >> BITS != key:
        raise ValueError(f"block {key} of the accounts of segment {segment_id} has accounts of another block")
    return accounts


def decode_all(rows: Sequence[Row]) -> AccountSet:
    """The accounts in rows of one segment, ascending by key. Raises ValueError if one is damaged.

    A block without runs is one container of Roaring's format. Thousands of those are put together to one set
    in a third of the time of reading one after the other.
    """
    heads: list[bytes] = []
    bodies: list[bytes] = []
    blocks: list[int] = []
    others: list[Row] = []
    for row in rows:
        segment_id, key, data, checksum = row
        if (
            type(data) is bytes
            and data.startswith(_ONE_CONTAINER)
            and checksum == crc32(data, crc32(b"%d %d" % (segment_id, key)))
        ):
            heads.append(data[8:12])
            bodies.append(data[16:])
            blocks.append(key)
        else:
            others.append(row)
    sizes = list(map(len, bodies))
    numbers = array("H", b"".join(heads))  # the key, and the number of ids without one
    if sys.byteorder == "big":
        numbers.byteswap()
    expected = [2 * (each + 1) if each < _MAX_ARRAY else _BITSET for each in numbers[1::2]]
    if numbers[::2].tolist() != blocks or sizes != expected or any(map(le, blocks[1:], blocks)):
        return AccountSet.union(map(decode, rows))  # finds the one that is damaged
    first = 8 + 8 * len(blocks)
    offsets = array("I", accumulate(sizes[:-1], initial=first))
    if sys.byteorder == "big":
        offsets.byteswap()
    joined = NO_ACCOUNTS
    if blocks:
        start = _ONE_CONTAINER[:4] + len(blocks).to_bytes(4, "little")
        joined = AccountSet.from_bytes(b"".join((start, *heads, offsets.tobytes(), *bodies)))
    return AccountSet.union((joined, *map(decode, others))) if others else joined


def _checksum(segment_id: int, key: int, data: bytes) -> int:
    return crc32(data, crc32(b"%d %d" % (segment_id, key)))
