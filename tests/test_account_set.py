"""AccountSet compared with Python's sets, and on damaged bytes."""

import random
from array import array
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.account_set import MAX_NAMED, NO_ACCOUNTS, AccountSet, name_some
from segcli.errors import UsageError
from segcli.model import INT32_MAX

# Few ids, neighbors, whole ranges, and both ends: every kind of container that a bitmap has.
RANGES = st.tuples(st.integers(1, 200_000), st.integers(1, 9_000)).map(lambda pair: range(pair[0], sum(pair)))
SPARSE = st.tuples(st.integers(1, 99), st.integers(2, 9)).map(lambda pair: range(pair[0], 60_000, pair[1]))
FEW = st.lists(st.integers(1, INT32_MAX) | st.integers(1, 20) | st.just(INT32_MAX), max_size=20)
IDS: st.SearchStrategy[list[int]] = st.lists(FEW | RANGES | SPARSE, max_size=3).map(
    lambda parts: [account_id for part in parts for account_id in part]
)
POSITION = st.none() | st.integers(-30, 30) | st.integers(-20_000, 20_000)

OPERATIONS: dict[
    str,
    tuple[Callable[[AccountSet, AccountSet], AccountSet], Callable[[set[int], set[int]], set[int]]],
] = {
    "or": (lambda a, b: a | b, lambda a, b: a | b),
    "and": (lambda a, b: a & b, lambda a, b: a & b),
    "minus": (lambda a, b: a - b, lambda a, b: a - b),
    "xor": (lambda a, b: a ^ b, lambda a, b: a ^ b),
    "union": (lambda a, b: AccountSet.union([a, b, a]), lambda a, b: a | b),
}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(OPERATIONS)), IDS), max_size=6))
def test_operations_are_those_of_sets_and_change_no_operand(steps: list[tuple[str, list[int]]]) -> None:
    ours, theirs = NO_ACCOUNTS, set[int]()
    for name, ids in steps:
        our, their = OPERATIONS[name]
        operand, before = AccountSet(ids), ours.to_bytes()
        result = our(ours, operand)
        assert (ours.to_bytes(), operand) == (before, AccountSet(ids))
        ours, theirs = result, their(theirs, set(ids))
        assert list(ours) == sorted(theirs)
        assert (len(ours), bool(ours)) == (len(theirs), bool(theirs))
        assert (operand <= ours) == (set(ids) <= theirs)
        assert (ours == operand) == (theirs == set(ids))
    assert len(NO_ACCOUNTS) == 0


@settings(deadline=None)
@given(IDS)
def test_an_augmented_assignment_makes_a_new_set(ids: list[int]) -> None:
    accounts = before = AccountSet(ids)
    accounts |= AccountSet([1, INT32_MAX])
    assert before == AccountSet(ids)
    assert set(accounts) == {1, INT32_MAX, *ids}


def test_a_set_has_nothing_that_changes_it() -> None:
    accounts = AccountSet([1, 2])
    with pytest.raises(AttributeError):
        accounts.other = 1  # type: ignore[attr-defined]  # there are no other attributes
    with pytest.raises(TypeError):
        accounts[0] = 5  # type: ignore[index]  # no assignment either
    with pytest.raises(TypeError):
        hash(accounts)
    public = {name for name in dir(AccountSet) if not name.startswith("_")}
    assert public.isdisjoint({"add", "discard", "remove", "update", "clear", "pop"})


@settings(deadline=None)
@given(IDS)
def test_any_iterable_gives_the_same_set(ids: list[int]) -> None:
    expected = AccountSet(sorted(set(ids)))
    assert AccountSet(array("I", ids)) == AccountSet(iter(ids)) == AccountSet.of(ids) == expected


@pytest.mark.parametrize("value", [0, -1, INT32_MAX + 1, 2**40, "5", True, None, 1.0])
def test_of_refuses_what_is_not_an_id(value: object) -> None:
    with pytest.raises(UsageError, match="is not a valid account id"):
        AccountSet.of([1, value])


@settings(deadline=None)
@given(IDS, st.lists(st.integers(1, INT32_MAX), max_size=5))
def test_membership(ids: list[int], others: list[int]) -> None:
    accounts = AccountSet(ids)
    for account_id in [*ids[:50], *others]:
        assert (account_id in accounts) == (account_id in ids)


@settings(deadline=None)
@given(IDS, POSITION, POSITION)
def test_slices_and_indexes_count_from_the_smallest(
    ids: list[int], start: int | None, stop: int | None
) -> None:
    accounts, ordered = AccountSet(ids), sorted(set(ids))
    assert list(accounts[start:stop]) == ordered[start:stop]
    position = start or 0
    if -len(ordered) <= position < len(ordered):
        assert accounts[position] == ordered[position]
    else:
        with pytest.raises(IndexError):
            accounts[position]


