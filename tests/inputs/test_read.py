"""Files of account ids: every format, and the place of every invalid value."""

import gzip
import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.inputs.collect import collect
from segcli.inputs.reader import read_accounts
from segcli.inputs.records import read_csv
from segcli.inputs.rejects import Invalid, refuse
from segcli.inputs.text_lines import read_lines

GOOD: dict[str, tuple[str, bytes, list[int]]] = {
    "text": ("a.txt", b"1\n2\n3\n", [1, 2, 3]),
    "no newline at the end": ("a.txt", b"1\n2", [1, 2]),
    "blank lines and comments": ("a.txt", b"# ids\n\n1\n  \n# more\n2\n", [1, 2]),
    "white space around": ("a.txt", b" 1 \n\t2\t\n", [1, 2]),
    "CRLF": ("a.txt", b"1\r\n2\r\n", [1, 2]),
    "a byte order mark": ("a.txt", b"\xef\xbb\xbf1\n2\n", [1, 2]),
    "leading zeros": ("a.txt", b"007\n0000000000000001\n", [7, 1]),
    "the largest": ("a.txt", b"2147483647\n1\n", [2147483647, 1]),
    "duplicates": ("a.txt", b"1\n1\n", [1, 1]),
    "an empty file": ("a.txt", b"", []),
    "only comments": ("a.txt", b"# a, b\n", []),
    "CSV by its name": ("a.csv", b"customer\n1\n2\n", [1, 2]),
    "CSV by a known column": ("a", b"accountId\n1\n", [1]),
    "CSV by its delimiter": ("a", b"name,account_id\nx,1\n", [1]),
    "the first known column": ("a.csv", b"id,accountId\n1,2\n", [2]),
    "semicolons": ("a.csv", b"id;name\n1;x,y\n", [1]),
    "tabs": ("a.tsv", b"id\tname\n1\tx\n", [1]),
    "bars": ("a.csv", b"id|name\n1|x\n", [1]),
    "quotes": ("a.csv", b'name,"id"\n"a, ""b""\nc","1"\nd, 2 \n', [1, 2]),
    "CSV with a byte order mark and CRLF": ("a.csv", b"\xef\xbb\xbfid,name\r\n1,x\r\n\r\n2,y\r\n", [1, 2]),
    "CSV that is not UTF-8": ("a.csv", b"id,name\n1,caf\xe9\n", [1]),
    "a JSON array": ("a.json", b" [1, 2,\n3]", [1, 2, 3]),
    "an empty JSON array": ("a.json", b"[]", []),
    "a JSON array of objects": ("a.json", b'[{"id": 1}, {"accountId": 2, "id": 9}, 3]', [1, 2, 3]),
    "strings of digits in JSON": ("a.json", b'["1", " 02 ", {"id": "3"}, 4]', [1, 2, 3, 4]),
    "strings of digits in JSON lines": ("a.jsonl", b'{"id": "1"}\n"2"\n', [1, 2]),
    "a JSON document": ("a.json", b'{"totalCount":3,"items":[1,2,3]}\n', [1, 2, 3]),
    "an indented JSON document": (
        "a.json",
        b'{\n  "totalCount": 2,\n  "items": [\n    1,\n    {"accountId": 2}\n  ],\n  "more": false\n}\n',
        [1, 2],
    ),
    "an empty JSON document": ("a.json", b'{"totalCount":0,"items":[]}\n', []),
    "JSON lines with items": ("a.jsonl", b'{"id": 5, "items": [1]}\n{"items": [2], "id": 6}\n', [5, 6]),
    "a YAML document": ("a.yaml", b"totalCount: 2\nitems:\n- 1\n- 2\n", [1, 2]),
    "an empty YAML document": ("a.yaml", b"totalCount: 0\nitems: []\n", []),
    "JSON lines": ("a.jsonl", b'{"accountId": 1}\n\n{"account_id": 2}\n{"id": 3}\n4\n', [1, 2, 3, 4]),
}


