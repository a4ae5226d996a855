"""Errors: each exit code, the error line and its hint, JSON errors, the caret under a bad filter."""

import json
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.support.command import Done, Segments

JSON_ERROR = ("code", "message", "hint", "status", "correlationId")


def assert_one_error(done: Done, code: int) -> None:
    """One `error:` line, then only its detail and hint."""
    lines = done.stderr.splitlines()
    assert done.code == code, done.stderr
    assert lines[0].startswith("error: ")
    assert all(line.startswith(("  ", "hint: ")) for line in lines[1:]), lines
    assert done.stdout == ""


def test_exit_0_prints_nothing_to_stderr(vip: Segments) -> None:
    done = vip("get", "VIP")
    assert (done.code, done.stderr) == (0, "")


def test_exit_3_one_of_several_is_not_found(vip: Segments) -> None:
    done = vip("get", "VIP", "NOPE", "-o", "id")
    assert (done.code, done.stdout) == (3, "1\n")
    assert_one_error(done._replace(stdout=""), 3)


def test_exit_2_usage(vip: Segments) -> None:
    assert_one_error(vip("get"), 2)


def test_exit_3_not_found(vip: Segments) -> None:
    assert_one_error(vip("get", "NOPE"), 3)


def test_exit_4_conflict(vip: Segments) -> None:
    assert_one_error(vip("add", "VIP"), 4)


def test_exit_7_not_a_database(segments: Segments) -> None:
    path = segments.home / "notes.txt"
    path.write_text("these are notes, not a database\n" * 40)
    assert_one_error(segments("list", "--backend", f"sqlite:{path}"), 7)
    assert_one_error(segments("add", "VIP", "--backend", f"sqlite:{path}"), 7)
    assert path.read_text() == "these are notes, not a database\n" * 40


def test_exit_7_a_locked_store(vip: Segments) -> None:
    other = sqlite3.connect(vip.store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = vip("add", "NEW", "--timeout", "0.1", "-o", "json")
    other.close()
    assert (done.code, done.error["code"]) == (7, "STORE_LOCKED")
    assert vip("get", "NEW").code == 3


def test_exit_7_a_store_of_a_newer_segcli(vip: Segments) -> None:
    other = sqlite3.connect(vip.store)
    other.execute("PRAGMA user_version = 9999")
    other.close()
    before = vip.store.read_bytes()
    assert_one_error(vip("list"), 7)
    assert_one_error(vip("add", "NEW"), 7)
    assert vip.store.read_bytes() == before


def test_exit_130_a_stream_is_interrupted(thousands: Segments) -> None:
    child = thousands.start("list", "--all", "-o", "jsonl")
    assert child.stdout is not None
    first = child.stdout.readline()
    child.send_signal(signal.SIGINT)
    rest = child.stdout.read()
    _, stderr = child.communicate(timeout=20)
    assert child.returncode == 130
    assert stderr.decode().startswith("error: interrupted")
    assert stderr.count(b"\n") == 1
    whole = (first + rest).split(b"\n")[:-1]
    assert [json.loads(line)["id"] for line in whole] == list(range(1, len(whole) + 1))
    assert len(whole) < 5000


def test_exit_130_a_wait_for_a_locked_store_is_interrupted(vip: Segments) -> None:
    """Ctrl-C ends the wait for another writer, here of an hour."""
    other = sqlite3.connect(vip.store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    child = vip.start("add", "NEW", "--timeout", "3600", "-v")
    assert child.stderr is not None
    while b"BEGIN IMMEDIATE" not in child.stderr.readline():
        assert child.poll() is None
    try:
        for _ in range(60):  # repeated, as a person would: the first may arrive while a line is written
            child.send_signal(signal.SIGINT)
            time.sleep(0.3)
            if child.poll() is not None:
                break
    finally:
        child.kill()
        child.communicate()
        other.close()
    assert child.returncode == 130


NOT_FOUND = ("get", "NOPE")
UNPARSED = ("get", "NOPE", "--frob")


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (("-o", "json", *NOT_FOUND), {}),
        ((*NOT_FOUND, "-o", "json"), {}),
        (("--output=json", *NOT_FOUND), {}),
        ((*NOT_FOUND, "--output=json"), {}),
        ((*NOT_FOUND, "--output", "json"), {}),
        ((*NOT_FOUND, "-ojson"), {}),
        ((*NOT_FOUND, "-qojson"), {}),
        (NOT_FOUND, {"SEGMENTS_OUTPUT": "json"}),
        (("-o", "json", *UNPARSED), {}),
        ((*UNPARSED, "-o", "json"), {}),
        (("--output=json", *UNPARSED), {}),
        ((*UNPARSED, "--output=json"), {}),
        ((*UNPARSED, "-ojson"), {}),
        (UNPARSED, {"SEGMENTS_OUTPUT": "json"}),
        (("-o", "json", "frob"), {}),
        (("accounts", "-o", "json", "frob"), {}),
        (("accounts", "list", "NOPE", "-o", "json"), {}),
        (("list", "--filter", "nope", "-o", "json"), {}),
        (("delete", "NOPE", "-o", "json"), {}),
    ],
    ids=str,
)
def test_an_error_is_one_json_object_if_the_output_is_json(
    vip: Segments, arguments: tuple[str, ...], env: dict[str, str]
) -> None:
    done = vip(*arguments, **env)
    assert done.code in (2, 3)
    assert done.stdout == ""
    assert set(json.loads(done.stderr)) == {"error"}
    assert tuple(done.error) == JSON_ERROR
    assert (done.error["status"], done.error["correlationId"]) == ({2: 400, 3: 404}[done.code], None)


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        ((*NOT_FOUND, "-o", "csv"), {"SEGMENTS_OUTPUT": "json"}),
        ((*NOT_FOUND, "-o", "json", "-o", "tsv"), {}),
        ((*UNPARSED, "-o", "yaml"), {}),
        (("get", "--", "NOPE", "-o", "json"), {}),
        (("get", "json"), {}),
    ],
    ids=str,
)
def test_an_error_is_text_if_the_output_is_not_json(
    vip: Segments, arguments: tuple[str, ...], env: dict[str, str]
) -> None:
    assert vip(*arguments, **env).stderr.startswith("error: ")


