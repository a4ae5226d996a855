"""A tree is printed as text that parses to the same tree."""

from hypothesis import given, settings

from segcli.expressions.assertions import COMPARISONS, parse_assertion
from segcli.expressions.parse import parse
from segcli.expressions.tree import Node, operands
from tests.expressions.cases import OPERANDS, trees


@settings(max_examples=1000, deadline=None)
@given(tree=trees(OPERANDS))
def test_a_printed_tree_parses_to_itself(tree: Node) -> None:
    printed = str(tree)
    assert parse(printed).root == tree
    assert hash(parse(printed).root) == hash(tree)
    assert str(parse(printed).root) == printed
    assert parse(printed).operands == operands(tree)


@settings(max_examples=300, deadline=None)
@given(left=trees(OPERANDS, 4), right=trees(OPERANDS, 4))
def test_a_printed_assertion_parses_to_itself(left: Node, right: Node) -> None:
    for comparison in COMPARISONS:
        for compared in ("7", f"12.50% of {right}"):
            printed = f"{left} {comparison} {compared}"
            assertion = parse_assertion(printed)
            assert str(assertion) == printed
            assert assertion.expression.root == left
            assert parse(f"({assertion.expression.text})").root == left
