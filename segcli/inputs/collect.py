"""Merges blocks of account ids into one set: sorted, without duplicates, at most four bytes per id."""

from array import array
from collections.abc import Callable, Iterable
from typing import NamedTuple

from pyroaring import BitMap

from segcli.account_set import AccountSet
from segcli.inputs.blocks import Block

_BATCH = 1_000_000  # ids merged at a time: fewer need more merges, more need memory


class Collected(NamedTuple):
    """How many ids were read, and the distinct ones in ascending order."""

    requested: int
    accounts: AccountSet


def collect(blocks: Iterable[Block], report_progress: Callable[[int], None] = lambda _: None) -> Collected:
    """All ids of `blocks`, which must be valid; `report_progress` receives the number read so far."""
    requested = 0
    collected = BitMap()
    batch = array("i")
    for block in blocks:
        requested += len(block)
        batch.extend(block)
        if len(batch) >= _BATCH:
            collected |= _bitmap(batch)
            batch = array("i")
        report_progress(requested)
    collected |= _bitmap(batch)
    return Collected(requested, AccountSet(collected))


def _bitmap(ids: Block) -> BitMap:
    # BitMap accepts only unsigned ints; as ids are positive, they have the same bytes.
    return BitMap(array("I", ids.tobytes()), optimize=False)