def test_a_failed_part_is_reported_as_json(vip: Segments) -> None:
    done = vip("get", "VIP", "NOPE", "-o", "json")
    assert (done.code, done.error["code"]) == (3, "ITEM_NOT_FOUND")
    assert [item["code"] for item in done.json["items"]] == ["VIP"]


@pytest.mark.parametrize(
    ("option", "text", "marked"),
    [
        ("--filter", "name like 'x'", "like"),
        ("--filter", "nope eq 1", "nope"),
        ("--filter", "重要 eq 1", "重要"),
        ("--filter", "id eq one", "one"),
        ("--filter", "name eq 'x' or so", "or so"),
        ("--filter", "code eq 'a\tb' junk", "junk"),
        ("--sort", "name up", "up"),
        ("--fields", "id,)", ")"),
        ("--query", "items[?", ""),
    ],
)
def test_the_error_is_marked_under_the_text(vip: Segments, option: str, text: str, marked: str) -> None:
    done = vip("list", option, text)
    assert_one_error(done, 2)
    _, shown, carets = done.stderr.splitlines()[:3]
    assert shown == "  " + text.replace("\t", "\\t")
    before = shown[: shown.index(marked)] if marked else shown
    assert carets == " " * len(before) + "^" * max(1, len(marked) * (2 if "重" in marked else 1))


def test_a_long_filter_is_shown_around_the_error(vip: Segments) -> None:
    text = " and ".join(["name ne 'a'"] * 100 + ["nope eq 1"])
    _, shown, carets = vip("list", "--filter", text).stderr.splitlines()[:3]
    assert len(shown) < 100
    assert shown[carets.index("^") : len(carets)] == "nope"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("sort(items)", "sort() expects array-string or array-number"),
        ("frob(@)", "unknown function: frob()"),
        ("length()", "expected 1 argument for function length(), received 0"),
    ],
)
def test_a_query_that_fails_is_one_short_line(vip: Segments, query: str, reason: str) -> None:
    done = vip("list", "--query", query)
    assert done.code == 2
    assert done.stderr == f"error: --query: {reason}\n"


def test_an_unknown_command_gets_a_suggestion(segments: Segments) -> None:
    done = segments("lst")
    assert_one_error(done, 2)
    assert "list" in done.stderr


def test_the_hint_for_an_option_names_its_command(segments: Segments) -> None:
    assert "segments list --help" in segments("list", "--filter").stderr


def test_an_error_on_a_terminal_is_colored_and_has_the_same_text(vip: Segments) -> None:
    assert "\x1b[1;31merror:\x1b[0m " in vip.shown("get", "NOPE").stdout
    assert vip.shown("get", "NOPE", NO_COLOR="1").stdout == vip("get", "NOPE").stderr


@pytest.fixture
def broken(vip: Segments, tmp_path: Path) -> Segments:
    """A command whose installation is damaged: a library that --query needs fails to load."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "jmespath.py").write_text("raise RuntimeError('damaged')\n")
    vip.env["PYTHONPATH"] = str(tmp_path / "broken")
    return vip


def test_a_bug_is_an_error_line_without_a_traceback(broken: Segments) -> None:
    done = broken("list", "--query", "items")
    assert_one_error(done, 1)
    assert "SEGMENTS_DEBUG=1" in done.stderr
    assert broken("list", "--query", "items", "-o", "json").error["code"] == "UNEXPECTED_ERROR"


def test_debug_shows_the_traceback_of_a_bug(broken: Segments) -> None:
    done = broken("list", "--query", "items", SEGMENTS_DEBUG="1")
    assert done.code == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert "RuntimeError: damaged" in done.stderr


def test_debug_shows_no_traceback_of_a_user_error(vip: Segments) -> None:
    assert_one_error(vip("get", "NOPE", SEGMENTS_DEBUG="1"), 3)
