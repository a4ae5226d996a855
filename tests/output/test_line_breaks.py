"""TSV, CSV and -o code: whatever a program takes for the end of a line is escaped or quoted."""

import csv
import io

import pytest

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.stores import fill

BREAKS = ["\r", "\n", "\v", "\f", "\x85", "\u2028", "\u2029"]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds a segment for each line break."""
    segments = Segments(tmp_path_factory.mktemp("broken"))
    fill(segments, (SegmentDraft(f"C{n}", f"a{text}b") for n, text in enumerate(BREAKS)))
    return segments


def test_tsv_escapes_each(broken: Segments) -> None:
    written = broken.raw("list", "--fields", "name", "-o", "tsv").stdout.decode()
    assert written.splitlines() == written.removesuffix("\n").split("\n")
    assert written.split("\n")[:-1] == [
        "a\\rb", "a\\nb", "a\\x0bb", "a\\x0cb", "a\\x85b", "a\\u2028b", "a\\u2029b",
    ]  # fmt: skip


def test_csv_quotes_each(broken: Segments) -> None:
    written = broken.raw("list", "--fields", "name,code", "-o", "csv").stdout.decode()
    assert all(f'"a{text}b",C{n}\r\n' in written for n, text in enumerate(BREAKS))
    rows = list(csv.reader(io.StringIO(written, newline=""), strict=True))[1:]
    assert [name for name, _ in rows] == [f"a{text}b" for text in BREAKS]


def test_csv_is_what_the_csv_module_writes(segments: Segments) -> None:
    texts = ["plain", 'say "hi"', "a,b", "a\r\nb", " x ", "é", "", None, "=1", '"']
    fill(segments, (SegmentDraft(f"C{n}", text) for n, text in enumerate(texts)))
    for fields in ("code,name", "name"):
        expected = io.StringIO()
        names = [[f"C{n}", text or ""][-len(fields.split(",")) :] for n, text in enumerate(texts)]
        csv.writer(expected).writerows([fields.split(","), *names])
        written = segments.raw("list", "--all", "--fields", fields, "-o", "csv").stdout.decode()
        assert written == expected.getvalue()


def test_a_code_with_a_line_break_is_an_id(segments: Segments) -> None:
    fill(segments, (SegmentDraft(f"a{text}b") for text in BREAKS))
    lines = segments.raw("list", "-o", "code").stdout.decode().splitlines()
    assert lines == [f"id:{n}" for n in range(1, len(BREAKS) + 1)]


def test_other_control_characters_are_unchanged_in_a_pipe(segments: Segments) -> None:
    segments.ok("add", "VIP", "--name", "\x1b[31m\x07")
    for format in ("tsv", "csv"):
        assert b"\x1b[31m\x07" in segments.raw("list", "-o", format).stdout
        assert "\x1b[31m" not in segments.shown("list", "-o", format).stdout
