"""What it takes to make a membership the wanted one: sets compared before anything is sent."""

from array import array
from collections.abc import Iterable
from typing import NamedTuple

from pyroaring import BitMap

from segcli.model import AccountSet


class Plan(NamedTuple):
    """Wanted accounts that are no members, members that are wanted, and members that are not."""

    missing: AccountSet
    kept: int
    extra: AccountSet

    @property
    def members(self) -> int:
        """How many members there are today."""
        return self.kept + len(self.extra.ids)


def compare(wanted: AccountSet, members: Iterable[int]) -> Plan:
    """The difference between the accounts that are wanted and those that are members."""
    asked, there = BitMap(array("I", wanted.ids)), BitMap(array("I", members))
    missing, extra = asked - there, there - asked
    return Plan(AccountSet(missing.to_array()), len(asked.intersection(there)), AccountSet(extra.to_array()))