@settings(deadline=None)
@given(IDS, st.integers(100, 30_000))
def test_chunks(ids: list[int], size: int) -> None:
    chunks = list(AccountSet(ids).chunks(size))
    ordered = sorted(set(ids))
    assert [list(chunk) for chunk in chunks] == [ordered[i : i + size] for i in range(0, len(ordered), size)]


@settings(deadline=None)
@given(IDS, st.integers(8, 32))
def test_split(ids: list[int], bits: int) -> None:
    accounts = AccountSet(ids)
    parts = dict(accounts.split(bits))
    assert list(parts) == list(accounts.keys(bits)) == sorted({account_id >> bits for account_id in ids})
    assert all({account_id >> bits for account_id in part} == {key} for key, part in parts.items())
    assert AccountSet.union(parts.values()) == AccountSet(ids)


@settings(deadline=None)
@given(st.lists(IDS, max_size=9), st.integers(0, 1_000))
def test_a_union_of_many(many: list[list[int]], more: int) -> None:
    sets = [AccountSet(ids) for ids in many] + [AccountSet([1 + number * 65_537]) for number in range(more)]
    expected = {account_id for each in sets for account_id in each}
    before = [each.to_bytes() for each in sets]
    assert list(AccountSet.union(iter(sets))) == sorted(expected)
    assert [each.to_bytes() for each in sets] == before


@settings(deadline=None)
@given(st.integers(-5, INT32_MAX + 5), st.integers(-5, 3))
def test_between(first: int, more: int) -> None:
    ids = [account_id for account_id in range(first, first + more + 1) if 1 <= account_id <= INT32_MAX]
    assert list(AccountSet.between(first, first + more)) == ids


def test_between_may_be_everything() -> None:
    assert len(AccountSet.between(-(2**40), 2**40)) == INT32_MAX


@settings(deadline=None)
@given(IDS)
def test_bytes_are_read_again(ids: list[int]) -> None:
    accounts = AccountSet(ids)
    assert AccountSet.from_bytes(accounts.to_bytes()) == accounts


@settings(deadline=None)
@given(IDS, st.integers())
def test_the_digest_depends_on_the_ids_only(ids: list[int], seed: int) -> None:
    shuffled = [*ids, *ids[:3]]
    random.Random(seed).shuffle(shuffled)
    expected = sha256(array("I", sorted(set(ids)))).hexdigest()
    assert AccountSet(ids).digest() == AccountSet(shuffled).digest() == expected


@settings(deadline=None)
@given(IDS)
def test_lines(ids: list[int]) -> None:
    assert "".join(AccountSet(ids).lines()) == "".join(f"{account_id}\n" for account_id in sorted(set(ids)))


def test_lines_and_digest_of_many_are_those_of_few() -> None:
    ids = sorted({random.Random(4).randrange(1, 2**31) for _ in range(50_000)} | set(range(1, 1_200_001)))
    accounts = AccountSet(ids)
    assert "".join(accounts.lines()).split() == list(map(str, ids))
    assert accounts.digest() == sha256(array("I", ids)).hexdigest()


SERIALIZED = IDS.map(lambda ids: AccountSet(ids).to_bytes())


@settings(deadline=None)
@given(SERIALIZED, st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4), st.floats(0, 1))
def test_damaged_bytes_are_a_valid_set_or_a_value_error(
    data: bytes, changes: list[tuple[float, int]], end: float
) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        # The first bytes say how the rest is read: most changes are there.
        damaged[int(place**4 * (len(damaged) - 1))] = value
    assert_valid_or_refused(bytes(damaged))
    assert_valid_or_refused(bytes(damaged[: int(end * len(damaged))]))


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes_are_a_valid_set_or_a_value_error(data: bytes) -> None:
    assert_valid_or_refused(data)


def assert_valid_or_refused(data: bytes) -> None:
    try:
        accounts = AccountSet.from_bytes(data)
    except ValueError:
        return
    ids = list(accounts)
    assert len(ids) == len(accounts)
    assert not ids or 1 <= ids[0] <= ids[-1] <= INT32_MAX
    assert accounts == AccountSet(array("I", sorted(set(ids))))
    assert accounts - accounts == NO_ACCOUNTS
    assert AccountSet.from_bytes(accounts.to_bytes()) == accounts


@pytest.mark.parametrize("ids", [[0], [0, 5], [INT32_MAX + 1], [2**32 - 1]])
def test_bytes_with_foreign_ids_are_a_value_error(ids: list[int]) -> None:
    with pytest.raises(ValueError, match="are not account ids"):
        AccountSet.from_bytes(AccountSet(ids).to_bytes())


def test_messages_name_some() -> None:
    assert name_some(AccountSet(range(1, MAX_NAMED + 1))) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
    assert name_some(AccountSet(range(1, 2_000))) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1,989 more"
    assert name_some([3], 1_000) == "3 and 999 more"


def test_ids_in_common_are_counted() -> None:
    left, right = AccountSet(range(1, 200_000, 2)), AccountSet(range(1, 200_000, 3))
    assert left.count_common(right) == right.count_common(left) == len(left & right) > 30_000
    assert left.count_common(AccountSet()) == 0
