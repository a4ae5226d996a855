"""The common options: before or after the command word, and the precedence of their sources."""

import json
import subprocess
import sys

import pytest
import yaml

import segcli
from tests.support.command import Segments


@pytest.mark.parametrize(
    "arguments",
    [
        ("-o", "json", "accounts", "list", "VIP"),
        ("accounts", "-o", "json", "list", "VIP"),
        ("accounts", "list", "-o", "json", "VIP"),
        ("accounts", "list", "VIP", "-o", "json"),
        ("accounts", "list", "VIP", "--output", "json"),
        ("--output=json", "accounts", "list", "VIP"),
        ("accounts", "--output=json", "list", "VIP"),
        ("-ojson", "accounts", "list", "VIP"),
        ("-qojson", "accounts", "list", "VIP"),
        ("accounts", "list", "VIP", "-qvo", "json"),
    ],
    ids=" ".join,
)
def test_an_option_can_be_anywhere(vip: Segments, arguments: tuple[str, ...]) -> None:
    assert vip.ok(*arguments).json == {"totalCount": 2, "items": [1001, 1002]}


def test_every_common_option_can_precede_and_follow_the_command(vip: Segments) -> None:
    options = [
        "--backend", f"sqlite:{vip.store}", "-o", "json", "--query", "totalCount", "-q", "-v",
        "--timeout", "5", "--no-color",
    ]  # fmt: skip
    for arguments in ([*options, "list"], ["list", *options]):
        assert vip.ok(*arguments).stdout == "2\n"


def test_the_last_of_several_is_used(vip: Segments) -> None:
    assert vip.ok("-o", "csv", "list", "-o", "id").lines == ["1", "2"]
    assert vip.ok("list", "-o", "csv", "-o", "id").lines == ["1", "2"]


def test_a_flag_overrides_a_variable_and_a_variable_the_default(vip: Segments) -> None:
    assert vip.ok("list", "-o", "id", SEGMENTS_OUTPUT="yaml").lines == ["1", "2"]
    assert yaml.safe_load(vip.ok("list", SEGMENTS_OUTPUT="yaml").stdout)["totalCount"] == 2
    assert vip.ok("list").lines[0].startswith("1\tVIP\t")


def test_a_backend_by_flag_by_variable_and_by_default(vip: Segments) -> None:
    one, two = (f"sqlite:{vip.home}/{name}.db" for name in ("one", "two"))
    vip.ok("add", "ONE", "--backend", one)
    vip.ok("add", "TWO", SEGMENTS_BACKEND=two)
    assert vip.ok("list", "-o", "code", "--backend", one, SEGMENTS_BACKEND=two).lines == ["ONE"]
    assert vip.ok("list", "-o", "code", SEGMENTS_BACKEND=two).lines == ["TWO"]
    assert vip.ok("list", "-o", "code").lines == ["VIP", "STAFF"]


def test_a_query_by_variable_and_by_flag(vip: Segments) -> None:
    assert vip.ok("list", "-o", "json", SEGMENTS_QUERY="totalCount").json == 2
    assert vip.ok("list", "-o", "json", "--query", "startIndex", SEGMENTS_QUERY="totalCount").json == 0


@pytest.mark.parametrize(
    "variable", ["BACKEND", "OUTPUT", "QUERY", "QUIET", "VERBOSE", "TIMEOUT", "NO_COLOR", "PROFILE"]
)
def test_an_empty_variable_is_unset(vip: Segments, variable: str) -> None:
    assert vip("list", **{f"SEGMENTS_{variable}": ""}) == vip("list")


INVALID = [
    (("list", "-o", "xml"), {}, ("xml", "--output")),
    (("list",), {"SEGMENTS_OUTPUT": "xml"}, ("xml", "SEGMENTS_OUTPUT")),
    (("list", "--timeout", "soon"), {}, ("soon", "--timeout")),
    (("list",), {"SEGMENTS_TIMEOUT": "soon"}, ("soon", "SEGMENTS_TIMEOUT")),
    (("list",), {"SEGMENTS_QUIET": "maybe"}, ("maybe", "SEGMENTS_QUIET")),
    (("list",), {"SEGMENTS_VERBOSE": "maybe"}, ("maybe", "SEGMENTS_VERBOSE")),
    (("list",), {"SEGMENTS_NO_COLOR": "maybe"}, ("maybe", "SEGMENTS_NO_COLOR")),
    (("list", "--backend", "frob"), {}, ("frob", "--backend")),
    (("list",), {"SEGMENTS_BACKEND": "frob"}, ("frob", "SEGMENTS_BACKEND")),
    (("list", "--query", "a["), {}, ("a[", "--query")),
    (("list",), {"SEGMENTS_QUERY": "a["}, ("a[", "SEGMENTS_QUERY")),
    (("list", "--profile", "frob"), {}, ("frob", "--profile")),
    (("list",), {"SEGMENTS_PROFILE": "frob"}, ("frob", "SEGMENTS_PROFILE")),
]


