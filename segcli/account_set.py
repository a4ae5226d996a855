"""Sets of accounts: the unit of every membership, file and plan."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

from pyroaring import BitMap

from segcli.errors import UsageError
from segcli.model import INT32_MAX

MAX_NAMED = 10  # accounts that a message names; more are only counted
_GROUP = 256  # sets that are merged at a time
_LINES = 1 << 14  # ids that are written at a time
_ARRAY_BITS = 20  # of the ids that are copied at a time
_MANY = 200_000  # ids: only from there on is msgspec worth its import


class AccountSet:
    """Account ids in ascending order, each once: immutable, at most four bytes per id.

    `|`, `&`, `-`, `^` and `<=` are those of Python's sets. An index or a slice counts from the smallest id.
    """

    __slots__ = ("_ids",)

    def __init__(self, ids: "Iterable[int] | BitMap" = ()) -> None:
        """`ids` are valid, in any order; `of` checks them. A bitmap is not copied: nobody may change it."""
        self._ids = ids if isinstance(ids, BitMap) else BitMap(ids)

    @classmethod
    def of(cls, values: Iterable[object]) -> "AccountSet":
        """The set of `values`. Raises UsageError for one that is not an id (contract, "Statuses")."""
        ids = array("I")
        for value in values:
            if type(value) is not int or not 1 <= value <= INT32_MAX:
                raise UsageError(f"{value!r} is not a valid account id: expected 1 to {INT32_MAX}")
            ids.append(value)
        return cls(ids)

    @classmethod
    def between(cls, first: int, last: int) -> "AccountSet":
        """Every valid id from `first` to `last`, both included."""
        return cls(BitMap(range(max(first, 1), min(last, INT32_MAX) + 1)))

    @classmethod
    def union(cls, sets: "Iterable[AccountSet]") -> "AccountSet":
        """The ids that are in any of the sets, which are read one by one."""
        union: BitMap | None = None
        iterator = iter(sets)
        # In groups: adding even a small set takes longer, the more there is already. Thousands of blocks take
        # a tenth of the time of BitMap.union.
        while group := list(islice(iterator, _GROUP)):
            part = BitMap()
            for each in group:
                part |= each._ids
            if union is None:
                union = part
            else:
                union |= part
        return cls(BitMap() if union is None else union)

    @classmethod
    def odd(cls, sets: "Iterable[AccountSet]") -> "AccountSet":
        """The ids that are in an odd number of the sets, which are read one by one."""
        odd = BitMap()
        iterator = iter(sets)
        while group := list(islice(iterator, _GROUP)):  # as in `union`
            part = BitMap()
            for each in group:
                part ^= each._ids
            odd ^= part
        return cls(odd)

    @classmethod
    def from_bytes(cls, data: bytes) -> "AccountSet":
        """The set that `to_bytes` wrote. Raises ValueError if the bytes are not a set of valid ids."""
        try:
            ids = BitMap.deserialize(data)
        except IndexError:
            raise ValueError("no bytes") from None
        if ids and not 1 <= ids.min() <= ids.max() <= INT32_MAX:
            raise ValueError(f"{ids.min()} to {ids.max()} are not account ids")
        return cls(ids)

    def to_bytes(self) -> bytes:
        """The set in Roaring's portable format, which every Roaring library reads."""
        self._ids.run_optimize()  # the same set; one without gaps takes a few bytes
        return self._ids.serialize()

    def keys(self, bits: int) -> Iterator[int]:
        """What all but the last `bits` bits of the ids are, ascending, each once."""
        start, end = 0, self._ids.max() if self._ids else -1
        while start <= end:
            key = self._ids.next_set_bit(start) >> bits
            start = (key + 1) << bits
            yield key

    def split(self, bits: int) -> "Iterator[tuple[int, AccountSet]]":
        """The parts whose ids share all but the last `bits` bits, each with the bits that they share."""
        start, end = 0, self._ids.max() if self._ids else -1
        while start <= end:
            first = self._ids.next_set_bit(start)
            key = first >> bits
            stop = min((key + 1) << bits, end + 1)
            whole = not start and stop > end
            yield key, self if whole else AccountSet(self._ids & BitMap(range(first, stop)))
            start = stop

    def chunks(self, size: int) -> "Iterator[AccountSet]":
        """The ids in sets of `size`, the last one smaller."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def lines(self) -> Iterator[str]:
        """The ids as text, many lines at a time with one id each."""
        to_text = _joined
        if len(self._ids) >= _MANY:
            from msgspec.json import Encoder

            encode = Encoder().encode_lines  # a JSON value per line, in a third of the time

            def to_text(ids: list[int]) -> str:
                return encode(ids).decode()

        for ids in self._arrays():
            for start in range(0, len(ids), _LINES):
                yield to_text(ids[start : start + _LINES].tolist())

    def digest(self) -> str:
        """The SHA-256 of the ids as 32-bit integers, in hexadecimal digits."""
        from hashlib import sha256

        digest = sha256()
        for ids in self._arrays():
            digest.update(ids)
        return digest.hexdigest()

    def _arrays(self) -> "Iterator[array[int]]":
        """The ids, a million at most at a time; slices would count from the start every time."""
        return (part._ids.to_array() for _, part in self.split(_ARRAY_BITS))

    def count_common(self, other: "AccountSet") -> int:
        """How many ids are in both, without the set of them."""
        return int(self._ids.intersection_cardinality(other._ids))

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __contains__(self, account_id: int) -> bool:
        return account_id in self._ids

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> "AccountSet": ...
    def __getitem__(self, index: int | slice) -> "int | AccountSet":
        found = self._ids[index]
        return found if isinstance(found, int) else AccountSet(found)

    def __or__(self, other: "AccountSet") -> "AccountSet":
        return AccountSet(self._ids | other._ids)

    def __and__(self, other: "AccountSet") -> "AccountSet":
        return AccountSet(self._ids & other._ids)

    def __sub__(self, other: "AccountSet") -> "AccountSet":
        return AccountSet(self._ids - other._ids)

    def __xor__(self, other: "AccountSet") -> "AccountSet":
        return AccountSet(self._ids ^ other._ids)

    def __le__(self, other: "AccountSet") -> bool:
        return self._ids <= other._ids

    def __eq__(self, other: object) -> bool:
        return self._ids == other._ids if isinstance(other, AccountSet) else NotImplemented

    def __repr__(self) -> str:
        return f"AccountSet({name_some(self)})"


class Members:
    """The accounts of a segment while changes are reverted one after the other, in place."""

    __slots__ = ("_ids",)

    def __init__(self, accounts: AccountSet) -> None:
        self._ids = BitMap(accounts._ids)

    def revert(self, joined: AccountSet, left: AccountSet) -> bool:
        """Takes back that accounts joined and left; whether that was possible: some may have done neither."""
        if not joined._ids <= self._ids or self._ids.intersect(left._ids):
            return False
        self._ids -= joined._ids
        self._ids |= left._ids
        return True

    def accounts(self) -> AccountSet:
        """What is in it now."""
        return AccountSet(BitMap(self._ids))

    def __len__(self) -> int:
        return len(self._ids)


class Seen:
    """Account ids that were seen so far, collected in place."""

    __slots__ = ("_ids",)

    def __init__(self) -> None:
        self._ids = BitMap()

    def add(self, accounts: AccountSet) -> AccountSet:
        """Adds accounts, and returns those that were seen before."""
        before = accounts._ids & self._ids
        self._ids |= accounts._ids
        return AccountSet(before)

    def accounts(self) -> AccountSet:
        """All of them; nothing may be added any more."""
        return AccountSet(self._ids)


def _joined(ids: list[int]) -> str:
    return "\n".join(map(str, ids)) + "\n"


NO_ACCOUNTS = AccountSet()


def name_some(accounts: AccountSet | Sequence[int], count: int | None = None) -> str:
    """The first accounts, and how many more there are of `count`; `accounts` may hold only some."""
    shown = ", ".join(map(str, accounts[:MAX_NAMED]))
    more = (len(accounts) if count is None else count) - min(len(accounts), MAX_NAMED)
    return f"{shown} and {more:,} more" if more > 0 else shown
