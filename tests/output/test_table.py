"""The table: it fits the terminal, cuts or folds text, names the columns it leaves out, respects NO_COLOR."""

import re
from datetime import datetime, timedelta
from unicodedata import combining, east_asian_width

import pytest

from segcli.model import SegmentDraft
from segcli.result import SEGMENT_COLUMNS
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
def test_wide_folds_long_text_without_loss(wide: Segments, index: int, columns: int) -> None:
    line = f"segments list --wide --filter 'id eq {index + 1}' --fields name --no-color"
    shown = on_terminal(wide, line, columns).stdout
    assert letters(shown) == "name" + letters(NAMES[index])


def test_text_is_folded_between_words(wide: Segments) -> None:
    shown = on_terminal(wide, "segments list --wide --filter 'id eq 1' --fields name --no-color", 40).stdout
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
    missing = [column.name for column in SEGMENT_COLUMNS if column.name not in heading]
    assert done.stderr == f"not shown: {', '.join(missing)}; --wide shows every column\n"
    assert heading[:1] == ["id"]


def test_a_narrow_terminal_leaves_out_columns(wide: Segments) -> None:
    assert "updateDate" in on_terminal(wide, "segments list", 20).stderr


def test_a_terminal_with_room_for_everything_shows_all_columns(wide: Segments) -> None:
    done = on_terminal(wide, "segments list --filter 'id eq 4' --no-color", 400)
    assert done.stdout.splitlines()[0].split() == [column.name for column in SEGMENT_COLUMNS]
    assert done.stderr == ""


def test_selected_columns_that_fit_need_no_message(wide: Segments) -> None:
    assert on_terminal(wide, "segments list --fields id,name", 80).stderr == ""


def test_the_variable_columns_sets_the_width(wide: Segments) -> None:
    narrow = without_color(on_terminal(wide, "segments list", 200, COLUMNS="50").stdout)
    assert max(width(row) for row in narrow.splitlines()) <= 50
    piped = wide.ok("list", "-o", "table", "--fields", "id,name", COLUMNS="50").lines
    shown = on_terminal(wide, "segments list --fields id,name --wide", 200, COLUMNS="50").stdout
    assert piped == without_color(shown).splitlines()


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


@pytest.mark.parametrize("columns", WIDTHS)
def test_each_segment_has_one_line(wide: Segments, columns: int) -> None:
    rows = on_terminal(wide, "segments list --no-color", columns).stdout.splitlines()
    assert len(rows) == len(NAMES) + 1
    assert any("…" in row for row in rows) or columns == 200


def test_long_text_ends_in_an_ellipsis(wide: Segments) -> None:
    rows = on_terminal(wide, "segments list --fields id,name --no-color", 20).stdout.splitlines()
    assert [row.rstrip() for row in rows] == [
        "id  name",
        " 1  A long name wit…",
        " 2  重要なお客様重…",
        f" 3  {'é' * 15}…".replace("é", "e\u0301"),
        " 4  👑👑👑👑👑👑👑…",
        f" 5  {'W' * 15}…",
    ]


def test_a_table_in_a_pipe_is_not_cut(wide: Segments) -> None:
    assert "…" not in wide.ok("list", "-o", "table").stdout


@pytest.mark.parametrize("command", ["list", "get CODE-0 CODE-1", "accounts of 7"])
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_wide_shows_every_column_in_full(wide: Segments, command: str, columns: int) -> None:
    wide("accounts", "add", "CODE-0", "7")
    done = on_terminal(wide, f"segments {command} --wide --no-color", columns)
    names = [column.name for column in SEGMENT_COLUMNS]
    rows = done.stdout.splitlines()
    assert (done.stderr, "…" in done.stdout) == ("", False)
    if columns == 200:
        assert rows[0].split() == names
    else:  # no room for a table: a record each
        count = {"list": len(NAMES), "get CODE-0 CODE-1": 2, "accounts of 7": 1}[command]
        records = done.stdout.split("\n\n")
        assert len(records) == count
        for record in records:
            assert [row.split()[0] for row in record.splitlines() if row[0] != " "] == names
        assert letters(NAMES[0]) in letters(records[0])
        assert max(map(width, rows)) <= columns


DATE = r"\b\d{4}-\d\d-\d\d \d\d:\d\d(?!:)"


@pytest.mark.parametrize("command", ["list", "get CODE-1", "get CODE-1 CODE-2"])
@pytest.mark.parametrize("full", [False, True], ids=["short", "wide"])
def test_dates_on_a_terminal_are_local(wide: Segments, command: str, full: bool) -> None:
    """To the minute in rows; in full, with milliseconds and the offset, in a record and with --wide."""
    segment = wide.ok("get", "CODE-1", "-o", "json").json
    utc = datetime.fromisoformat(segment["auditInfo"]["updateDate"])
    local = (utc - timedelta(hours=5)).strftime("%Y-%m-%d %H:%M")
    shown = on_terminal(wide, f"segments {command}{' --wide' * full}", 200, TZ="UTC+5").stdout
    if full or command == "get CODE-1":
        assert re.search(rf"{local}:\d\d\.\d{{3}}-05:00", shown)
    else:
        assert re.search(rf"{local}(?!:)", shown)


@pytest.mark.parametrize("format", ["json", "csv", "tsv", "yaml", "jsonl"])
def test_dates_for_programs_are_unchanged(wide: Segments, format: str) -> None:
    assert not re.search(DATE, on_terminal(wide, f"segments list -o {format}", 200).stdout)
    assert not re.search(DATE, wide.ok("list", "-o", format).stdout)


def test_text_that_looks_like_a_date_is_text(segments: Segments) -> None:
    segments.ok("add", "A", "--name", "2026-01-02T03:04:05.678Z")
    assert "2026-01-02T03:04:05.678Z" in on_terminal(segments, "segments list", 120).stdout


@pytest.mark.parametrize("columns", [30, 40])
def test_names_of_a_record_stay_whole_in_a_narrow_terminal(segments: Segments, columns: int) -> None:
    segments.ok("add", "VIP", "--description", "a very long description of many words")
    names = [line.split(" ")[0] for line in segments.shown("get", "VIP", columns=columns).lines]
    assert [name for name in names if name] == [
        "id", "code", "name", "description", "createDate", "updateDate", "createBy", "updateBy",
    ]  # fmt: skip
