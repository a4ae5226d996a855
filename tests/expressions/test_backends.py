"""Random expressions on a store, a tenant, and a store that is served, compared with Python's sets."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcli.expressions.tree import All, Node, Nothing, Operand, PatternOperand
from tests.expressions.cases import PRESENT, plain, trees
from tests.support.command import Segments
from tests.support.sets import KNOWN, ON, SETS

PATTERN = PatternOperand("?")
OPERANDS: Mapping[Operand, set[int]] = {
    **{operand: set(SETS[code]) for operand, code in zip(PRESENT, SETS, strict=True)},
    PATTERN: set(KNOWN),
}
TREES = trees(st.sampled_from((*OPERANDS, All(), Nothing())))
FEW = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", params=ON)
def anywhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Segments]:
    with ON[request.param](tmp_path_factory.mktemp("home")) as segments:
        yield segments


def meant(root: Node) -> set[int]:
    return plain(root, OPERANDS, set(KNOWN))


@FEW
@given(roots=st.lists(TREES, min_size=40, max_size=60))
def test_counts_are_those_of_python(anywhere: Segments, roots: list[Node]) -> None:
    texts = list(map(str, roots))
    items = anywhere.ok("accounts", "count", *texts, "-o", "json").json["items"]
    assert items == [
        {"expression": text, "accounts": len(meant(root))} for text, root in zip(texts, roots, strict=True)
    ]


@FEW
@given(root=TREES)
def test_lists_are_those_of_python(anywhere: Segments, root: Node) -> None:
    document = anywhere.ok("accounts", "list", str(root), "-o", "json").json
    assert document == {"totalCount": len(meant(root)), "items": sorted(meant(root))}
