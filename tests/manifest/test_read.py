"""Reading a SOURCE: formats, values, and errors with file, line and path."""

import gzip
import json
import os
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.manifest.document import Where
from tests.support.command import Segments
from tests.support.manifests import read, written

FULL = """\
version: 1
segments:
  - code: VIP
    name: Very important
    description: |-
      Spent over 1,000
      this year
    accounts:
      file: accounts/VIP.txt
  - {code: STAFF, accounts: {ids: [7, 3, 7]}}
  - code: LAUNCH-MAIL
    was: LAUNCH
    accounts: {where: "VIP and not STAFF", sample: 10%, seed: spring}
  - code: "007"
    name: ~
  - code: OLD
    absent: true
checks:
  - VIP and STAFF == 0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "VIP.txt").write_text("1001\n1002\n")
    return tmp_path


def test_a_manifest(folder: Path) -> None:
    document = read(written(folder, FULL))
    vip, staff, mail, number, old = document.segments
    assert (vip.code, vip.name, vip.description) == ("VIP", "Very important", "Spent over 1,000\nthis year")
    assert vip.accounts == AccountSet([1001, 1002])
    assert staff.accounts == AccountSet([3, 7])
    assert isinstance(mail.accounts, Where)
    assert (mail.was, mail.accounts.expression.text) == ("LAUNCH", "VIP and not STAFF")
    assert (mail.accounts.seed, str(mail.accounts.sample and mail.accounts.sample.percent)) == (
        "spring",
        "10%",
    )
    assert (number.code, number.name, number.accounts) == ("007", None, None)
    assert (old.code, old.absent) == ("OLD", True)
    assert [check.text for check in document.checks] == ["VIP and STAFF == 0"]


@pytest.mark.parametrize("name", ["segments.yaml", "segments.yml"])
def test_a_folder(folder: Path, name: str) -> None:
    written(folder, FULL, name)
    assert len(read(folder).segments) == 5


def test_a_folder_has_one_manifest(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"contains no segments\.yaml"):
        read(folder)
    written(folder, FULL)
    written(folder, "{}", "segments.json")
    with pytest.raises(UsageError, match=r"segments\.yaml and segments\.json: expected one"):
        read(folder)


def test_gzip_and_a_byte_order_mark(folder: Path) -> None:
    (folder / "packed.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + FULL.encode()))
    assert len(read(folder / "packed.gz").segments) == 5


def test_the_hint_for_an_empty_file_works(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(written(folder, ""))
    text = (caught.value.hint or "").partition(": ")[2]
    assert read(written(folder, text)).segments == []


def test_a_comment_with_commas_is_no_header(folder: Path) -> None:
    text = "# Segments by name, code, and so on\nversion: 1\nsegments: [{code: A}]\n"
    assert [each.code for each in read(written(folder, text)).segments] == ["A"]


def test_json_with_escapes_that_yaml_does_not_have(folder: Path) -> None:
    manifest = {"version": 1, "segments": [{"code": "a\U0001f600/", "accounts": {"ids": [1]}}]}
    text = json.dumps(manifest, indent="\t").replace("/", "\\/")
    (segment,) = read(written(folder, text, "segments.json")).segments
    assert (segment.code, segment.accounts) == ("a\U0001f600/", AccountSet([1]))


@pytest.mark.parametrize("style", ["block", "flow", "json", "json in a line", "crlf"])
@pytest.mark.parametrize("last", [1, 5, 100_000])
def test_long_lists_of_ids_and_the_lines_behind_them(folder: Path, style: str, last: int) -> None:
    ids = list(range(1, last + 1))
    if style.startswith("json"):
        indent = 2 if style == "json" else None
        text = json.dumps(
            {"version": 1, "segments": [{"code": "A", "accounts": {"ids": ids}}, {"code": "B"}]},
            indent=indent,
        )
        text = text.replace('"code": "B"', '\n"code": 8')
    elif style == "flow":
        text = f"version: 1\nsegments:\n- code: A\n  accounts: {{ids: {ids}}}\n- code: 8\n"
    else:
        lines = "".join(f"    - {each}\n" for each in ids)
        text = f"version: 1\nsegments:\n- code: A\n  accounts:\n    ids:\n{lines}- code: 8\n"
    if style == "crlf":
        text = text.replace("\n", "\r\n")
    path = folder / "segments.yaml"
    path.write_bytes(text.encode())
    with pytest.raises(UsageError) as caught:
        read(path)
    line = text[: text.index("code: 8" if "code: 8" in text else '"code": 8')].count("\n") + 1
    assert caught.value.message == f"{path}, line {line}: segments[1].code: expected text, got 8"
    path.write_bytes(text.replace("code: 8", "code: B").replace('"code": 8', '"code": "B"').encode())
    assert read(path).segments[0].accounts == AccountSet(ids)


@pytest.mark.parametrize("wrong", ["0", "-1", "2147483648", "x", "1.5", "007", "1 2", "", "'1'", "[1]"])
@pytest.mark.parametrize("place", [0, 150, 299])
def test_an_invalid_id_in_a_long_list(folder: Path, wrong: str, place: int) -> None:
    ids = [str(each) for each in range(1, 301)]
    ids[place] = wrong
    block = "".join(f"      - {each}\n" for each in ids)
    text = f"version: 1\nsegments:\n- code: A\n  accounts:\n    ids:\n{block}- code: B\n"
    with pytest.raises(
        UsageError, match=rf"line {place + 6}: segments\[0\]\.accounts\.ids\[{place}\]: "
    ) as caught:
        read(written(folder, text))
    assert "is not a valid account id" in caught.value.message


def test_a_text_that_looks_like_a_list_of_ids(folder: Path) -> None:
    lines = "".join(f"      - {each}\n" for each in range(1, 200))
    text = f"version: 1\nsegments:\n- code: A\n  description: |\n    ids:\n{lines}  name: B\n"
    (segment,) = read(written(folder, text)).segments
    assert segment.description == "ids:\n" + "".join(f"  - {each}\n" for each in range(1, 200))
    ids = str(list(range(1, 200)))
    text = f"version: 1\nsegments:\n- {{code: A, description: 'ids: {ids}'}}\n"
    (segment,) = read(written(folder, text)).segments
    assert segment.description == f"ids: {ids}"


WRONG = [
    ("segments: []", "line 1: version is missing"),
    ("version: 2\nsegments: []", "line 1: version: expected 1, got 2"),
    ("version: '1'\nsegments: []", "line 1: version: expected 1, got '1'"),
    ("version: true\nsegments: []", "line 1: version: expected 1, got true"),
    ("version: 1", "line 1: segments is missing"),
    ("version: 1\nsegments:", "line 2: segments: expected a list, got nothing"),
    ("version: 1\nsegments: {}", "line 2: segments: expected a list, got a mapping"),
    ("version: 1\nsegments: [3]", "line 2: segments[0]: expected a mapping, got 3"),
    ("version: 1\nsegments:\n- name: x", "line 3: segments[0]: code is missing"),
    ("version: 1\nsegments:\n- code:", "line 3: segments[0].code: expected text, got nothing"),
    ("version: 1\nsegments:\n- code: ''", "line 3: segments[0].code: expected text that is not empty"),
    ("version: 1\nsegments:\n- code: ' '", "line 3: segments[0].code: expected text that is not blank"),
    ("version: 1\nsegments:\n- code: A\n  nmae: x", "line 4: segments[0]: unknown key 'nmae'"),
    ("version: 1\nsegments: []\nitems: []", "line 3: unknown key 'items'"),
    ("version: 1\nsegments:\n- code: A\n- code: A", "line 4: segments[1]: the code A appears twice"),
    ("version: 1\nsegments:\n- code: A\n  code: B", "line 4: 'code' appears twice; first in line 3"),
    ("version: 1\nsegments:\n- code: A\n  absent: yes", "segments[0].absent: expected true or false"),
    ("version: 1\nsegments:\n- code: A\n  absent: true\n  name: x", "an absent segment has no name"),
    (
        "version: 1\nsegments:\n- code: A\n  accounts:",
        "segments[0].accounts: expected a mapping, got nothing",
    ),
    ("version: 1\nsegments:\n- code: A\n  accounts: [1]", "accounts: expected a mapping, got a list"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {}", "expected one of file, ids and where, got none"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {ids: [], where: B}", "got ids and where"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {ids: [], column: B}", "column requires file"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {ids: [], sample: 3}", "sample requires where"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {where: B, seed: x}", "seed requires sample"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {where: B, sample: 0%}", "accounts.sample: '0%' is not"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {where: B and}", "accounts.where: expression, character"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {where: '12'}", "12 is a segment id: expected a code"),
    ("version: 1\nsegments:\n- code: A\n  accounts: {ids: [1.5]}", "ids[0]: 1.5 is not a valid account id"),
    ("version: 1\nsegments: []\nchecks: [A]", "line 3: checks[0]: assertion, character"),
    ("version: 1\nsegments: []\nchecks: [3]", "line 3: checks[0]: expected text, got 3"),
    ("version: 1\nsegments: []\nchecks:\n- file:x > 3", "line 4: checks[0]: file:x: a check cannot name"),
    ("version: 1\nsegments: []\n---\nversion: 1", "a second document starts here"),
    ("version: 1\nsegments: [", "not valid YAML"),
    ("version: 1\nsegments: &a [*a]", "*a: aliases are not supported"),
    ("version: 1\nsegments: !!python/object/apply:os.system [x]", "tags are not supported"),
    ("? [a]\n: b", "expected a key, which is plain text"),
    ("version: 1\n<<: {a: b}", "line 2: unknown key '<<'"),
    ("- " * 30 + "x", "more than 20 levels"),
    ("[" * 100_000, "more than 20 levels"),
    ('{"a":' * 100_000, "more than 20 levels"),
    ("a\x07: b", "line 1: not valid YAML"),
    ("", "is empty: expected a manifest"),
    ("# nothing\n", "is empty: expected a manifest"),
    ("just text", "expected a mapping with version and segments, got just text"),
    ('{"version": 1, "segments": [{"code": "\\ud800"}]}', "half of a surrogate pair"),
    ('{"version": 01}', "not valid JSON: expected a value, got '01'"),
    ('{"version": 1', "not valid JSON: expected a comma or }, got the end"),
    ('{"version": 1, segments: [3]}', "not valid JSON: expected a key in double quotes, got 'segments'"),
    ("{version: 1}", "line 1: segments is missing"),
    ('{"version": NaN}', "not valid JSON: expected a value, got 'NaN'"),
    ('{"a": "b', "not valid JSON: "),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_is_wrong(folder: Path, text: str, message: str) -> None:
    path = written(folder, text)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(path) in caught.value.message
    assert message in caught.value.message


@pytest.mark.parametrize(
    "text", ["yes", "No", "on", "007", "7", "1e3", "1_000", "0x1F", "0o17", "1:30", "2026-01-31", "1.5", ".5"]
)
def test_text_that_needs_quotes(folder: Path, text: str) -> None:
    manifest = "version: 1\nsegments:\n- code: {}\n"
    with pytest.raises(UsageError, match=r"segments\[0\].code: expected text, got ") as caught:
        read(written(folder, manifest.format(text)))
    assert caught.value.hint == f'quote it: "{text}"'
    (segment,) = read(written(folder, manifest.format(f'"{text}"'))).segments
    assert segment.code == text


def test_billion_laughs(folder: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    with pytest.raises(UsageError, match=r"line 2: \*a0: aliases are not supported"):
        read(written(folder, "\n".join(lines)))


def test_bytes_that_are_not_utf_8(folder: Path) -> None:
    path = folder / "segments.yaml"
    path.write_bytes(b"version: 1\nsegments:\n- code: \xff\n")
    with pytest.raises(UsageError, match="line 3: not valid UTF-8"):
        read(path)
    path.write_bytes(FULL.encode("utf-16"))
    with pytest.raises(UsageError, match="is UTF-16: expected UTF-8"):
        read(path)


OUTSIDE = [
    "../secret.txt",
    "/etc/hostname",
    "accounts/../../secret.txt",
    "a/../VIP.txt",
    "C:\\x",
    "\\x",
    "..",
]


@pytest.mark.parametrize("file", OUTSIDE)
@pytest.mark.parametrize("key", ["file", "where"])
def test_a_path_outside_the_folder(folder: Path, file: str, key: str) -> None:
    (folder / "secret.txt").write_text("1\n")
    inner = folder / "inner"
    inner.mkdir()
    value = f"'{file}'" if key == "file" else f"'file:\"{file}\"'"
    path = written(inner, f"version: 1\nsegments:\n- code: A\n  accounts:\n    {key}: {value}\n")
    with pytest.raises(UsageError, match=f"line 5: segments.0..accounts.{key}: .*inside the folder"):
        read(path)


def test_links(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (folder / "secret.txt").write_text("1\n")
    (inner / "out.txt").symlink_to(folder / "secret.txt")
    (inner / "up").symlink_to(folder)
    (inner / "real.txt").write_text("5\n")
    (inner / "in.txt").symlink_to(inner / "real.txt")
    text = "version: 1\nsegments:\n- code: A\n  accounts: {{file: {}}}\n"
    for file in ("out.txt", "up/secret.txt"):
        with pytest.raises(UsageError, match="is a link to another folder"):
            read(written(inner, text.format(file)))
    assert read(written(inner, text.format("in.txt"))).segments[0].accounts == AccountSet([5])
    (folder / "link").symlink_to(inner)
    assert read(folder / "link").segments[0].accounts == AccountSet([5])


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("none.txt", "cannot read none.txt: No such file or directory"),
        ("accounts", "accounts is not a regular file"),
        ("pipe", "pipe is not a regular file"),
        ("''", "expected the name of a file"),
        ("empty.txt", "empty.txt contains no accounts"),
    ],
)
def test_files_that_cannot_be_read(folder: Path, file: str, message: str) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "empty.txt").write_text("# nothing\n")
    text = f"version: 1\nsegments:\n- code: A\n  accounts: {{file: {file}}}\n"
    with pytest.raises(UsageError, match=rf"line 4: segments\[0\].accounts.file: {message}"):
        read(written(folder, text))
    if file == "empty.txt":
        assert read(folder, allow_empty=True).segments[0].accounts == AccountSet()


def test_an_invalid_id_in_a_file_names_both_places(folder: Path) -> None:
    (folder / "bad.csv").write_text("id,customer\n1,5\n2,x\n")
    text = "version: 1\nsegments:\n- code: A\n  accounts: {file: bad.csv, column: customer}\n"
    path = written(folder, text)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert caught.value.message == f"{folder}/bad.csv, line 3: 'x' is not a valid account id"
    assert caught.value.hint == f"{path}, line 4: segments[0].accounts.file names this file"


def test_names_that_mean_something_else_on_a_command_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for name in ("-", "~"):
        (folder / name).write_text("5\n")
        written(folder, f"version: 1\nsegments:\n- code: A\n  accounts: {{file: '{name}'}}\n")
        assert read("segments.yaml").segments[0].accounts == AccountSet([5])


@pytest.mark.parametrize(
    "options", [("-o", "csv"), ("-o", "json"), ("-o", "jsonl"), ("--counts", "-o", "csv")]
)
def test_what_list_prints(vip: Segments, options: tuple[str, ...]) -> None:
    vip.ok("add", "007", "--name", "yes", "--description", 'a "b"\nc,d')
    path = vip.home / "listed"
    path.write_text(vip.ok("list", "--all", *options).stdout)
    found = [(each.code, each.name, each.description, each.accounts) for each in read(path).segments]
    assert found == [
        ("VIP", "Very important", "Spent a lot", None),
        ("STAFF", None, None, None),
        ("007", "yes", 'a "b"\nc,d', None),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,name\nA,B,C\n", "line 2: expected 2 cells, got 3"),
        ("code\nA\nA\n", "line 3: the code A appears twice"),
        ("code,name\n,B\n", "line 2: code is missing"),
        ("code,code\nA,B\n", "line 1: the column code appears twice"),
        ('code\n"A\n', "not valid CSV"),
        ('{"totalCount": 3, "items": [{"code": "A"}]}', "is one page: it has 1 of 3 segments"),
        ('{"items": [{"code": 3}]}', "line 1: items[0]: code: expected text, got 3"),
        ('{"items": [3]}', "line 1: items[0]: expected a segment, got 3"),
        ('{"code": "A"}\n{"code": "A"}\n', "line 2: items[1]: the code A appears twice"),
        ('{"code": "A"}\n{"name": "A"}\n', "line 2: items[1]: code is missing"),
    ],
)
def test_lists_that_are_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(written(tmp_path, text, "list"))
    assert message in caught.value.message


def test_stdin(segments: Segments) -> None:
    done = segments(
        "check", "--manifest", "-", stdin="version: 1\nsegments:\n- code: yes\n", SEGMENTS_OUTPUT="json"
    )
    assert (done.code, done.error["message"]) == (
        2,
        "stdin, line 3: segments[0].code: expected text, got yes without quotes",
    )


def test_a_source_that_does_not_exist(tmp_path: Path) -> None:
    for source in ("", "a\0b", tmp_path / "none"):
        with pytest.raises(UsageError):
            read(source)


def test_a_manifest_with_items_is_not_a_list(tmp_path: Path) -> None:
    for key in ("version", "segments"):
        with pytest.raises(UsageError, match=r"segments is missing|version is missing|unknown key"):
            read(written(tmp_path, f'{{"{key}": 1, "items": [{{"code": "A"}}]}}'))


def test_empty_texts_of_a_list_are_omitted_fields(tmp_path: Path) -> None:
    for text in ('{"code": "A", "name": "", "x": [[]]}', "code,name,id\nA,,1", '{"items": [{"code": "A"}]}'):
        (segment,) = read(written(tmp_path, text)).segments
        assert (segment.code, segment.name, segment.description) == ("A", None, None)