@pytest.mark.parametrize(("arguments", "env", "named"), INVALID, ids=str)
def test_an_invalid_value_is_reported_with_its_origin(
    vip: Segments, arguments: tuple[str, ...], env: dict[str, str], named: tuple[str, str]
) -> None:
    done = vip(*arguments, **env)
    assert (done.code, done.stdout) == (2, "")
    value, origin = named
    assert value in done.stderr
    assert origin in done.stderr.splitlines()[0]


def test_an_invalid_value_is_reported_before_anything_is_done(segments: Segments) -> None:
    for option in ("--query", "items["), ("-o", "xml"), ("--timeout", "0"):
        assert segments("add", "VIP", *option).code == 2
    assert not segments.store.exists()


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_a_variable_can_set_a_flag(pages: Segments, value: str) -> None:
    assert pages.ok("list", SEGMENTS_QUIET=value).stderr == ""


@pytest.mark.parametrize("value", ["0", "false", "No", "off"])
def test_a_variable_can_unset_a_flag(pages: Segments, value: str) -> None:
    assert pages.ok("list", SEGMENTS_QUIET=value).stderr == pages.ok("list").stderr != ""


@pytest.mark.parametrize("arguments", [("-q", "list"), ("list", "--quiet")], ids=" ".join)
def test_quiet_hides_notes_but_not_errors(pages: Segments, arguments: tuple[str, ...]) -> None:
    assert pages.ok(*arguments).stderr == ""
    assert pages("get", "NOPE", "-q").stderr.startswith("error: ")


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (("-v", "get", "VIP"), {}),
        (("get", "VIP", "--verbose"), {}),
        (("get", "VIP"), {"SEGMENTS_VERBOSE": "1"}),
    ],
)
def test_verbose_logs_the_statements_to_stderr(
    vip: Segments, arguments: tuple[str, ...], env: dict[str, str]
) -> None:
    done = vip.ok(*arguments, **env)
    assert done.stdout == vip.ok("get", "VIP").stdout
    assert any(line.startswith("SELECT ") and "segment" in line for line in done.stderr.splitlines())


def test_verbose_escapes_control_characters(vip: Segments) -> None:
    done = vip("get", "\x1b[31m", "-v")
    assert "\x1b" not in done.stderr
    assert "\\x1b[31m" in done.stderr


@pytest.mark.parametrize("timeout", ["0.001", "1", "30.5", "86400", "1e3"])
def test_a_valid_timeout(vip: Segments, timeout: str) -> None:
    assert vip.ok("list", "--timeout", timeout, "-o", "id").lines == ["1", "2"]


@pytest.mark.parametrize("timeout", ["0", "-1", "86401", "nan", "inf", "-inf", "x", "1s", ""])
def test_an_invalid_timeout(vip: Segments, timeout: str) -> None:
    done = vip("list", f"--timeout={timeout}")
    assert (done.code, done.stdout) == (2, "")
    assert "--timeout" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("list", "--version"),
        ("--version", "list"),
        ("accounts", "--version"),
        ("accounts", "list", "--version"),
        ("delete", "--version"),
        ("-o", "json", "--version"),
        ("--version", "--version"),
    ],
    ids=" ".join,
)
def test_version_works_everywhere(segments: Segments, arguments: tuple[str, ...]) -> None:
    assert segments.ok(*arguments).stdout == f"segments {segcli.__version__}\n"
    assert list(segments.home.iterdir()) == []


@pytest.mark.parametrize("words", [(), ("list",), ("accounts",), ("accounts", "of")], ids=" ".join)
def test_help_works_everywhere(segments: Segments, words: tuple[str, ...]) -> None:
    long = segments.ok(*words, "--help")
    assert f"Usage: {' '.join(('segments', *words))} " in long.stdout
    assert long == segments.ok(*words, "-h")
    assert long.stderr == ""


@pytest.mark.parametrize("words", [(), ("accounts",)], ids=" ".join)
def test_a_group_without_a_command_shows_its_help(segments: Segments, words: tuple[str, ...]) -> None:
    assert segments.ok(*words) == segments.ok(*words, "--help")


def test_python_m_segcli_is_the_same_command(vip: Segments) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segcli", "get", "VIP", "-o", "json"],
        env=vip.env, capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == vip.ok("get", "VIP", "-o", "json").json


def test_verbose_logs_the_statements_about_segments(vip: Segments) -> None:
    done = vip.ok("get", "VIP", "-v")
    (statement,) = done.stderr.splitlines()
    assert statement.startswith("SELECT id, code, name")
    done = vip.ok("update", "VIP", "--name", "PRAGMA x", "--description", "d" * 5000, "-v")
    assert not [line for line in done.stderr.splitlines() if line.startswith(("PRAGMA", "--"))]
    (update,) = [line for line in done.stderr.splitlines() if line.startswith("UPDATE")]
    assert "'PRAGMA x'" in update
    assert update.endswith("d...")
