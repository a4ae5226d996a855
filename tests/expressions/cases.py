"""Random expressions as trees, and what they mean by Python's own sets."""

from collections.abc import Mapping

from hypothesis import strategies as st

from segcli.expressions.tree import (
    All,
    And,
    Binary,
    FileOperand,
    Minus,
    Node,
    Not,
    Nothing,
    Operand,
    Or,
    PatternOperand,
    SegmentOperand,
    Xor,
)
from segcli.model import SegmentRef

MOMENTS = st.sampled_from((None, "-7d", "-30m", "2026-11-01", "2026-11-01T08:00:00.5+01:00"))
VALID_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
CODES = VALID_TEXT | st.sampled_from(
    (
        "VIP", "all", "NOT", "12", "٣", "a b", 'say "hi"', "O'Brien", "R&D", "-x", "a*", "file:x", "code:y",
        "x@y", "é", "A=B",
    )
)  # fmt: skip
PATTERNS = st.from_regex(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,3}[*?][A-Za-z0-9*?-]{0,3}", fullmatch=True)
SEGMENTS: st.SearchStrategy[Operand] = st.builds(
    SegmentOperand,
    st.integers(0, 2**31 - 1).map(lambda segment_id: SegmentRef(id=segment_id))
    | CODES.map(lambda code: SegmentRef(code=code)),
    MOMENTS,
)
OPERANDS: st.SearchStrategy[Operand] = st.one_of(
    SEGMENTS,
    st.builds(PatternOperand, PATTERNS, MOMENTS),
    st.builds(FileOperand, VALID_TEXT | st.sampled_from(("-", "a.csv", "my list.csv", "/tmp/x@y,z:1*"))),
    st.builds(All),
    st.builds(Nothing),
)
# Few, so that an expression contains some of them more than once.
PRESENT = tuple(SegmentOperand(SegmentRef(code=code)) for code in "ABC")
FILE, PAST = FileOperand("f"), SegmentOperand(SegmentRef(code="A"), "-7d")
OPERATORS: tuple[type[Binary], ...] = (And, Minus, Xor, Or)


def trees(operands: st.SearchStrategy[Operand], leaves: int = 12) -> st.SearchStrategy[Node]:
    return st.recursive(
        operands,
        lambda nodes: (
            st.builds(Not, nodes)
            | st.builds(
                lambda operator, left, right: operator(left, right),
                st.sampled_from(OPERATORS),
                nodes,
                nodes,
            )
        ),
        max_leaves=leaves,
    )


def plain(node: Node, sets: Mapping[Operand, set[int]], known: set[int]) -> set[int]:
    """The accounts of a tree, by the definitions of the operators."""
    if isinstance(node, Not):
        return known - plain(node.operand, sets, known)
    if isinstance(node, Binary):
        left, right = (plain(part, sets, known) for part in (node.left, node.right))
        if isinstance(node, And):
            return left & right
        if isinstance(node, Minus):
            return left - right
        return left ^ right if isinstance(node, Xor) else left | right
    assert isinstance(node, Operand)
    return known if isinstance(node, All) else set() if isinstance(node, Nothing) else sets[node]
