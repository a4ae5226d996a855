"""Hostile and damaged files: a clear error within limits of time and memory, and nothing is changed."""

import gzip
import os
import random
import resource
import subprocess
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.errors import UsageError
from segcli.inputs.reader import read_accounts
from segcli.inputs.rejects import Invalid
from tests.support.command import COMMAND, Segments

MEGABYTE = 1 << 20
MEMORY = 600 * MEGABYTE  # of address space, of which the libraries take the most
# A long campaign is run by hand: SEGMENTS_TEST_MUTATIONS=2000
MUTATIONS = int(os.environ.get("SEGMENTS_TEST_MUTATIONS", "100"))


def add(vip: Segments, path: str, *options: str, stdin: Any = subprocess.DEVNULL) -> tuple[int, str]:
    """Adds the accounts of a file with little memory; the exit code, and stderr."""
    done = subprocess.run(
        [COMMAND, "accounts", "add", "VIP", "--file", path, *options],
        env=vip.env,
        stdin=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    return done.returncode, done.stderr.decode()


def zipped(head: bytes, block: bytes, times: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(head) + b"".join(packer.compress(block) for _ in range(times)) + packer.flush()


ZEROS = b"\0" * MEGABYTE
HOSTILE: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "4,301 digits": (b"[" + b"9" * 4301 + b"]", (), "item 1: '9999"),
    "4,301 digits, in an object": (b'[1, {"id": 5, "n": ' + b"9" * 4301 + b'}, "x"]', (), "item 3: '\"x\"'"),
    "a million digits": (b"[1, " + b"9" * 2 * MEGABYTE + b"]", (), "the next item is invalid"),
    "a deep array": (b"[" * 100_000, (), "nested too deeply"),
    "a deep item": (b"[1, " + b"[" * 5000 + b"]" * 5000 + b"]", (), "nested too deeply"),
    "a deep line": (b'{"id": 1}\n' + b"[" * 5000 + b"]" * 5000, (), "line 2: '[[["),
    "a long item": (zipped(b'["', ZEROS.replace(b"\0", b"a"), 500), (), "the next item is invalid"),
    "a long line of JSON": (zipped(b'{"a": "', ZEROS.replace(b"\0", b"a"), 500), (), "line 1 is too long"),
    "a long line of CSV": (zipped(b"id,n\n1,", ZEROS.replace(b"\0", b"a"), 500), (), "line 2 is too long"),
    "many fields": (zipped(b"id,n\n1", ZEROS.replace(b"\0", b","), 500), (), "line 2 is too long"),
    "a row without an end": (zipped(b'id,n\n1,"', b'x\n","' * 200_000, 500), (), "a row is too long"),
    "a gzip of zeros": (zipped(b"", ZEROS, 1000), (), "line 1 is too long"),
    "a gzip of zeros with a column": (zipped(b"", ZEROS, 1000), ("--column", "id"), "line 1 is too long"),
    "space before an end": (zipped(b"[1,2] ", b" " * MEGABYTE, 100) , (), ""),
    "text behind the end": (b"[1]\n[2]", (), "there is text behind its end"),
    "a comma at the end": (b"[1,]", (), "not a valid JSON array"),
    "two commas": (b"[1,,2]", (), "not a valid JSON array"),
    "a comma at the start": (b"[,1]", (), "not a valid JSON array"),
    "no UTF-8": (b'[{"id": 1, "name": "\xff"}]', (), "it is not UTF-8"),
    "half an item": (b'[1, {"id"', (), "what follows is not valid JSON"),
    "half a gzip": (gzip.compress(random.Random(1).randbytes(5000))[:2000], (), "cannot read"),
    "a damaged gzip": (gzip.compress(b"1\n2\n" * 999)[:12] + b"\xff" * 50, (), "cannot read"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "options", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_ends_with_an_error(
    vip: Segments, content: bytes, options: tuple[str, ...], message: str
) -> None:
    path = vip.home / "ids"
    path.write_bytes(content)
    code, stderr = add(vip, str(path), *options)
    assert (code, message in stderr) == (2 if message else 0, True), stderr
    assert len(stderr) < 1000
    assert "b'" not in stderr
    if message:
        assert vip.ok("accounts", "list", "VIP").lines == ["1001", "1002"]


def test_an_endless_device_is_an_error(vip: Segments) -> None:
    for options in ([], ["--column", "id"], ["--column", "id", "--skip-invalid"]):
        code, stderr = add(vip, "/dev/zero", *options)
        assert (code, "/dev/zero, line 1 is too long" in stderr) == (2, True)
        with Path("/dev/zero").open("rb") as zeros:
            code, stderr = add(vip, "-", *options, stdin=zeros)
        assert (code, "stdin, line 1 is too long" in stderr) == (2, True)


def read(path: str, column: str | None = None) -> tuple[list[int], list[tuple[str, str]]] | str:
    """The ids, and the invalid values with their reasons; the message if the file cannot be read."""
    rejected: list[Invalid] = []
    try:
        blocks = list(read_accounts(path, column=column, reject=rejected.append))
    except UsageError as error:
        return error.message.replace(path, "FILE")
    ids = [account_id for block in blocks for account_id in block]
    assert all(1 <= account_id <= 2**31 - 1 for account_id in ids)
    return ids, [(invalid.text, invalid.reason) for invalid in rejected]


FILES = [
    b"\xef\xbb\xbf1\n2\n\n# x\n3\n",
    b"accountId;name\n1;a\n2;\"b\n;c\"\n3;d\n",
    b"  [1, 2,\n 3]\n",
    b'[{"id": 1, "t": [1, {"a": "],}"}]}, {"accountId": 2}, 3]',
    b'{"id": 1, "name": "caf\xc3\xa9"}\n{"account_id": 2}\n7\n',
]  # fmt: skip
CONTENTS = st.sampled_from(FILES + [gzip.compress(content, mtime=0) for content in FILES])


@settings(deadline=None, max_examples=30)
@given(CONTENTS, st.lists(st.integers(1, 200), max_size=8).map(sorted))
def test_a_pipe_may_deliver_its_bytes_in_any_pieces(content: bytes, cuts: list[int]) -> None:
    pieces = [content[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    whole = read_from_pipe([content])
    assert not isinstance(whole, str)
    assert whole[0][:2] == [1, 2]
    assert read_from_pipe(pieces) == whole


def read_from_pipe(pieces: list[bytes]) -> tuple[list[int], list[tuple[str, str]]] | str:
    reader, writer = os.pipe()

    def write() -> None:
        with open(writer, "wb", buffering=0) as pipe:
            for piece in pieces:
                pipe.write(piece)
                threading.Event().wait(0.001)  # the reader takes what there is

    thread = threading.Thread(target=write)
    thread.start()
    try:
        return read(f"/dev/fd/{reader}")
    finally:
        os.close(reader)
        thread.join()


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with a few bytes changed, removed, repeated or inserted."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) + 1)
        stop = start + chance.randint(0, 8)
        piece = chance.choice(PIECES)
        data[start:stop] = chance.choice(
            [piece, data[start:stop] * chance.randint(0, 3), bytes([chance.randrange(256)])]
        )
    return bytes(data)


PIECES = [
    *(
        b"",
        b"\0",
        b'"',
        b"[",
        b"]]]",
        b"{",
        b"}",
        b",",
        b"\r",
        b"\n",
        b"\xff",
        b"-",
        b"1e9",
        b"NaN",
        b"null",
        b"0",
    ),
    *(b"[" * 3000, b"9" * 5000, b"\\u", b"\x1f\x8b", b"\xef\xbb\xbf"),
]


def mutations(seed: int, count: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for number in range(count):
        content = mutated(FILES[number % len(FILES)], chance)
        if chance.random() < 0.3:
            content = gzip.compress(content, mtime=0)
            if chance.random() < 0.5:
                content = mutated(content, chance)
        yield content


def test_a_damaged_file_is_read_or_is_a_usage_error(tmp_path: Path) -> None:
    """Nothing else is raised."""
    path = tmp_path / "ids"
    for content in mutations(1, MUTATIONS * 10):
        path.write_bytes(content)
        for column in (None, "name"):
            read(str(path), column)


def test_a_damaged_file_changes_all_or_nothing(vip: Segments) -> None:
    path = vip.home / "ids"
    for content in mutations(2, MUTATIONS // 10):
        before = vip.ok("accounts", "list", "VIP").lines
        path.write_bytes(content)
        expected = read(str(path))
        code, stderr = add(vip, str(path))
        after = vip.ok("accounts", "list", "VIP").lines
        assert "Traceback" not in stderr
        assert "bug in segcli" not in stderr
        if code == 0:
            assert not isinstance(expected, str)
            assert after == sorted({*before, *map(str, expected[0])}, key=int)
        else:
            assert (code, after) == (2, before)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_an_array_in_small_blocks_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    path = tmp_path / "ids"
    contents = [
        *FILES[2:4],
        b'[12.5, -1, 1e3, "a,]", true, null, [], 0, {"id": 77}, 123456]',
        b"[]",
        b" [ ] ",
    ]
    for content in contents:
        path.write_bytes(content)
        whole = read(str(path))
        with monkeypatch.context() as patch:
            patch.setattr("segcli.inputs.json_array.READ_BYTES", size)
            assert read(str(path)) == whole
