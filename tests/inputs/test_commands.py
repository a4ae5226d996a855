"""accounts add and remove with --file, run as a user does."""

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.command import COMMAND, Segments


@pytest.fixture
def vip(segments: Segments) -> Segments:
    segments.ok("add", "VIP")
    return segments


def write(segments: Segments, name: str, text: str) -> str:
    path = segments.home / name
    path.write_text(text)
    return str(path)


def test_a_file_of_accounts_is_added_and_removed(vip: Segments) -> None:
    path = write(vip, "a.txt", "1\n2\n2\n3\n")
    report = vip.ok("accounts", "add", "VIP", "--file", path, "-o", "json").json
    counts = ("requested", "unique", "added", "alreadyMembers", "invalid")
    assert [report[name] for name in counts] == [4, 3, 3, 0, 0]
    report = vip.ok("accounts", "add", "VIP", "-f", path, "-o", "json").json
    assert [report[name] for name in counts] == [4, 3, 0, 3, 0]
    vip.ok("accounts", "remove", "VIP", "--file", write(vip, "b.csv", "x,id\n,2\n"))
    assert vip.ok("accounts", "list", "VIP").lines == ["1", "3"]


def test_a_dash_reads_stdin(vip: Segments) -> None:
    assert vip("accounts", "add", "VIP", "--file", "-", stdin="5\n6\n").code == 0
    packed = vip.raw("accounts", "add", "VIP", "--file", "-", stdin=gzip.compress(b"7\n"))
    assert packed.returncode == 0
    assert vip.ok("accounts", "list", "VIP").lines == ["5", "6", "7"]


def test_an_invalid_value_is_named_and_nothing_is_changed(vip: Segments) -> None:
    path = write(vip, "a.txt", "1\n2\nthree\n")
    done = vip("accounts", "add", "VIP", "--file", path)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == f"error: {path}, line 3: 'three' is not a valid account id"
    assert vip.ok("accounts", "list", "VIP").stdout == ""


def test_a_byte_order_mark_within_a_file_is_visible(vip: Segments) -> None:
    """Two files of Windows were put together with `cat`."""
    path = write(vip, "a.txt", "\ufeff1\n\ufeff2\n")
    done = vip("accounts", "add", "VIP", "--file", path)
    assert done.stderr.splitlines()[0] == f"error: {path}, line 2: '\\ufeff2' is not a valid account id"


def test_invalid_values_are_skipped_counted_and_saved(vip: Segments) -> None:
    path = write(vip, "a.txt", "1\nthree\n2\n\x1b[31m\n")
    rejects = vip.home / "rejects.txt"
    arguments = ("accounts", "add", "VIP", "--skip-invalid", "-o", "json")
    report = vip.ok(*arguments, "--file", path, "--rejects", str(rejects)).json
    assert (report["added"], report["invalid"]) == (2, 2)
    saved = rejects.read_text()
    assert f"# {path}, line 2: not a valid account id\nthree\n" in saved
    assert "\x1b" not in saved
    rejects.write_text(saved.replace("three", "3"))
    report = vip.ok(*arguments, "--file", str(rejects)).json
    assert (report["added"], report["invalid"]) == (1, 1)
    assert vip.ok("accounts", "list", "VIP").lines == ["1", "2", "3"]


def test_rejects_that_cannot_be_written_are_an_error_before_anything_is_changed(vip: Segments) -> None:
    path = write(vip, "a.txt", "1\nthree\n")
    done = vip("accounts", "add", "VIP", "--file", path, "--skip-invalid", "--rejects", "/dev/full")
    assert (done.code, done.stdout) == (1, "")
    assert "error: cannot write /dev/full: No space left on device" in done.stderr
    assert vip.ok("accounts", "list", "VIP").stdout == ""


