"""Account ids by the million: sets, and streams that are read once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from segcli.errors import UsageError
from segcli.model import INT32_MAX

MAX_NAMED = 10  # accounts that a message names; more are only counted


class AccountSet:
    """Valid account ids in ascending order, without duplicates."""

    __slots__ = ("ids",)

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids

    @classmethod
    def of(cls, account_ids: "Iterable[int] | AccountSet") -> "AccountSet":
        """The set of `account_ids`, unchanged if it is one already.

        Raises UsageError if it is empty or contains an invalid id (contract, "Statuses").
        """
        if isinstance(account_ids, AccountSet) and account_ids.ids:
            return account_ids
        ids = [] if isinstance(account_ids, AccountSet) else list(account_ids)
        if not ids:
            raise UsageError("no account ids given")
        for account_id in ids:
            if type(account_id) is not int or not 1 <= account_id <= INT32_MAX:
                raise UsageError(f"{account_id!r} is not a valid account id: expected 1 to {INT32_MAX}")
        return cls(sorted(set(ids)))

    def chunks(self, size: int) -> Iterator[list[int]]:
        """The ids in lists of `size`, the last one shorter."""
        for start in range(0, len(self.ids), size):
            yield list(self.ids[start : start + size])


def name_some(account_ids: Sequence[int], count: int) -> str:
    """The first of `count` accounts, and how many more there are; `account_ids` may hold only some."""
    shown = ", ".join(map(str, account_ids[:MAX_NAMED]))
    more = count - min(len(account_ids), MAX_NAMED)
    return f"{shown} and {more:,} more" if more > 0 else shown


class AccountIds(Iterator[int]):
    """Account ids that are read once: one by one, or as `blocks`, text with many lines and one id each.

    A format that prints ids can write the blocks unparsed.
    """

    def __init__(self, blocks: Iterator[str]) -> None:
        self.blocks = blocks
        self._ids = chain.from_iterable(map(int, block.split()) for block in blocks)

    def __iter__(self) -> Iterator[int]:
        return self._ids

    def __next__(self) -> int:
        return next(self._ids)
