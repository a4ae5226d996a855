"""Samples and splits: how they are written, which accounts they select, and that the selection is stable."""

from array import array
from hashlib import blake2b
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.expressions import sampling
from segcli.expressions.hashing import HASHES, hashes, start_of
from segcli.expressions.sampling import Share, parse_sample, parse_shares, sample, split
from segcli.model import SegmentRef

MANY = AccountSet.between(1, 100_000)
MORE = AccountSet.between(1, 150_000)
SPARSE = AccountSet(each * 20_011 % 2_147_483_647 for each in range(1, 100_001))
HALVES = ["A=50%", "B=50%"]


# Frozen: another hash would move accounts of users from one segment to another.


def test_the_hash_is_splitmix64() -> None:
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert list(hashes(array("Q", range(1, 6)), 1234567)) == published


@given(st.lists(st.integers(1, 2**31 - 1), max_size=20), st.integers(0, HASHES - 1))
def test_many_ids_are_hashed_as_one(ids: list[int], start: int) -> None:
    assert list(hashes(array("Q", ids), start)) == [plain_hash(each, start) for each in ids]


def plain_hash(account: int, start: int) -> int:
    """SplitMix64 as it is published."""
    z = (start + account * 0x9E3779B97F4A7C15) % HASHES
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % HASHES
    z = (z ^ z >> 27) * 0x94D049BB133111EB % HASHES
    return z ^ z >> 31


def test_the_start_is_a_digest_of_the_seed() -> None:
    digest = blake2b("été".encode(), digest_size=8, person=b"split").digest()
    assert start_of("été", "split") == int.from_bytes(digest, "little")
    assert start_of("", "sample") == GOLDEN_START
    assert (
        len({start_of(seed, purpose) for seed in ("", "a", "\udcff") for purpose in ("sample", "split")}) == 6
    )


GOLDEN_START = 10719538204320161099


def test_the_selected_accounts_are() -> None:
    first = AccountSet.between(1, 100)
    assert list(sample(first, parse_sample("10%"))) == GOLDEN_PERCENT
    assert list(sample(first, parse_sample("5"), "spring")) == GOLDEN_COUNT
    parts = split(AccountSet.between(1, 20), parse_shares(["A=45%", "B=45%", "HOLDOUT=rest"]))
    assert list(map(list, parts)) == GOLDEN_SPLIT
    parts = split(AccountSet.between(1, 20), parse_shares(HALVES), "spring")
    assert list(map(list, parts)) == GOLDEN_SEEDED


GOLDEN_PERCENT = [3, 4, 7, 10, 18, 30, 38, 39, 40, 50, 65, 66, 78, 81, 83]
GOLDEN_COUNT = [10, 19, 30, 33, 34]
GOLDEN_SPLIT = [[5, 6, 13, 18, 20], [1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 14, 15, 17, 19], [16]]
GOLDEN_SEEDED = [[4, 5, 10, 15, 16, 17, 18], [1, 2, 3, 6, 7, 8, 9, 11, 12, 13, 14, 19, 20]]


def near(size: int, share: float, of: int) -> bool:
    """Whether a random selection would have that size, but for one in a million."""
    return abs(size - of * share) <= 5 * sqrt(of * share * (1 - share))


@pytest.mark.parametrize("accounts", [MANY, SPARSE], ids=["dense", "sparse"])
@pytest.mark.parametrize("seed", ["", "spring", "1", "2"])
def test_sizes_are_near_the_shares(accounts: AccountSet, seed: str) -> None:
    for percent in (0.1, 1, 12.5, 50, 99):
        assert near(len(sample(accounts, parse_sample(f"{percent}%"), seed)), percent / 100, len(accounts))
    parts = split(accounts, parse_shares(["A=45%", "B=5%", "C=rest", "D=12.5%"]), seed)
    for part, share in zip(parts, (0.45, 0.05, 0.375, 0.125), strict=True):
        assert near(len(part), share, len(accounts))


@pytest.mark.parametrize("accounts", [MANY, SPARSE], ids=["dense", "sparse"])
def test_bits_of_the_ids_do_not_show(accounts: AccountSet) -> None:
    half = sample(accounts, parse_sample("50%"), "x")
    for bit in range(8):
        ones = AccountSet(each for each in accounts if each >> bit & 1)
        assert near(len(half & ones), 0.5, len(ones))
    for start in range(0, len(accounts), 10_000):
        assert near(len(half & accounts[start : start + 10_000]), 0.5, 10_000)


def test_selections_with_other_seeds_or_purposes_are_independent() -> None:
    half = parse_sample("50%")
    a, _ = split(MANY, parse_shares(HALVES), "1")
    for other in (
        sample(MANY, half, "1"),
        sample(MANY, half, "2"),
        split(MANY, parse_shares(HALVES), "2")[0],
    ):
        assert near(len(a & other), 0.25, len(MANY))


def test_a_part_can_be_split_and_sampled_again_without_a_seed() -> None:
    a, _ = split(MANY, parse_shares(HALVES))
    c, _ = split(a, parse_shares(["C=50%", "D=50%"]))
    assert near(len(c), 0.5, len(a))
    assert near(len(sample(a, parse_sample("10%"))), 0.1, len(a))
    same, nothing = split(a, parse_shares(HALVES))
    assert (same, len(nothing)) == (a, 0)


def test_selections_are_stable_as_the_set_grows() -> None:
    for text in ("1%", "33.3%"):
        assert sample(MORE, parse_sample(text)) & MANY == sample(MANY, parse_sample(text))
    shares = parse_shares(["A=45%", "B=45%", "HOLDOUT=rest"])
    for before, after in zip(split(MANY, shares), split(MORE, shares), strict=True):
        assert after & MANY == before
    counted = parse_sample("1000")
    assert sample(MORE, counted) & MANY <= sample(MANY, counted)


