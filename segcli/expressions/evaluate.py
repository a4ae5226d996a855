"""What an expression means: which sets it needs, and the accounts that result from them.

`not X` is `all minus X`, but `all` is expensive, and seldom needed: `A and not B` is `A minus B`. So
`planned` keeps what a `not` excludes as an exclusion for as long as possible; exclusions obey the rules of
Boolean algebra. One becomes a set, `all minus` what it excludes, at the end, or where `or` and `xor` join it
with accounts that may be unknown, such as those of a file.
"""

from collections.abc import Mapping

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.expressions.tree import All, And, Minus, Node, Not, Nothing, Operand, Or, Xor, fold, operands


class _Value:
    """What a part of an expression contains, or with `excludes` does not contain: `node`, which has no Not.

    The accounts of a bounded node are all known.
    """

    __slots__ = ("bounded", "excludes", "node")

    def __init__(self, node: Node, *, bounded: bool, excludes: bool = False) -> None:
        self.node = node
        self.bounded = bounded
        self.excludes = excludes

    def as_set(self) -> "_Value":
        return _Value(Minus(All(), self.node), bounded=True) if self.excludes else self


def planned(root: Node) -> Node:
    """An equivalent tree without Not, which contains All only if it is needed."""
    return fold(root, lambda operand: _Value(operand, bounded=operand.bounded), _plan).as_set().node


def needs_all(root: Node) -> bool:
    """Whether `evaluate` needs every known account."""
    return All() in operands(planned(root))


def evaluate(root: Node, sets: Mapping[Operand, AccountSet], known: AccountSet | None = None) -> AccountSet:
    """The accounts of an expression, from the accounts of its operands.

    `sets` has a set for each of the operands but All and Nothing; `known` is every known account, which is
    required if `needs_all`.
    """
    given = {**sets, Nothing(): NO_ACCOUNTS}
    if known is not None:
        given[All()] = known
    return fold(planned(root), given.__getitem__, _combine)


def _combine(node: Node, parts: list[AccountSet]) -> AccountSet:
    left, right = parts
    if isinstance(node, And):
        return left & right
    if isinstance(node, Minus):
        return left - right
    return left ^ right if isinstance(node, Xor) else left | right


def _plan(node: Node, parts: list[_Value]) -> _Value:
    """The value of an operator from the values of its parts."""
    if isinstance(node, Not):
        (part,) = parts
        return _Value(part.node, bounded=part.bounded, excludes=not part.excludes)
    left, right = parts
    if isinstance(node, Minus):  # A minus B is A and not B
        return _and(left, _Value(right.node, bounded=right.bounded, excludes=not right.excludes))
    if isinstance(node, And):
        return _and(left, right)
    if left.excludes != right.excludes and not (right if left.excludes else left).bounded:
        left, right = left.as_set(), right.as_set()
    return _or(left, right) if isinstance(node, Or) else _xor(left, right)


def _and(left: _Value, right: _Value) -> _Value:
    if left.excludes and right.excludes:
        return _Value(Or(left.node, right.node), bounded=left.bounded and right.bounded, excludes=True)
    if left.excludes:
        left, right = right, left
    if right.excludes:
        return _Value(Minus(left.node, right.node), bounded=left.bounded)
    return _Value(And(left.node, right.node), bounded=left.bounded or right.bounded)


def _or(left: _Value, right: _Value) -> _Value:
    """An exclusion is joined only with another one, or with a bounded set."""
    if left.excludes and right.excludes:
        return _Value(And(left.node, right.node), bounded=left.bounded or right.bounded, excludes=True)
    if left.excludes:
        left, right = right, left
    if right.excludes:
        return _Value(Minus(right.node, left.node), bounded=right.bounded, excludes=True)
    return _Value(Or(left.node, right.node), bounded=left.bounded and right.bounded)


def _xor(left: _Value, right: _Value) -> _Value:
    """As for `_or`."""
    return _Value(
        Xor(left.node, right.node),
        bounded=left.bounded and right.bounded,
        excludes=left.excludes != right.excludes,
    )
