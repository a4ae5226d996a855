"""The quick parser beside Typer, over random lines: it reads as Typer does, or leaves the line."""

from hypothesis import event, example, given, settings

from tests.parser.lines import any_lines, plain_lines
from tests.parser.reading import quick_reading, typer_reading


@settings(max_examples=250, deadline=None)
@given(line=plain_lines())
def test_a_plain_line_is_read_and_as_typer_reads_it(line: list[str]) -> None:
    quick = quick_reading(line)
    assert quick is not None
    assert quick == typer_reading(line)


@settings(max_examples=500, deadline=None)
@example(line=["list", "--limit", "2147483648"])
@example(line=["list", "--sort", "--", "--all"])
@example(line=["get", "--", "--fields", "id"])
@example(line=["get", "-", "VIP"])
@given(line=any_lines())
def test_no_line_is_read_otherwise_than_by_typer(line: list[str]) -> None:
    quick = quick_reading(line)
    event("left to Typer" if quick is None else "read")
    if quick is not None:
        assert quick == typer_reading(line)