def test_larger_samples_contain_smaller_ones() -> None:
    samples = [
        sample(MANY, parse_sample(text), "x") for text in ("1", "10", "900", "1%", "1.5%", "99.999%", "100%")
    ]
    for smaller, larger in pairwise(samples):
        assert smaller <= larger
    assert samples[-1] == MANY


def test_a_first_share_that_grows_keeps_its_accounts() -> None:
    before, after = (split(MANY, parse_shares([f"A={size}%", "B=rest"]))[0] for size in (5, 20))
    assert before <= after


@given(
    ids=st.sets(st.integers(1, 2**31 - 1), max_size=60),
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    rest=st.integers(0, 4),
    seed=st.none() | st.text(max_size=3),
)
def test_parts_are_disjoint_and_all_of_the_accounts(
    ids: set[int], sizes: list[int], rest: int, seed: str | None
) -> None:
    words = [f"S{number}={size / 2}%" for number, size in enumerate(sizes)]
    words.insert(rest, "R=rest")
    accounts = AccountSet(ids)
    parts = split(accounts, parse_shares(words), seed)
    assert AccountSet.union(parts) == accounts
    assert sum(map(len, parts)) == len(accounts)
    assert len(parts) == len(words)


@pytest.mark.parametrize("deviations", [0, 6])
@pytest.mark.parametrize("count", [1, 2, 10, 1000, 4999, 5000, 5001])
def test_a_counted_sample_has_the_smallest_hashes(
    monkeypatch: pytest.MonkeyPatch, deviations: int, count: int
) -> None:
    monkeypatch.setattr(sampling, "_DEVIATIONS", deviations)  # with 0 the first search fails
    accounts = MANY[:5000]
    start = start_of("x", "sample")
    smallest = sorted(accounts, key=lambda each: plain_hash(each, start))[:count]
    assert sample(accounts, parse_sample(str(count)), "x") == AccountSet(smallest)


def test_an_empty_set_can_be_sampled_and_split() -> None:
    assert len(sample(AccountSet(), parse_sample("10"))) == 0
    assert len(sample(AccountSet(), parse_sample("10%"))) == 0
    assert list(map(len, split(AccountSet(), parse_shares(HALVES)))) == [0, 0]


def test_a_sample_is_written_as_a_number_or_a_percentage() -> None:
    assert parse_sample("010").count == 10
    assert parse_sample("2147483647").count == 2_147_483_647
    percent = parse_sample("2.50%").percent
    assert percent is not None
    assert (str(percent), percent.numerator, percent.denominator) == ("2.50%", 250, 10_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "2147483648",
        "1.5",
        "ten",
        "%",
        "0%",
        "0.000%",
        "100.1%",
        "5 %",
        ".5%",
        "5.%",
        "1e2%",
        "٣",
        "٣%",
        "9" * 5000,
        "0." + "9" * 30 + "%",
    ],
)
def test_what_is_not_a_sample(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_sample(text)
    expected = "expected 1 to 2147483647, or a percentage up to 100% such as 2.5%"
    assert caught.value.message == f"'{text}' is not a valid sample: {expected}"


def test_shares_are_written_as_segments_with_percentages() -> None:
    shares = parse_shares(["A=12.5%", "12=50%", "code:a=b=rest", "Z=0%"])
    assert list(map(written, shares)) == [
        (SegmentRef(code="A"), "12.5%"),
        (SegmentRef(id=12), "50%"),
        (SegmentRef(code="a=b"), None),
        (SegmentRef(code="Z"), "0%"),
    ]
    assert parse_shares(["A=100%", "B=rest"])[1].percent is None
    assert len(parse_shares(["A=33.333%", "B=66.667%"])) == 2


def written(share: Share) -> tuple[SegmentRef, str | None]:
    return share.segment, None if share.percent is None else str(share.percent)


BAD_SHARES = {
    "A": "'A' is not a valid share: expected a segment, = and a percentage",
    "A=": "'A=' is not a valid share: expected a percentage such as 10% or 2.5% after =, or rest",
    "A=50": "'A=50' is not a valid share: expected a percentage such as 10% or 2.5% after =, or rest",
    "A=-5%": "'A=-5%' is not a valid share: expected a percentage",
    "A=Rest": "'A=Rest' is not a valid share: expected a percentage",
    "=50%": "'' is not a valid segment",
    "id:x=50%": "'id:x' is not a valid segment id",
    "A=50% B=49.5%": "the shares add up to 99.5%: expected 100%",
    "A=10%": "the shares add up to 10%: expected 100%",
    "A=50% B=50.00000001%": "the shares add up to 100.00000001%: expected 100%",
    "A=90% B=20% C=rest": "the shares add up to 110%: expected 100%",
    "A=rest B=rest": "2 shares are rest: expected at most one",
    "A=50% code:A=50%": "the segment with code A has more than one share",
    "": "the shares add up to 0%: expected 100%",
}


@pytest.mark.parametrize("words", BAD_SHARES)
def test_what_are_not_shares(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_shares(words.split())
    assert caught.value.message.startswith(BAD_SHARES[words])


def test_the_hint_for_shares_that_are_too_small_is_the_rest() -> None:
    with pytest.raises(UsageError) as caught:
        parse_shares(["A=10%"])
    assert caught.value.hint == "add a segment with the remaining accounts: CODE=rest"
    with pytest.raises(UsageError) as caught:
        parse_shares(["A=101%"])
    assert caught.value.hint is None
