"""What expressions mean, compared with Python's sets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.expressions.evaluate import evaluate, needs_all, planned
from segcli.expressions.parse import parse
from segcli.expressions.parser import MAX_OPERANDS
from segcli.expressions.tree import All, Node, Not, Nothing, Operand, Or, operands, postorder
from tests.expressions.cases import FILE, PAST, PRESENT, plain, trees

KNOWN = set(range(1, 17))
IDS = st.sets(st.sampled_from(sorted(KNOWN)))
ANY_IDS = st.sets(st.integers(1, 24))
BOUNDED: st.SearchStrategy[Operand] = st.sampled_from((*PRESENT, All(), Nothing()))
MIXED: st.SearchStrategy[Operand] = st.sampled_from((*PRESENT, FILE, PAST, All(), Nothing()))


def value(root: Node, sets: dict[Operand, set[int]], known: set[int] = KNOWN) -> set[int]:
    """The accounts; `all` is given only if it is needed, and of the sets only those that are named."""
    named = {each: AccountSet(sets[each]) for each in operands(root) if each in sets}
    return set(evaluate(root, named, AccountSet(known) if needs_all(root) else None))


@settings(max_examples=1500, deadline=None)
@given(tree=trees(BOUNDED), ids=st.tuples(IDS, IDS, IDS))
def test_an_expression_is_what_sets_say(tree: Node, ids: tuple[set[int], ...]) -> None:
    sets: dict[Operand, set[int]] = dict(zip(PRESENT, ids, strict=True))
    assert value(tree, sets) == plain(tree, sets, KNOWN)


@settings(max_examples=1500, deadline=None)
@given(tree=trees(MIXED), ids=st.tuples(IDS, IDS, IDS), other=st.tuples(ANY_IDS, ANY_IDS))
def test_of_the_known_accounts_it_is_what_sets_say(
    tree: Node, ids: tuple[set[int], ...], other: tuple[set[int], set[int]]
) -> None:
    sets: dict[Operand, set[int]] = dict(zip((*PRESENT, FILE, PAST), ids + other, strict=True))
    found = value(tree, sets)
    assert found & KNOWN == plain(tree, sets, KNOWN) & KNOWN
    assert found <= KNOWN | sets[FILE] | sets[PAST]
    without_not = not any(isinstance(node, Not) for node in postorder(tree))
    assert not without_not or found == plain(tree, sets, KNOWN)


# The known accounts are 1 to 4; the file also contains 9, which is unknown.
UNKNOWN = {
    "file:f": {1, 2, 9},
    "file:f and not A": {2, 9},
    "not A and file:f": {2, 9},
    "file:f and (not A and not B)": {9},
    "file:f and not (A or B)": {9},
    "file:f minus A": {2, 9},
    "file:f minus not A": {1},
    "file:f and all": {1, 2},
    "file:f minus all": {9},
    "file:f or not A": {1, 2, 3, 4, 9},
    "file:f xor not A": {1, 3, 4, 9},
    "not file:f": {3, 4},
    "not (file:f and A)": {2, 3, 4},
    "all": {1, 2, 3, 4},
    "all minus file:f": {3, 4},
    "not all": set(),
    "not none": {1, 2, 3, 4},
    "A@-7d and not B": {1, 8},
    "A@-7d or not B": {1, 3, 4, 8},
}


@pytest.mark.parametrize("text", UNKNOWN)
def test_accounts_that_are_not_known(text: str) -> None:
    a, b, _ = PRESENT
    sets: dict[Operand, set[int]] = {a: {1}, b: {2}, FILE: {1, 2, 9}, PAST: {1, 8}}
    assert value(parse(text).root, sets, {1, 2, 3, 4}) == UNKNOWN[text]


PLANS = {
    "A": "A",
    "A and not B": "A minus B",
    "not A and B": "B minus A",
    "A and not B and not C": "A minus B minus C",
    "A and not (B or C)": "A minus (B or C)",
    "A and (B or not C)": "A minus (C minus B)",
    "A and (not B or not C)": "A minus (B and C)",
    "A minus not B": "A and B",
    "not not A": "A",
    "not A xor not B": "A xor B",
    "not A minus not B": "B minus A",
    "A xor (B xor not A) xor all": "all minus (A xor (B xor A) xor all)",
    "not A": "all minus A",
    "not A or not B": "all minus (A and B)",
    "not A and not B": "all minus (A or B)",
    "file:f or not A": "file:f or all minus A",
    "B and (file:f or not A)": "B and (file:f or all minus A)",
    "B and (PROMO-* or not A)": "B minus (A minus PROMO-*)",
    "B and (PROMO-*@-7d or not A)": "B and (PROMO-*@-7d or all minus A)",
    "all and A": "all and A",
}


@pytest.mark.parametrize("text", PLANS)
def test_all_is_used_only_where_it_is_needed(text: str) -> None:
    plan = planned(parse(text).root)
    assert str(plan) == PLANS[text]
    assert needs_all(parse(text).root) == ("all" in PLANS[text])


def test_the_longest_chain_is_evaluated() -> None:
    root: Node = PRESENT[0]
    for index in range(MAX_OPERANDS * 5):
        root = Not(Or(Not(Or(root, PRESENT[index % 3])), PRESENT[0]))
    sets: dict[Operand, set[int]] = {each: {index} for index, each in enumerate(PRESENT, 1)}
    assert value(root, sets) == {2, 3}
