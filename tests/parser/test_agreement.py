"""The fast parser and Typer on random lines: the fast parser reads a line as Typer does, or declines it."""

from hypothesis import event, example, given, settings

from tests.parser.lines import any_lines, help_lines, well_formed_lines
from tests.support.parsing import fast_reading, typer_reading


@settings(max_examples=250, deadline=None)
@given(line=well_formed_lines())
def test_a_well_formed_line_is_read_as_by_typer(line: list[str]) -> None:
    fast = fast_reading(line)
    assert fast is not None
    assert fast == typer_reading(line)


@settings(max_examples=250, deadline=None)
@example(line=["list", "--no-color", "--help"])
@example(line=["list", "--help", "--no-color"])
@example(line=["--help", "list"])
@example(line=["-q", "accounts", "-o", "json"])
@example(line=["get", "-o", "-h"])
@given(line=help_lines())
def test_help_is_read_as_by_typer(line: list[str]) -> None:
    _compare(line)


@settings(max_examples=500, deadline=None)
@example(line=["list", "--limit", "2147483648"])
@example(line=["list", "--sort", "--", "--all"])
@example(line=["get", "--", "--fields", "id"])
@example(line=["get", "-", "VIP"])
@example(line=["list", "-qo"])
@given(line=any_lines())
def test_no_line_is_read_differently_from_typer(line: list[str]) -> None:
    _compare(line)


def _compare(line: list[str]) -> None:
    fast = fast_reading(line)
    event("declined" if fast is None else "read")
    if fast is not None:
        assert fast == typer_reading(line)
