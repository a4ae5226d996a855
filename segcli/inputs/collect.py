"""Blocks of account ids gathered into one set: sorted, each once, four bytes an id at most."""

from array import array
from collections.abc import Iterable
from typing import NamedTuple

from pyroaring import BitMap

from segcli.inputs import Block
from segcli.model import AccountSet

_GATHERED = 1_000_000  # ids merged at a time: fewer cost more merges, more cost memory


class Collected(NamedTuple):
    """How many ids were given, and the distinct ones in ascending order."""

    requested: int
    accounts: AccountSet


def collect(blocks: Iterable[Block]) -> Collected:
    """All the ids of `blocks`, which must be account ids."""
    requested = 0
    found = BitMap()
    gathered = array("I")
    for block in blocks:
        requested += len(block)
        gathered.extend(array("I", block))
        if len(gathered) >= _GATHERED:
            found |= BitMap(gathered)
            gathered = array("I")
    found |= BitMap(gathered)
    return Collected(requested, AccountSet(found.to_array()))
