"""The accounts of a change as they are stored: those that joined and left, in parts of the range of ids."""

from collections.abc import Iterator
from zlib import crc32

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.origin import ChangedAccounts
from segcli.backends.store.dialect import Row

# Of an id within a part. Most changes are small and fit into a few parts, which are read faster than blocks.
BITS = 26
COLUMNS = "change_id, segment_id, part, joined, departed, checksum"
_WITHOUT_RUNS = (12346).to_bytes(4, "little")  # how a set without runs starts in Roaring's format
_SMALL = 8_192  # bytes: such a set has no block as a bitmap
_BLOBS = (bytes, type(None))


def encode(change_id: int, segment_id: int, accounts: ChangedAccounts) -> Iterator[Row]:
    """The rows of `change_accounts`."""
    joined, left = (dict(each.split(BITS)) for each in accounts)
    for part in sorted(joined.keys() | left.keys()):
        blobs = [each[part].to_bytes() if part in each else None for each in (joined, left)]
        yield change_id, segment_id, part, *blobs, _checksum(change_id, segment_id, part, *blobs)


def decode(row: Row) -> ChangedAccounts:
    """The accounts in a row of COLUMNS. Raises TypeError or ValueError if it is damaged."""
    change_id, segment_id, part, joined, left, checksum = row
    if type(joined) not in _BLOBS or type(left) not in _BLOBS:
        raise TypeError(f"the accounts of change {change_id!r} are not sets")
    if checksum != _checksum(change_id, segment_id, part, joined, left):
        raise ValueError(f"the accounts of change {change_id!r} fail their checksum")
    return ChangedAccounts(*map(_read, (joined, left)))


def concerns(row: Row, account_id: int) -> bool:
    """Whether the account is in a row of COLUMNS. Raises TypeError or ValueError if it is damaged."""
    change_id, segment_id, part, *blobs, checksum = row
    low = (account_id & 0xFFFF).to_bytes(2, "little")
    for blob in blobs:
        # Most sets are small: then the format has the last 16 bits of each id as they are.
        is_plain = type(blob) is bytes and len(blob) <= _SMALL and blob.startswith(_WITHOUT_RUNS)
        if blob is not None and not (is_plain and low not in blob):
            accounts = decode(row)
            return account_id in accounts.joined or account_id in accounts.left
    if checksum != _checksum(change_id, segment_id, part, *blobs):
        raise ValueError(f"the accounts of change {change_id!r} fail their checksum")
    return False


def _read(blob: bytes | None) -> AccountSet:
    return NO_ACCOUNTS if blob is None else AccountSet.from_bytes(blob)


def _checksum(change_id: int, segment_id: int, part: int, joined: bytes | None, left: bytes | None) -> int:
    key = b"%d %d %d %d" % (change_id, segment_id, part, -1 if joined is None else len(joined))
    return crc32(left or b"", crc32(joined or b"", crc32(key)))
