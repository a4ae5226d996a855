"""Modules that are loaded: a plain segment needs neither the parser of expressions nor an evaluation."""

import pytest

from tests.support.command import Segments
from tests.support.modules import HEAVY, loaded, packages

FOR_EXPRESSIONS = {"segcli.operations.evaluation", "segcli.expressions.parser", "segcli.expressions.sampling"}


@pytest.mark.parametrize(
    "arguments",
    [("list", "A"), ("list", "code:A", "--limit", "1", "--after", "3"), ("has", "A", "1")],
    ids=str,
)
def test_a_plain_segment_needs_no_parser(store: Segments, arguments: tuple[str, ...]) -> None:
    modules = loaded(store, "accounts", *arguments)
    assert modules & {*FOR_EXPRESSIONS, "hashlib"} == set()


@pytest.mark.parametrize("arguments", [("list", "A minus B"), ("count", "A minus B")], ids=str)
def test_an_expression_loads_nothing_for_changes(store: Segments, arguments: tuple[str, ...]) -> None:
    modules = loaded(store, "accounts", *arguments)
    assert "segcli.operations.evaluation" in modules
    assert modules & {"segcli.bulk.change", "segcli.bulk.plan", "segcli.operations.memberships"} == set()
    assert packages(modules) & {*HEAVY, "typer", "hashlib"} == set()


def test_only_an_expression_loads_the_evaluation_for_a_change(store: Segments) -> None:
    assert loaded(store, "accounts", "add", "A", "5") & FOR_EXPRESSIONS == set()
    assert "segcli.operations.evaluation" in loaded(store, "accounts", "add", "A", "--from", "B")
