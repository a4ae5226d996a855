"""The table: it fits the terminal, folds long text, names the columns it leaves out, respects NO_COLOR."""

import re
from unicodedata import combining, east_asian_width

import pytest

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.shell import on_terminal
from tests.support.stores import fill

WIDTHS = (20, 40, 80, 200)
NAMES = (
    "A long name with many words that go on and on until no terminal can hold them in a line",
    "重要なお客様重要なお客様重要なお客様重要なお客様重要なお客様",
    "e\u0301" * 60,
    "👑" * 40,
    "W" * 150,
)
PLAIN = [
    {"NO_COLOR": "1"},
    {"TERM": "dumb"},
    {"SEGMENTS_NO_COLOR": "1"},
]


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds text wider than a terminal."""
    segments = Segments(tmp_path_factory.mktemp("wide"))
    fill(segments, (SegmentDraft(f"CODE-{n}", name, name) for n, name in enumerate(NAMES)))
    return segments


def width(text: str) -> int:
    """How many columns `text` takes on a terminal."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def without_color(text: str) -> str:
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def letters(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("line", ["segments list", "segments get CODE-1", "segments get CODE-0 CODE-3"])
def test_no_line_is_wider_than_the_terminal(wide: Segments, line: str, columns: int) -> None:
    shown = without_color(on_terminal(wide, line, columns).stdout)
    assert max(width(row) for row in shown.splitlines()) <= columns


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("index", range(len(NAMES)))
def test_long_text_is_folded_without_loss(wide: Segments, index: int, columns: int) -> None:
    line = f"segments list --filter 'id eq {index + 1}' --fields name --no-color"
    shown = on_terminal(wide, line, columns).stdout
    assert letters(shown) == "name" + letters(NAMES[index])


def test_text_is_folded_between_words(wide: Segments) -> None:
    shown = on_terminal(wide, "segments list --filter 'id eq 1' --fields name --no-color", 40).stdout
    words = [word for row in shown.splitlines()[1:] for word in row.split()]
    assert words == NAMES[0].split()


def test_a_record_shows_every_field_on_a_narrow_terminal(wide: Segments) -> None:
    shown = on_terminal(wide, "segments get CODE-4 --no-color", 40).stdout
    for field in ("id", "code", "name", "description", "createDate", "updateDate", "createBy", "updateBy"):
        assert re.search(f"^{field}\\b", shown, re.MULTILINE)


@pytest.mark.parametrize("columns", WIDTHS)
def test_columns_left_out_are_named(wide: Segments, columns: int) -> None:
    done = on_terminal(wide, "segments list --no-color", columns)
    heading = done.stdout.splitlines()[0].split()
    missing = [name for name in ("id", "code", "name", "description", "updateDate") if name not in heading]
    assert all(name in done.stderr for name in missing)
    assert bool(missing) == bool(done.stderr)
    assert heading[:1] == ["id"]


def test_a_narrow_terminal_leaves_out_columns(wide: Segments) -> None:
    assert "updateDate" in on_terminal(wide, "segments list", 20).stderr


def test_a_wide_terminal_shows_all_columns(wide: Segments) -> None:
    assert on_terminal(wide, "segments list", 80).stderr == ""


def test_the_variable_columns_sets_the_width(wide: Segments) -> None:
    narrow = without_color(on_terminal(wide, "segments list", 200, COLUMNS="50").stdout)
    assert max(width(row) for row in narrow.splitlines()) <= 50
    piped = wide.ok("list", "-o", "table", COLUMNS="50").stdout
    assert piped.splitlines() == narrow.splitlines()


def test_a_table_in_a_pipe_is_as_wide_as_its_text(wide: Segments) -> None:
    rows = wide.ok("list", "-o", "table").lines
    assert len(rows) == len(NAMES) + 1
    assert NAMES[0] in rows[1]


@pytest.mark.parametrize("columns", ["0", "-5", "x", "", "٣", "1" * 5000])
def test_an_invalid_columns_is_ignored(wide: Segments, columns: str) -> None:
    shown = without_color(on_terminal(wide, "segments list", 80, COLUMNS=columns).stdout)
    assert max(width(row) for row in shown.splitlines()) <= 80


@pytest.mark.parametrize("columns", ["1", "2", "7"])
def test_a_terminal_of_a_few_columns_is_not_an_error(wide: Segments, columns: str) -> None:
    done = wide("list", "-o", "table", COLUMNS=columns)
    assert done.code == 0
    assert "CODE" not in done.stderr


def test_headings_are_bold_on_a_terminal(wide: Segments) -> None:
    assert "\x1b[1mid  code" in wide.shown("list").stdout


@pytest.mark.parametrize("env", PLAIN, ids=str)
def test_no_escape_sequences_without_color(wide: Segments, env: dict[str, str]) -> None:
    assert "\x1b" not in wide.shown("list", columns=80, **env).stdout
    assert "\x1b" not in wide.shown("get", "nope", columns=80, **env).stdout


@pytest.mark.parametrize("arguments", [("--no-color", "list"), ("list", "--no-color")], ids=" ".join)
def test_no_color_has_an_option(wide: Segments, arguments: tuple[str, ...]) -> None:
    assert "\x1b" not in wide.shown(*arguments).stdout
    assert "\x1b" not in wide.shown("get", "nope", "--no-color").stdout


@pytest.mark.parametrize("env", PLAIN, ids=str)
def test_help_respects_no_color(segments: Segments, env: dict[str, str]) -> None:
    assert "\x1b" not in segments.shown("list", "--help", columns=80, **env).stdout


def test_an_empty_no_color_is_ignored(wide: Segments) -> None:
    assert "\x1b[" in wide.shown("list", NO_COLOR="").stdout


def test_markup_is_literal(segments: Segments) -> None:
    segments.ok("add", "[bold]x[/bold]", "--name", "[red]", "--description", "[/] :smile: [link=x]y")
    for arguments in (("list",), ("get", "1")):
        shown = segments.shown(*arguments, columns=120).stdout
        for text in ("[bold]x[/bold]", "[red]", "[/] :smile: [link=x]y"):
            assert text in shown


def test_numbers_are_right_aligned(pages: Segments) -> None:
    rows = pages.ok("list", "--start-index", "98", "--page-size", "2", "-o", "table").lines
    assert [row[:4] for row in rows] == [" id ", " 99 ", "100 "]


def test_an_empty_result_is_reported_on_stderr(segments: Segments) -> None:
    done = on_terminal(segments, "segments list")
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr == "no results\n"
