"""segments-expression(7): the hash it describes is the one that is used, and no operator is missing."""

import re
from hashlib import blake2b

import pytest

from segcli.account_set import AccountSet
from segcli.expressions.assertions import COMPARISONS
from segcli.expressions.parser import MAX_DEPTH, MAX_OPERANDS
from segcli.expressions.sampling import parse_shares, split
from segcli.expressions.tree import And, Minus, Or, Xor
from segcli.model import KEYWORDS
from tests.support.pages import MAN

PAGE = (MAN / "man7" / "segments-expression.7").read_text()
# Frozen: a page that shows other values describes another hash.
HASHES = {
    ("sample", 1): 0xB54654175AEC1E5C,
    ("sample", 1001): 0x58C5C54BF561C334,
    ("sample", 2147483647): 0x916B75777024BA86,
    ("split", 1): 0xADCA09D80E9D4261,
    ("split", 1001): 0x9C0AD9C77DF1E248,
    ("split", 2147483647): 0x2841215548C3E24A,
}


def described(purpose: str, account: int) -> int:
    """The hash, written from the text of the page."""
    start = blake2b(b"spring", digest_size=8, person=purpose.encode()).digest()
    z = (int.from_bytes(start, "little") + account * 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


def test_the_examples_of_the_hash() -> None:
    rows = re.findall(r"^(\w+) +(\d+) +0x([0-9A-F]{16})$", PAGE, re.MULTILINE)
    shown = {(purpose, int(account)): int(value, 16) for purpose, account, value in rows}
    assert shown == HASHES
    assert {key: described(*key) for key in HASHES} == HASHES


@pytest.mark.parametrize("word", [*sorted(KEYWORDS), *COMPARISONS])
def test_every_keyword_and_comparison_is_described(word: str) -> None:
    assert re.search(rf"^\.It Cm .*{re.escape(word)}$|^\.Cm .*{re.escape(word)}", PAGE, re.MULTILINE)


def test_operators_are_listed_by_precedence() -> None:
    listed = [word for word in re.findall(r"^\.It Cm (\w+)$", PAGE, re.MULTILINE) if word in KEYWORDS]
    operators = sorted((And, Minus, Xor, Or), key=lambda each: -each.precedence)
    assert listed[:5] == ["not", *(each.word for each in operators)]


def test_the_limits_are_those_of_the_parser() -> None:
    assert f"at most {MAX_OPERANDS} operands, and {MAX_DEPTH} levels" in PAGE


def test_the_default_seed_of_a_split() -> None:
    accounts, shares = AccountSet.between(1, 1000), parse_shares(["A=50%", "12=rest"])
    assert "\n.Ql code A\nor\n.Ql id 12 ,\nwith a newline" in PAGE
    assert split(accounts, shares) == split(accounts, shares, "code A\nid 12")
    assert split(accounts, shares) != split(accounts, shares, "")
