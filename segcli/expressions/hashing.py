"""The hash that selects accounts: the same on every machine, in every version, and easy to write elsewhere.

The hash of an account is output number ID of SplitMix64, started with a BLAKE2b digest of the seed: eight
bytes, little-endian. Different ids never have the same hash.

    z = start + id * 0x9E3779B97F4A7C15           all modulo 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9
    z = (z ^ z >> 27) * 0x94D049BB133111EB
    hash = z ^ z >> 31
"""

import sys
from array import array
from collections.abc import Iterator
from hashlib import blake2b

from segcli.account_set import AccountSet

HASHES = 1 << 64  # a hash is less
_STEP = 1 << 14  # ids that are hashed at a time
_LANE = 16  # bytes: a product of two 64-bit numbers
_ONES = int.from_bytes((b"\x01" + bytes(_LANE - 1)) * _STEP, "little")
_MASK = _ONES * (HASHES - 1)


def start_of(seed: str, purpose: str) -> int:
    """Where SplitMix64 starts for a seed. The purpose, at most 16 bytes, keeps a sample and a split apart."""
    data = seed.encode(errors="surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8, person=purpose.encode()).digest(), "little")


def hashed(accounts: AccountSet, start: int) -> "Iterator[tuple[array[int], array[int]]]":
    """The ids in chunks, each with the hashes in the same order."""
    for chunk in accounts.chunks(_STEP):
        ids = array("Q", chunk)
        yield ids, hashes(ids, start)


def hashes(ids: "array[int]", start: int) -> "array[int]":
    """The hash of each of at most _STEP ids.

    One integer holds all of them, 16 bytes each, so that the arithmetic is done in C: 0.1 µs per id, instead
    of 0.7 µs for a digest of each.
    """
    lanes = array("Q", bytes(_LANE * len(ids)))
    lanes[::2] = ids
    if sys.byteorder == "big":
        lanes.byteswap()
    z = int.from_bytes(lanes.tobytes(), "little")
    z = z * 0x9E3779B97F4A7C15 + (_ONES & ((1 << 8 * _LANE * len(ids)) - 1)) * start & _MASK
    z = ((z ^ z >> 30) & _MASK) * 0xBF58476D1CE4E5B9 & _MASK
    z = ((z ^ z >> 27) & _MASK) * 0x94D049BB133111EB & _MASK
    z = (z ^ z >> 31) & _MASK
    lanes = array("Q", z.to_bytes(_LANE * len(ids), "little"))
    if sys.byteorder == "big":
        lanes.byteswap()
    return lanes[::2]
