"""Blocks of account ids gathered into one set: sorted, each once, four bytes an id at most."""

from array import array
from collections.abc import Iterable
from typing import NamedTuple

from pyroaring import BitMap

from segcli.account_set import AccountSet
from segcli.inputs.blocks import Block

_GATHERED = 1_000_000  # ids merged at a time: fewer cost more merges, more cost memory


class Collected(NamedTuple):
    """How many ids were given, and the distinct ones in ascending order."""

    requested: int
    accounts: AccountSet


def collect(blocks: Iterable[Block]) -> Collected:
    """All the ids of `blocks`, which must be account ids."""
    requested = 0
    found = BitMap()
    gathered = array("i")
    for block in blocks:
        requested += len(block)
        gathered.extend(block)
        if len(gathered) >= _GATHERED:
            found |= _set(gathered)
            gathered = array("i")
    found |= _set(gathered)
    return Collected(requested, AccountSet(found.to_array()))


def _set(ids: Block) -> BitMap:
    # It takes unsigned ints alone; those of ids, which are positive, are of the same bytes.
    return BitMap(array("I", ids.tobytes()), optimize=False)
