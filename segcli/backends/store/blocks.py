"""A block: the accounts of a segment whose ids share their upper 16 bits, as they are stored.

The upper bits are the key of the block, the accounts are in Roaring's portable format, and a checksum of all
three tells a damaged block from another set.
"""

from collections.abc import Iterator
from zlib import crc32

from segcli.account_set import AccountSet
from segcli.backends.store.dialect import Row

BITS = 16  # of an id within a block
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


def _checksum(segment_id: int, key: int, data: bytes) -> int:
    return crc32(data, crc32(b"%d %d" % (segment_id, key)))
