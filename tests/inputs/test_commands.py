"""accounts add and remove with a file, as a user runs them."""

import gzip

import pytest

from tests.support.command import Segments


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


def test_stdin_is_a_file_too(vip: Segments) -> None:
    assert vip("accounts", "add", "VIP", "--file", "-", stdin="5\n6\n").code == 0
    packed = vip.raw("accounts", "add", "VIP", "--file", "-", stdin=gzip.compress(b"7\n"))
    assert packed.returncode == 0
    assert vip.ok("accounts", "list", "VIP").lines == ["5", "6", "7"]


def test_a_bad_value_is_named_and_nothing_is_written(vip: Segments) -> None:
    path = write(vip, "a.txt", "1\n2\nthree\n")
    done = vip("accounts", "add", "VIP", "--file", path)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == f"error: {path}, line 3: three is no account id"
    assert vip.ok("accounts", "list", "VIP").stdout == ""


def test_bad_values_are_passed_over_counted_and_kept(vip: Segments) -> None:
    path = write(vip, "a.txt", "1\nthree\n2\n\x1b[31m\n")
    rejects = vip.home / "rejects.txt"
    arguments = ("accounts", "add", "VIP", "--skip-invalid", "-o", "json")
    report = vip.ok(*arguments, "--file", path, "--rejects", str(rejects)).json
    assert (report["added"], report["invalid"]) == (2, 2)
    kept = rejects.read_text()
    assert f"# {path}, line 2: is no account id\nthree\n" in kept
    assert "\x1b" not in kept
    rejects.write_text(kept.replace("three", "3"))
    report = vip.ok(*arguments, "--file", str(rejects)).json
    assert (report["added"], report["invalid"]) == (1, 1)
    assert vip.ok("accounts", "list", "VIP").lines == ["1", "2", "3"]


def test_rejects_that_find_no_room_are_told_before_anything_is_written(vip: Segments) -> None:
    path = write(vip, "a.txt", "1\nthree\n")
    done = vip("accounts", "add", "VIP", "--file", path, "--skip-invalid", "--rejects", "/dev/full")
    assert (done.code, done.stdout) == (1, "")
    assert "error: /dev/full cannot be written: No space left on device" in done.stderr
    assert vip.ok("accounts", "list", "VIP").stdout == ""


MISUSED = {
    "neither": ([], "no accounts are given"),
    "both": (["1", "--file", "FILE"], "not both"),
    "a column without a file": (["1", "--column", "id"], "go with --file"),
    "skipping without a file": (["1", "--skip-invalid"], "go with --file"),
    "rejects that would be the file": (["--file", "FILE", "--rejects", "FILE"], "would write over the file"),
    "no such file": (["--file", "/no/such"], "/no/such cannot be read: No such file or directory"),
    "a folder": (["--file", "/"], "/ cannot be read: Is a directory"),
    "an empty file": (["--file", "/dev/null"], "holds no account ids"),
    "rejects that cannot be": (["-f", "FILE", "--skip-invalid", "--rejects", "/no/r"], "cannot be written"),
}


@pytest.mark.parametrize(("words", "said"), MISUSED.values(), ids=MISUSED)
@pytest.mark.parametrize("command", ["add", "remove"])
def test_what_cannot_be_meant_is_a_usage_error(
    vip: Segments, command: str, words: list[str], said: str
) -> None:
    path = write(vip, "a.txt", "1\n")
    done = vip("accounts", command, "VIP", *(path if word == "FILE" else word for word in words))
    assert done.code == 2
    assert said in done.stderr
    assert vip.ok("accounts", "list", "VIP").stdout == ""


def test_an_unknown_segment_is_not_found(vip: Segments) -> None:
    assert vip("accounts", "add", "NOPE", "--file", write(vip, "a.txt", "1\n")).code == 3
