"""Merges blocks of account ids into one set: sorted, without duplicates, at most four bytes per id."""

from array import array
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.inputs.blocks import Block

_BATCH = 1_000_000  # ids merged at a time: fewer need more merges, more need memory
_SAMPLE = 1_000  # ids that show whether a batch is scattered
_SCATTERED = 16  # times as wide as a dense range


class Collected(NamedTuple):
    """How many ids were read, and the distinct ones in ascending order."""

    requested: int
    accounts: AccountSet


def collect(blocks: Iterable[Block], report_progress: Callable[[int], None] = lambda _: None) -> Collected:
    """All ids of `blocks`, which must be valid; `report_progress` receives the number read so far."""
    requested = 0
    accounts = NO_ACCOUNTS
    batch = array("I")
    for block in blocks:
        requested += len(block)
        batch.extend(array("I", block))
        if len(batch) >= _BATCH:
            accounts |= _set(batch)
            batch = array("I")
        report_progress(requested)
    return Collected(requested, accounts | _set(batch))


def _set(ids: "array[int]") -> AccountSet:
    """The ids as a set; `ids` may get sorted."""
    sample = ids[:_SAMPLE]
    if len(ids) > _BATCH // 2 and max(sample) - min(sample) > _SCATTERED * len(ids):
        with suppress(ImportError):
            import numpy

            # Sorted first, ids from the whole range become a set in a fifth of the time.
            numpy.frombuffer(ids, numpy.uint32).sort()
    return AccountSet(ids)