MISUSED = {
    "neither": ([], "no accounts given"),
    "both": (["1", "--file", "FILE"], "not both"),
    "a column without a file": (["1", "--column", "id"], "require --file"),
    "skipping without a file": (["1", "--skip-invalid"], "require --file"),
    "rejects that would overwrite the file": (
        ["--file", "FILE", "--rejects", "FILE"],
        "would overwrite the input file",
    ),
    "no such file": (["--file", "/no/such"], "cannot read /no/such: No such file or directory"),
    "a folder": (["--file", "/"], "cannot read /: Is a directory"),
    "an empty file": (["--file", "/dev/null"], "contains no account ids"),
    "rejects that cannot be written": (
        ["-f", "FILE", "--skip-invalid", "--rejects", "/no/r"],
        "cannot write /no/r",
    ),
}


@pytest.mark.parametrize(("words", "message"), MISUSED.values(), ids=MISUSED)
@pytest.mark.parametrize("command", ["add", "remove"])
def test_options_that_contradict_are_a_usage_error(
    vip: Segments, command: str, words: list[str], message: str
) -> None:
    path = write(vip, "a.txt", "1\n")
    done = vip("accounts", command, "VIP", *(path if word == "FILE" else word for word in words))
    assert done.code == 2
    assert message in done.stderr
    assert vip.ok("accounts", "list", "VIP").stdout == ""


def test_an_unknown_segment_is_not_found(vip: Segments) -> None:
    assert vip("accounts", "add", "NOPE", "--file", write(vip, "a.txt", "1\n")).code == 3


def test_rejects_may_exist_already(vip: Segments) -> None:
    rejects = vip.home / "rejects.txt"
    arguments = ("accounts", "add", "VIP", "--skip-invalid", "--rejects", str(rejects), "--file")
    path = write(vip, "a.txt", "1\nthree\n")
    for _ in range(2):
        assert vip(*arguments, "-", stdin="5\nsix\n").code == 0
        assert rejects.read_text() == "# stdin, line 2: not a valid account id\nsix\n"
    for _ in range(2):
        assert vip(*arguments, path).code == 0
        assert rejects.read_text() == f"# {path}, line 2: not a valid account id\nthree\n"


