"""Samples of accounts and splits into parts, by hash: an account stays selected as the set grows."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import compress
from math import isqrt
from typing import Final

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.errors import UsageError
from segcli.expressions.hashing import HASHES, hashed, start_of
from segcli.expressions.percents import Percent, read_percent
from segcli.model import INT32_MAX, SegmentRef

_DEVIATIONS = 6  # around the expected hash, in which the last account of a sample is searched
_REST = "rest"


class Sample:
    """How many accounts to select: a `count`, or else a `percent`."""

    __slots__ = ("count", "percent")

    def __init__(self, count: int = 0, percent: Percent | None = None) -> None:
        self.count: Final = count
        self.percent: Final = percent


class Share:
    """The part of the accounts that a segment gets; None is the rest."""

    __slots__ = ("percent", "segment")

    def __init__(self, segment: SegmentRef, percent: Percent | None) -> None:
        self.segment: Final = segment
        self.percent: Final = percent


def parse_sample(text: str) -> Sample:
    """`N` or `P%`, as `--sample` takes it. Raises UsageError."""
    expected = f"expected 1 to {INT32_MAX}, or a percentage up to 100% such as 2.5%"
    digits = text.lstrip("0")
    if digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) <= INT32_MAX:
        return Sample(count=int(digits))
    try:
        percent = read_percent(text)
    except ValueError:
        percent = None
    if percent is None or not 0 < percent.numerator <= percent.denominator:
        raise UsageError(f"'{text}' is not a valid sample: {expected}")
    return Sample(percent=percent)


def parse_shares(words: Sequence[str]) -> tuple[Share, ...]:
    """`SEGMENT=P%` or `SEGMENT=rest` each; together they are 100%. Raises UsageError."""
    shares = tuple(map(_parse_share, words))
    segments: set[SegmentRef] = set()
    for share in shares:
        if share.segment in segments:
            raise UsageError(f"the segment with {share.segment} has more than one share")
        segments.add(share.segment)
    rests = sum(share.percent is None for share in shares)
    if rests > 1:
        raise UsageError(f"{rests} shares are {_REST}: expected at most one")
    total, scale = _total(shares)
    if total > scale or (total < scale and not rests):
        hint = None if total > scale else f"add a segment with the remaining accounts: CODE={_REST}"
        raise UsageError(f"the shares add up to {_shown(total, scale)}: expected 100%", hint=hint)
    return shares


def sample(accounts: AccountSet, wanted: Sample, seed: str = "") -> AccountSet:
    """The accounts with the smallest hashes: `wanted.count` of them, or those below a part of all hashes.

    With a percentage, an account that is in the sample stays in it as the set grows.
    """
    start = start_of(seed, "sample")
    if wanted.percent is not None:
        return _below(accounts, [wanted.percent.of(HASHES)], start)[0]
    if wanted.count >= len(accounts):
        return accounts
    return _smallest(accounts, wanted.count, start)


def split(accounts: AccountSet, shares: Sequence[Share], seed: str | None = None) -> list[AccountSet]:
    """The accounts of each share, in the same order: disjoint, and all of `accounts` together.

    An account stays in its part as the set grows. Parts are ranges of hashes in the order of the shares: a
    share that grows at the cost of the next one keeps its accounts. Without a seed it is made of the
    segments, so that a part can be split again: with the same seed, it would not be divided evenly.
    """
    if seed is None:
        seed = "\n".join(str(share.segment) for share in shares)
    below = _below(accounts, _bounds(shares), start_of(seed, "split"))
    return [upper - lower for lower, upper in zip([NO_ACCOUNTS, *below], below, strict=False)]


def _parse_share(word: str) -> Share:
    segment, equals, text = word.rpartition("=")
    if not equals:
        raise UsageError(
            f"'{word}' is not a valid share: expected a segment, = and a percentage",
            hint=f"for example {word}=50% or {word}={_REST}",
        )
    try:
        percent = None if text == _REST else read_percent(text)
    except ValueError as error:
        raise UsageError(f"'{word}' is not a valid share: expected {error} after =, or {_REST}") from None
    return Share(SegmentRef.parse(segment), percent)


def _total(shares: Iterable[Share]) -> tuple[int, int]:
    """The sum of the percentages, and what would be 100%."""
    percents = [share.percent for share in shares if share.percent is not None]
    scale = max((each.denominator for each in percents), default=100)
    return sum(each.of(scale) for each in percents), scale


def _shown(total: int, scale: int) -> str:
    """`total / scale` as a percentage, exactly; `scale` is a power of ten, at least 100."""
    decimals = len(str(scale // 100)) - 1
    whole, fraction = divmod(total, scale // 100)
    return f"{whole}.{fraction:0{decimals}d}".rstrip("0").rstrip(".") + "%" if decimals else f"{whole}%"


def _bounds(shares: Sequence[Share]) -> list[int]:
    """For each share, the hash that its accounts are below."""
    total, scale = _total(shares)
    bounds, so_far = [], 0
    for share in shares:
        so_far += scale - total if share.percent is None else share.percent.of(scale)
        bounds.append(so_far * HASHES // scale)
    return bounds


def _below(accounts: AccountSet, bounds: Sequence[int], start: int) -> list[AccountSet]:
    """For each bound, the accounts whose hash is less."""
    found = {bound: array("I") for bound in bounds if bound < HASHES}
    for ids, hashes in hashed(accounts, start):
        for bound, selected in found.items():
            selected.extend(compress(ids, map(bound.__gt__, hashes)))
    return [AccountSet(found[bound]) if bound in found else accounts for bound in bounds]


def _smallest(accounts: AccountSet, count: int, start: int) -> AccountSet:
    """The `count` accounts with the smallest hashes, of a set with more.

    Hashes are evenly distributed, so it is known about where the last one is; only those are sorted.
    """
    margin = _DEVIATIONS * (isqrt(count) + 1)
    low, high = (bound * HASHES // len(accounts) for bound in (max(0, count - margin), count + margin))
    sure, candidates = _around(accounts, low, high, start)
    if not 0 <= count - len(sure) <= len(candidates):
        sure, candidates = _around(accounts, 0, HASHES, start)
    return sure | AccountSet(account for _, account in sorted(candidates)[: count - len(sure)])


def _around(
    accounts: AccountSet, low: int, high: int, start: int
) -> tuple[AccountSet, list[tuple[int, int]]]:
    """The accounts whose hash is less than `low`, and the hash and id of those from there to below `high`."""
    sure = array("I")
    candidates: list[tuple[int, int]] = []
    for ids, hashes in hashed(accounts, start):
        for pair in compress(zip(hashes, ids, strict=True), map(high.__gt__, hashes)):
            if pair[0] < low:
                sure.append(pair[1])
            else:
                candidates.append(pair)
    return AccountSet(sure), candidates
