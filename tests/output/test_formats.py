"""Each format: it preserves names, escapes control characters on a terminal, and handles empty results."""

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
import yaml

from segcli.model import SegmentDraft
from segcli.output import FORMATS, write
from segcli.output.presentation import Presentation
from segcli.result import ACCOUNT_ID, Result, columns_of, record, result_of
from tests.support.command import Segments
from tests.support.names import NASTY
from tests.support.stores import fill

Rows = list[tuple[str, str]]  # a segment's code, and its name

# What a terminal acts on: C0 except newline, DEL, C1, and bidirectional marks.
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
COLOR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds each nasty text as code, name and description."""
    segments = Segments(tmp_path_factory.mktemp("nasty"))
    fill(segments, (SegmentDraft(text, text, text) for text in NASTY.values()))
    return segments


def from_json(text: str) -> Rows:
    return [(item["code"], item["name"]) for item in json.loads(text)["items"]]


def from_jsonl(text: str) -> Rows:
    items = [json.loads(line) for line in text.removesuffix("\n").split("\n")]
    return [(item["code"], item["name"]) for item in items]


def from_yaml(text: str) -> Rows:
    return [(item["code"], item["name"]) for item in yaml.safe_load(text)["items"]]


def from_csv(text: str) -> Rows:
    return [(row["code"], row["name"]) for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]


def from_tsv(text: str) -> Rows:
    rows = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
    return [(unescape(row[1]), unescape(row[2])) for row in rows]


def unescape(cell: str) -> str:
    """A cell of TSV as its text; its escapes are those of Python."""
    return re.sub(r"\\(?:[tnr\\]|x..|u....)", lambda m: m[0].encode().decode("unicode_escape"), cell)


READERS: dict[str, Callable[[str], Rows]] = {
    "json": from_json,
    "jsonl": from_jsonl,
    "yaml": from_yaml,
    "csv": from_csv,
    "tsv": from_tsv,
}


@pytest.mark.parametrize("format", READERS)
def test_names_survive_in_a_pipe(nasty: Segments, format: str) -> None:
    written = nasty.raw("list", "--all", "-o", format).stdout.decode()
    assert READERS[format](written) == [(text, text) for text in NASTY.values()]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_survives_in_a_single_object(nasty: Segments, name: str) -> None:
    segment_id = list(NASTY).index(name) + 1
    written = nasty.raw("get", str(segment_id), "-o", "yaml").stdout.decode()
    assert yaml.safe_load(written)["name"] == NASTY[name]


def test_names_survive_argv(segments: Segments) -> None:
    texts = [text for text in NASTY.values() if "\x00" not in text]
    for text in texts[:12]:
        segments.ok("add", "--name", text, "--", text)
    assert from_json(segments.ok("list", "-o", "json").stdout) == [(text, text) for text in texts[:12]]


@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_json_on_a_terminal_has_the_same_content(nasty: Segments, format: str) -> None:
    shown = nasty.shown("list", "--all", "-o", format).stdout
    assert READERS[format](shown) == [(text, text) for text in NASTY.values()]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("arguments", [("list", "--all"), ("get", "11", "15", "12")], ids=" ".join)
def test_control_characters_are_escaped_on_a_terminal(
    nasty: Segments, arguments: tuple[str, ...], format: str
) -> None:
    shown = nasty.shown(*arguments, "-o", format, columns=200).stdout
    if format == "table":
        shown = COLOR.sub("", shown)
    elif format == "tsv":
        shown = shown.replace("\t", " ")
    elif format == "csv":
        shown = shown.replace("\r\n", "\n")
    assert CONTROLS.findall(shown) == []


@pytest.mark.parametrize("name", [name for name in NASTY if CONTROLS.search(NASTY[name])])
def test_control_characters_are_escaped_in_the_table_of_one_object(nasty: Segments, name: str) -> None:
    shown = nasty.shown("get", str(list(NASTY).index(name) + 1), "-o", "table").stdout
    assert CONTROLS.findall(COLOR.sub("", shown)) == []
    assert "\x1b[31m" not in shown


@pytest.mark.parametrize("format", ["table", "tsv", "csv", "json", "yaml"])
@pytest.mark.parametrize(
    "query", ["items[].{QUOTED: name}", "{QUOTED: totalCount}", "items[].{name: QUOTED}"]
)
def test_control_characters_in_a_query_are_escaped(nasty: Segments, query: str, format: str) -> None:
    query = query.replace("QUOTED", '"\\u001b[31m"')
    shown = nasty.shown("list", "--query", query, "-o", format).stdout
    assert "\x1b[31m" not in shown


@pytest.mark.parametrize("format", FORMATS)
def test_no_format_writes_escape_sequences_to_a_pipe(vip: Segments, format: str) -> None:
    assert "\x1b" not in vip.ok("list", "-o", format).stdout


@pytest.mark.parametrize(("format", "records"), [("jsonl", 450), ("tsv", 450), ("csv", 451)])
def test_each_record_is_one_line(pages: Segments, format: str, records: int) -> None:
    assert pages.raw("list", "--all", "-o", format).stdout.count(b"\n") == records


def test_csv_follows_rfc_4180(vip: Segments) -> None:
    written = vip.raw("get", "VIP", "--fields", "id,code,name", "-o", "csv").stdout
    assert written == b"id,code,name\r\n1,VIP,Very important\r\n"


def test_json_is_compact_in_a_pipe_and_indented_on_a_terminal(vip: Segments) -> None:
    arguments = ("get", "VIP", "--fields", "id,code", "-o", "json")
    assert vip.ok(*arguments).stdout == '{"id":1,"code":"VIP"}\n'
    assert vip.shown(*arguments).stdout == '{\n  "id": 1,\n  "code": "VIP"\n}\n'


def test_json_is_utf_8_without_escapes(segments: Segments) -> None:
    segments.ok("add", "ÉLITE 👑")
    assert "ÉLITE 👑" in segments.ok("get", "1", "-o", "json").stdout


@pytest.mark.parametrize("query", ['to_number(`"nan"`)', 'to_number(`"1e999"`)'])
def test_json_stays_valid_if_a_query_produces_no_number(vip: Segments, query: str) -> None:
    done = vip("list", "--query", query, "-o", "json")
    assert done.code == 2
    assert "NaN" not in done.stdout
    assert "Infinity" not in done.stdout


HEADER = "id,code,name,description,createDate,updateDate,createBy,updateBy\r\n"
EMPTY = {
    "json": '{"startIndex":0,"pageSize":20,"pageCount":0,"totalCount":0,"items":[]}\n',
    "jsonl": "",
    "csv": HEADER,
    "tsv": "",
    "yaml": "startIndex: 0\npageSize: 20\npageCount: 0\ntotalCount: 0\nitems: []\n",
    "id": "",
    "code": "",
    "table": "",
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("more", [(), ("--all", "--page-size", "20")], ids=["page", "all"])
def test_an_empty_collection(segments: Segments, format: str, more: tuple[str, ...]) -> None:
    done = segments.raw("list", *more, "-o", format)
    assert (done.returncode, done.stdout.decode()) == (0, EMPTY[format])
    assert bool(done.stderr) == (format == "table")


COLUMNS = columns_of(["id", "code"])
EMPTY_RESULTS = {
    "a list": Result([], COLUMNS, "list"),
    "a collection without a head": Result([], COLUMNS),
    "a list without columns": Result([], (), "list"),
    "a list of ids": Result([], (ACCOUNT_ID,), "list", id_blocks=[]),
    "a collection of ids": Result(
        [], (ACCOUNT_ID,), "collection", {"totalCount": 0}, id_blocks=iter(()), tail=lambda: {"more": False}
    ),
    "an object without members": record({}),
    "null": result_of(None),
}
EMPTY_DOCUMENTS: dict[str, object] = {
    "a list": [],
    "a collection without a head": {"items": []},
    "a list without columns": [],
    "a list of ids": [],
    "a collection of ids": {"totalCount": 0, "items": [], "more": False},
    "an object without members": {},
    "null": None,
}


def written(result: Result, format: str, *, terminal: bool) -> str:
    stream = io.StringIO()
    messages: list[str] = []
    write(result, stream, Presentation(format, messages.append, terminal=terminal))
    assert messages in ([], ["no results"])
    return stream.getvalue()


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", EMPTY_RESULTS)
def test_an_empty_result(name: str, format: str, terminal: bool) -> None:
    result = EMPTY_RESULTS[name]
    if result.id_blocks is not None:
        result = result._replace(id_blocks=list(result.id_blocks))
    text = written(result, format, terminal=terminal)
    if format == "json":
        assert json.loads(text) == EMPTY_DOCUMENTS[name]
    elif format == "yaml":
        assert yaml.safe_load(text) == EMPTY_DOCUMENTS[name]
    elif format == "csv":
        header = ",".join(column.name for column in result.columns)
        assert text == (f"{header}\r\n" if header else "")
    elif format == "jsonl" and result.shape == "object":
        assert json.loads(text) == EMPTY_DOCUMENTS[name]
    else:
        assert text.strip("\n") == ""


@pytest.mark.parametrize("format", FORMATS)
def test_a_result_without_a_column_of_that_name(vip: Segments, format: str) -> None:
    done = vip("list", "--query", "items[].{name: name, by: auditInfo.createBy}", "-o", format)
    assert done.code == (2 if format in ("id", "code") else 0)


def test_the_default_is_tsv_in_a_pipe_and_a_table_on_a_terminal(vip: Segments) -> None:
    assert vip.ok("list").stdout == vip.ok("list", "-o", "tsv").stdout
    assert vip.shown("list").stdout == vip.shown("list", "-o", "table").stdout


@pytest.mark.parametrize(
    ("query", "format", "expected"),
    [
        ("items[].[code, id]", "tsv", "VIP\t1\n"),
        ("items[].[code, id]", "csv", "value1,value2\r\nVIP,1\r\n"),
        ("items[].[code, id]", "json", '[["VIP",1]]\n'),
        ("items[].[code, id]", "table", "value1  value2\nVIP          1\n"),
        ("items[].[code, description, id]", "tsv", "VIP\t\t1\n"),
        ("[items[].code, items[].[code, id][]]", "tsv", "VIP\t\nVIP\t1\n"),
        ("items[].[code, auditInfo]", "tsv", None),
        ("items[].[code]", "code", "VIP\n"),
        ("items[0].[code, id]", "tsv", "VIP\n1\n"),
    ],
)
def test_a_query_for_lists_of_values_is_a_table(
    segments: Segments, query: str, format: str, expected: str | None
) -> None:
    segments.ok("add", "VIP")
    shown = segments.ok("list", "--query", query, "-o", format).stdout
    if expected is None:
        assert shown.startswith('["VIP",{')
    else:
        assert shown == expected