def test_rejects_would_overwrite_the_file_that_is_stdin(vip: Segments) -> None:
    path = vip.home / "a.txt"
    path.write_text("1\nthree\n")
    with path.open() as stdin:
        done = subprocess.run(
            [COMMAND, "accounts", "add", "VIP", "--skip-invalid", "--file", "-", "--rejects", str(path)],
            env=vip.env, stdin=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "would overwrite the input file" in done.stderr
    assert path.read_text() == "1\nthree\n"


def test_a_missing_file_is_named_and_the_rejects_of_the_last_run_are_kept(vip: Segments) -> None:
    rejects = write(vip, "rejects.txt", "seven\n")
    done = vip("accounts", "add", "VIP", "--file", "/no/such", "--rejects", rejects)
    assert done.code == 2
    assert "error: cannot read /no/such: No such file or directory" in done.stderr
    assert Path(rejects).read_text() == "seven\n"


def test_rejects_go_to_stderr_for_a_dash(vip: Segments) -> None:
    path = write(vip, "a.txt", "1\nthree\n")
    for _ in range(2):
        done = vip.raw(
            "accounts", "add", "VIP", "--file", path, "--skip-invalid", "--rejects", "-", "-o", "json"
        )
        assert done.returncode == 0
        assert f"# {path}, line 2: not a valid account id\nthree\n" in done.stderr.decode()
    assert not Path("-").exists()


def test_a_long_value_is_shortened_in_the_error_and_whole_in_the_rejects(vip: Segments) -> None:
    document = json.dumps({"totalCount": 200, "accounts": list(range(200))})
    done = vip("accounts", "add", "VIP", "--file", "-", stdin=document)
    assert done.code == 2
    assert len(done.stderr.splitlines()[0]) < 200
    rejects = vip.home / "rejects.txt"
    vip("accounts", "add", "VIP", "--file", "-", "--skip-invalid", "--rejects", str(rejects), stdin=document)
    assert rejects.read_text().splitlines()[1] == document


@pytest.mark.parametrize("suffix", ["", "-other"])
def test_rejects_overwrite_no_other_file(vip: Segments, tmp_path: Path, suffix: str) -> None:
    """The store, and a file of the user's."""
    ids, other = tmp_path / "ids.txt", Path(f"{vip.store}{suffix}")
    ids.write_text("5\nx\n")
    if suffix:
        other.write_text("keep me\n")
    before = other.read_bytes()
    for more in ([], ["--dry-run"]):
        done = vip(
            "accounts", "add", "VIP", "--file", str(ids), "--skip-invalid", "--rejects", str(other), *more
        )
        assert done.code == 2
        assert "would overwrite a file that is not a rejects file" in done.stderr
    assert other.read_bytes() == before


def test_rejects_do_not_wait_for_the_reader_of_a_pipe(vip: Segments, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = vip("accounts", "add", "VIP", "--file", "-", "--rejects", str(pipe), stdin="5\n")
    assert (done.code, "is a named pipe" in done.stderr) == (2, True)


@pytest.mark.parametrize("output", ["json", "jsonl", "csv", "tsv", "id", "yaml"])
@pytest.mark.parametrize("zipped", [False, True])
def test_every_format_that_lists_accounts_can_be_read(vip: Segments, output: str, zipped: bool) -> None:
    vip.ok("add", "STAFF")
    for ids in ([], ["1", "7", "2147483647"]):
        if ids:
            vip.ok("accounts", "add", "VIP", *ids)
        listed = vip.ok("accounts", "list", "VIP", "-o", output).stdout.encode()
        content = gzip.compress(listed) if zipped else listed
        done = vip.raw("accounts", "add", "STAFF", "--file", "-", "--allow-empty", stdin=content)
        assert (done.returncode, done.stderr) == (0, b"")
        assert vip.ok("accounts", "list", "STAFF").lines == ids


def test_json_as_a_terminal_shows_it_can_be_read(vip: Segments) -> None:
    vip.ok("accounts", "add", "VIP", "1", "2")
    shown = vip.shown("accounts", "list", "VIP", "-o", "json").stdout
    assert len(shown.splitlines()) > 3
    report = vip.ok("accounts", "remove", "VIP", "--file", write(vip, "shown.json", shown), "-o", "json")
    assert report.json["removed"] == 2


@pytest.mark.parametrize("text", ["", "# nothing\n", "accountId\n", "[]", '{"totalCount":0,"items":[]}'])
def test_an_empty_file_can_be_accepted(vip: Segments, text: str) -> None:
    vip.ok("accounts", "add", "VIP", "1")
    for verb, count in (("add", "added"), ("remove", "removed")):
        command = ("accounts", verb, "VIP", "--file", write(vip, "a", text), "-o", "json")
        refused = vip(*command)
        assert refused.code == 2
        assert "--allow-empty" in refused.stderr
        for option in ((), ("--dry-run",), ("--resume",)):
            report = vip.ok(*command, "--allow-empty", *option).json
            assert (report["requested"], report[count]) == (0, 0)
    assert vip.ok("accounts", "list", "VIP").lines == ["1"]


def test_no_arguments_are_not_an_empty_file(vip: Segments) -> None:
    assert "no accounts given" in vip("accounts", "add", "VIP", "--allow-empty").stderr


@pytest.mark.parametrize("verb", ["add", "remove", "set"])
def test_a_mistyped_segment_is_reported_before_the_file_is_read(vip: Segments, verb: str) -> None:
    """The file is a pipe that nobody writes to."""
    reader, writer = os.pipe()
    try:
        done = subprocess.run(
            [COMMAND, "accounts", verb, "NOPE", "--file", "-", *(["--yes"] if verb == "set" else [])],
            env=vip.env, stdin=reader, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(reader)
        os.close(writer)
    assert (done.returncode, "NOPE" in done.stderr) == (3, True)


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_a_segment_deleted_while_the_file_is_read_is_not_found(vip: Segments, verb: str) -> None:
    with subprocess.Popen(
        [COMMAND, "accounts", verb, "VIP", "--file", "-"],
        env=vip.env, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        process.stdin.write("1\n")
        process.stdin.flush()
        vip.ok("delete", "VIP", "--yes")
        _, stderr = process.communicate()
    assert (process.returncode, "VIP" in stderr) == (3, True)