@pytest.mark.parametrize(("name", "content", "ids"), GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_file_is_read(tmp_path: Path, name: str, content: bytes, ids: list[int], zipped: bool) -> None:
    path = tmp_path / (f"{name}.gz" if zipped else name)
    path.write_bytes(gzip.compress(content) if zipped else content)
    blocks = read_accounts(str(path), column=None, reject=refuse)
    assert [account_id for block in blocks for account_id in block] == ids


BAD: dict[str, tuple[str, bytes, list[tuple[str, str]]]] = {
    "text": ("a.txt", b"1\nabc\n2\n0\n-1\n", [("line 2", "abc"), ("line 4", "0"), ("line 5", "-1")]),
    "too large": ("a.txt", b"2147483648\n", [("line 1", "2147483648")]),
    "far too large": ("a.txt", b"1\n" + b"9" * 5000 + b"\n", [("line 2", "9" * 5000)]),
    "two on a line": ("a.txt", b"1 2\n", [("line 1", "1 2")]),
    "what int() would accept": (
        "a.txt",
        b"1_0\n+1\n1.0\n",
        [("line 1", "1_0"), ("line 2", "+1"), ("line 3", "1.0")],
    ),
    "other digits": ("a.txt", "\u0661\n".encode(), [("line 1", "\u0661")]),
    "not UTF-8": ("a.txt", b"1\n\xff\n", [("line 2", "\\xff")]),
    "CSV": ("a.csv", b'id,n\nx,1\n1,"a\nb"\n,2\n', [("line 2", "x"), ("line 5", "")]),
    "a short row": ("a.csv", b"n,id\nx\ny,1\n", [("line 2", "")]),
    "JSON lines": (
        "a.jsonl",
        b'{"id": "x"}\n{"name": 2}\n{\n{"id": true}\n{"id": 5}\n',
        [("line 1", '{"id": "x"}'), ("line 2", '{"name": 2}'), ("line 3", "{"), ("line 4", '{"id": true}')],
    ),
    "a JSON document": ("a.json", b'{"items": [1, {"code": "VIP"}, "x"]}', [
        ("item 2", '{"code": "VIP"}'), ("item 3", '"x"'),
    ]),
    "a YAML document": ("a.yaml", b"totalCount: 3\nitems:\n- 1\n- x\n- id: 5\n", [
        ("line 4", "x"), ("line 5", "id: 5"),
    ]),
    "a JSON array": ("a.json", b'[1, "+2", null, 1.5, [3], 4]', [
        ("item 2", '"+2"'), ("item 3", "null"), ("item 4", "1.5"), ("item 5", "[3]"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "bad"), BAD.values(), ids=BAD)
def test_an_invalid_value_is_reported_with_its_place(
    tmp_path: Path, name: str, content: bytes, bad: list[tuple[str, str]]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    rejected: list[Invalid] = []
    good = [i for block in read_accounts(str(path), column=None, reject=rejected.append) for i in block]
    assert [(invalid.place, invalid.text) for invalid in rejected] == [
        (f"{path}, {place}", text) for place, text in bad
    ]
    assert all(1 <= account_id <= 2147483647 for account_id in good)
    with pytest.raises(UsageError, match=bad[0][0]):
        list(read_accounts(str(path), column=None, reject=refuse))


BROKEN: dict[str, tuple[str, bytes, str | None, str]] = {
    "no known column": (
        "a.csv",
        b"name,customer\nx,1\n",
        None,
        "none of the columns accountId, account_id, id",
    ),
    "no such column": ("a.csv", b"name,customer\nx,1\n", "vip", "no column 'vip'"),
    "half a document": ("a.json", b'{"items": [1, 2', None, "after item 1: not a valid JSON array"),
    "a document without its end": ("a.json", b'{"items": [1, 2]', None, "not the end of an object"),
    "two documents": ("a.json", b'{"items": [1]}\n{"items": [2]}', None, "not the end of an object"),
    "an object with items and an id": (
        "a.json",
        b'{"items": [1], "accountId": 5}',
        None,
        "the object around it has the member accountId too",
    ),
    "half an array": ("a.json", b"[1, 2", None, "not a valid JSON array"),
    "a broken gzip": ("a.gz", gzip.compress(b"1\n2\n")[:-4], None, "cannot read"),
    "a line without an end": ("a.txt", b"1" * 200_000, None, "too long"),
}


@pytest.mark.parametrize(("name", "content", "column", "message"), BROKEN.values(), ids=BROKEN)
def test_an_unreadable_file_is_a_usage_error(
    tmp_path: Path, name: str, content: bytes, column: str | None, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        list(read_accounts(str(path), column=column, reject=refuse))


def test_a_column_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,customer no\n1,7\n2,8\n")
    blocks = read_accounts(str(path), column="customer no", reject=refuse)
    assert [account_id for block in blocks for account_id in block] == [7, 8]


LINES = st.lists(
    st.integers(-2, 2**31 + 1).map(str)
    | st.sampled_from(["", "#", " 5", "x", "1 2", "1_0", "+3", "\r", "0007", "9" * 30]),
    max_size=30,
)


@settings(deadline=None)
@given(LINES, st.booleans())
def test_the_fast_path_and_the_slow_path_agree(lines: list[str], ended: bool) -> None:
    """Lines in one block give the same as each line in its own block."""
    text = "\n".join(lines) + ("\n" if ended else "")

    def read(content: str) -> tuple[list[int], int]:
        rejected: list[Invalid] = []
        blocks = read_lines("a", io.BytesIO(content.encode()), rejected.append)
        return [account_id for block in blocks for account_id in block], len(rejected)

    whole = read(text)
    apart = [read(line) for line in lines]
    assert whole == ([i for ids, _ in apart for i in ids], sum(count for _, count in apart))


def test_lines_are_whole_and_counted_across_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    ids = [random.Random(3).randrange(1, 2**31) for _ in range(100_000)]
    path.write_text("".join(f"{account_id}\n" for account_id in ids) + "x\n")
    rejected: list[Invalid] = []
    blocks = list(read_accounts(str(path), column=None, reject=rejected.append))
    assert [account_id for block in blocks for account_id in block] == ids
    assert len(blocks) > 2
    assert rejected == [Invalid(f"{path}, line 100001", "x", "not a valid account id")]


CELLS = st.lists(
    st.integers(-2, 2**31 + 1).map(str)
    | st.sampled_from([" 5 ", "", "x", "1_0", "+3", "0007", "\u0661", '"4\n4"', '"8"', "9" * 5000]),
    max_size=20,
)


@settings(deadline=None)
@given(CELLS)
def test_a_column_in_one_block_and_in_many_gives_the_same(cells: list[str]) -> None:
    def read(cells: list[str]) -> tuple[list[int], list[str]]:
        rejected: list[Invalid] = []
        content = "".join(f"{cell},x\n" for cell in ["id", *cells])
        blocks = read_csv("a", io.BytesIO(content.encode()), rejected.append, column=None, delimiter=",")
        return [account_id for block in blocks for account_id in block], [
            invalid.text for invalid in rejected
        ]

    apart = [read([cell]) for cell in cells]
    assert read(cells) == (
        [account_id for ids, _ in apart for account_id in ids],
        [text for _, texts in apart for text in texts],
    )


def test_rows_are_counted_across_blocks(tmp_path: Path) -> None:
    """With blank rows and rows of two lines, before and after the end of the first block."""
    path = tmp_path / "a.csv"
    row = '7,"two\nlines"\n'
    path.write_text("id,note\n" + row * 10 + "\n" * 5 + "1,x\n" * 30_000 + row + "x,bad\n2,good\n")
    rejected: list[Invalid] = []
    blocks = list(read_accounts(str(path), column=None, reject=rejected.append))
    assert [account_id for block in blocks for account_id in block] == [7] * 10 + [1] * 30_000 + [7, 2]
    assert len(blocks) > 2
    assert rejected == [Invalid(f"{path}, line {1 + 20 + 5 + 30_000 + 2 + 1}", "x", "not a valid account id")]


@pytest.mark.parametrize("line", ['\ufeff{"id": 1}', ' \t{"id": 1}\r', '{"id": 1, "s": "\\ud800"}'])
def test_a_json_line_may_be_unusual(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 2}\n' + line + "\n", newline="")
    blocks = read_accounts(str(path), column=None, reject=refuse)
    assert [account_id for block in blocks for account_id in block] == [2, 1]


@pytest.mark.parametrize(
    "line", ["{}{}", '{"id": 1}, 2', '{"id": 1} x', "[1", "NaN x", "\x00", "[" * 100_000]
)
def test_a_line_is_one_json_value(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 2}\n' + line + '\n{"id": 3}\n')
    rejected: list[Invalid] = []
    blocks = read_accounts(str(path), column=None, reject=rejected.append)
    assert [account_id for block in blocks for account_id in block] == [2, 3]
    reason = "nested too deeply" if line.startswith("[[") else "not valid JSON"
    assert rejected == [Invalid(f"{path}, line 2", line, reason)]


@given(st.lists(st.lists(st.integers(1, 2**31 - 1) | st.integers(1, 9), max_size=20), max_size=5))
def test_a_set_is_sorted_and_has_no_duplicates(blocks: list[list[int]]) -> None:
    requested, accounts = collect(iter(blocks))
    everything = [account_id for block in blocks for account_id in block]
    assert requested == len(everything)
    assert list(accounts) == sorted(set(everything))


def test_an_array_is_read_into_one_block(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([1, 2]))
    assert list(read_accounts(str(path), column=None, reject=refuse)) == [[1, 2]]


@pytest.fixture(scope="module")
def many_ids() -> list[int]:
    """Ids from the whole range, in no order."""
    chance = random.Random(5)
    return [chance.randrange(1, 2**31) for _ in range(1_300_000)]


MANY_TEXTS: dict[str, Callable[[list[int]], str]] = {
    "text": lambda ids: "".join(f"{account_id}\n" for account_id in ids),
    "a JSON array": lambda ids: json.dumps(ids),
    "a JSON document": lambda ids: json.dumps({"totalCount": len(ids), "items": ids}, indent=2),
    "a YAML document": lambda ids: "items:\n" + "".join(f"- {account_id}\n" for account_id in ids),
}


@pytest.mark.parametrize("text", MANY_TEXTS.values(), ids=MANY_TEXTS)
def test_many_ids_are_read_as_few_are(
    tmp_path: Path, many_ids: list[int], text: Callable[[list[int]], str]
) -> None:
    """From some number on, another decoder is used, and ids are sorted if numpy is installed."""
    path = tmp_path / "many"
    first, last = many_ids[:1_000_000], many_ids[1_000_000:]
    path.write_text(text([*first, 0, *last, 2**31, 2**40]))
    rejected: list[Invalid] = []
    requested, accounts = collect(read_accounts(str(path), column=None, reject=rejected.append))
    assert (requested, accounts) == (len(many_ids), AccountSet(many_ids))
    assert [invalid.text for invalid in rejected] == ["0", str(2**31), str(2**40)]
    places = [int(invalid.place.split()[-1]) for invalid in rejected]
    offset = places[0] - len(first) - 1  # lines before the first id
    assert places == [offset + position for position in (1_000_001, 1_300_002, 1_300_003)]
    assert offset in (0, 1)


def test_many_ids_are_collected_without_numpy(monkeypatch: pytest.MonkeyPatch, many_ids: list[int]) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert collect([many_ids[:1_000_000], many_ids[1_000_000:]]).accounts == AccountSet(many_ids)


def test_the_position_in_the_opened_file_shows_how_much_was_read(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text("".join(f"{number}\n" for number in range(1, 500_001)))
    opened: list[BinaryIO] = []
    positions = [
        opened[0].tell() for _ in read_accounts(str(path), column=None, reject=refuse, on_open=opened.append)
    ]
    assert positions == sorted(positions)
    assert 0 < positions[0] < positions[-1] == path.stat().st_size
