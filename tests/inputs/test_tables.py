"""Files as tables of text: every format has the same rows, and what is no table is an error."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from segcli.errors import UsageError
from segcli.inputs.tables import open_table

Rows = list[tuple[int, tuple[str, ...]]]


def read(path: Path) -> tuple[tuple[str, ...], Rows]:
    """The columns, and every row with its number."""
    with open_table(str(path)) as table:
        rows = [
            (number, tuple(row))
            for batch in table.batches
            for number, row in zip(batch.numbers, batch.rows, strict=True)
        ]
        return table.columns, rows


def written(folder: Path, content: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        (b"a@b.c\n\n# x\n d@e.f \r\nz", [""], [(1, ("a@b.c",)), (4, ("d@e.f",)), (5, ("z",))]),
        (b"E-Mail\na@b.c\n\nx@y\n", ["E-Mail"], [(2, ("a@b.c",)), (4, ("x@y",))]),
        (
            b'email;name\na@b.c;"x\n;y"\nq\nr;s;\n',
            ["email", "name"],
            [(3, ("a@b.c", "x\n;y")), (4, ("q", "")), (5, ("r", "s"))],
        ),
        (b"\xef\xbb\xbfemail,id\na,1", ["email", "id"], [(2, ("a", "1"))]),
        (b'[{"id": 5, "x": [1]}, {"x": null, "t": true}]', ["id", "x", "t"], None),
        (b'["a@b.c", 5]', [""], [(1, ("a@b.c",)), (2, ("5",))]),
        (b'{"id": 5}\n\n{"email": "x"}\n', ["id", "email"], [(1, ("5", "")), (3, ("", "x"))]),
        (b'{"totalCount": 1, "items": [{"email": "x"}]}', ["email"], [(1, ("x",))]),
        (b"", [""], []),
        (b"[]", [""], []),
    ],
    ids=[
        "text",
        "one column",
        "csv",
        "byte order mark",
        "json",
        "values",
        "lines",
        "document",
        "empty",
        "[]",
    ],
)
def test_a_file_is_a_table(tmp_path: Path, content: bytes, columns: Sequence[str], rows: Rows | None) -> None:
    if rows is None:
        rows = [(1, ("5", "[1]", "")), (2, ("", "", "true"))]
    path = written(tmp_path, content)
    assert read(path) == (tuple(columns), rows)
    assert read(written(tmp_path, gzip.compress(content), "packed")) == (tuple(columns), rows)


@pytest.mark.parametrize("count", [9_999, 10_000, 10_001, 25_000])
def test_rows_are_complete_and_in_order_across_batches(tmp_path: Path, count: int) -> None:
    emails = [f"u{number}@example.com" for number in range(count)]
    csv = written(tmp_path, "\n".join(["email,id", *(f"{each},1" for each in emails)]).encode(), "a.csv")
    array = written(tmp_path, json.dumps([{"email": each, "id": 1} for each in emails]).encode(), "a.json")
    text = written(tmp_path, "\n".join(emails).encode(), "a.txt")
    expected = [(number, (email, "1")) for number, email in enumerate(emails, 1)]
    assert read(array) == (("email", "id"), expected)
    assert read(csv)[1] == [(number + 1, row) for number, row in expected]
    assert [row for _, row in read(text)[1]] == [(email,) for email in emails]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"email,name\na,b,c\n", "line 2: 3 values, but the header has 2 columns"),
        (b'[{"a": 1}, 5]', "item 2: expected an object"),
        (
            json.dumps([{"id": 1, "x": "y" * 100}] * 1_000 + [{"id": 2, "email": "a@b.c"}]).encode(),
            "item 1001: the member 'email' is in none of the first objects",
        ),
        (b'[{"a": 1}, null]', "item 2: expected an object"),
        (b"[[1]]", "item 1: expected an object"),
        (b"[null]", "item 1: expected an object"),
        (b'{"a": 1}\nnope\n', "line 2: not valid JSON"),
        (b'[{"a": 1}', "not a valid JSON array"),
        (json.dumps([{f"m{number}": 1 for number in range(1001)}]).encode(), "1,001 members"),
        (b"x" * 100_000, "too long"),
        ("accountId,email\n1,a@b.c\n".encode("utf-16"), "is UTF-16: expected UTF-8"),
        (b'email,name\na@b.c,"Ann\nb@b.c,Bob\n', "line 2: a quotation mark has no second one"),
        (b'email,name\na@b.c,Ann\n\n"b@b.c', "line 4: a quotation mark has no second one"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_table_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(written(tmp_path, content))
    assert message in raised.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read(tmp_path / "missing")
