"""Closed pipes, missing or full streams, and locales without UTF-8."""

import os
import sqlite3
import subprocess

import pytest

from segcli.model import SegmentDraft
from tests.support.command import COMMAND, Segments
from tests.support.shell import shell
from tests.support.stores import fill
from tests.support.tenant_server import Fault, Reply, TenantServer

FIRST = {
    "tsv": "1\tS0001\t",
    "csv": "id,code,",
    "jsonl": '{"id":1,',
    "json": '{"startIndex":0,',
    "yaml": "startIndex: 0",
    "table": "id  code",
    "id": "1",
}
FORMATS = list(FIRST)


@pytest.fixture(scope="module")
def accented(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds non-ASCII text."""
    segments = Segments(tmp_path_factory.mktemp("accented"))
    fill(segments, [SegmentDraft("ÉLITE", "重要")])
    return segments


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("setting", ["", "set -o pipefail; "], ids=["plain", "pipefail"])
def test_a_closed_pipe_ends_quietly(thousands: Segments, setting: str, format: str) -> None:
    done = shell(thousands, f"{setting}segments list --all -o {format} | head -1 | cut -c 1-20")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.lstrip().startswith(FIRST[format])


def test_a_filtered_list_ends_quietly(vip: Segments) -> None:
    done = shell(
        vip,
        "set -o pipefail; segments list --filter \"name cont 'import' and createDate ge 2026-01-01\""
        ' --sort "name desc" --fields id,code -o csv | head -1',
    )
    assert done == (0, "id,code\r\n", "")


@pytest.mark.parametrize("words", ["--help", "list --help", "--version", "list --version", "list", "get VIP"])
def test_a_pipe_without_a_reader_ends_quietly(vip: Segments, words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as unread:
        done = subprocess.run(
            [COMMAND, *words.split()], env=vip.env, stdout=unread, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


def without_reader(segments: Segments, *words: str) -> tuple[int, str]:
    """The exit code and stderr of a command whose stdout is a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as unread:
        done = subprocess.run(
            [COMMAND, *words], env=segments.env, stdout=unread, stderr=subprocess.PIPE, check=False
        )
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("format", ["tsv", "json", "table", "yaml"])
def test_a_pipe_without_a_reader_hides_no_missing_segment(vip: Segments, format: str) -> None:
    code, stderr = without_reader(vip, "get", "VIP", "NOPE", "-o", format)
    assert code == 3
    assert "there is no segment with code NOPE" in stderr


def test_a_full_disk_hides_no_missing_segment(vip: Segments) -> None:
    done = shell(vip, "segments get VIP NOPE > /dev/full")
    assert done.code == 3
    first, _, second, _ = done.stderr.splitlines()
    assert first == "error: there is no segment with code NOPE"
    assert "No space left" in second


@pytest.mark.usefixtures("tenant_variables")
def test_a_pipe_without_a_reader_hides_no_stopped_run(segments: Segments, tenant: TenantServer) -> None:
    """The server fails after the first chunks."""
    segments.ok("add", "VIP")
    tenant.script = lambda request: Fault(Reply(503)) if request.number > 4 else None
    code, stderr = without_reader(
        segments,
        "accounts",
        "add",
        "VIP",
        *map(str, range(1, 50)),
        "--chunk-size",
        "10",
        "--timeout",
        "1",
        "--concurrency",
        "1",
    )
    assert code == 6
    assert "accounts were done" in stderr


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_a_completion_script_on_a_full_disk_is_one_error(segments: Segments, shell_name: str) -> None:
    done = shell(segments, f"segments completion show {shell_name} > /dev/full")
    assert done.code == 1
    assert done.stderr.startswith("error: cannot write the result to stdout: No space left")
    assert without_reader(segments, "completion", "show", shell_name) == (0, "")


def test_a_deleted_working_folder_is_no_bug(segments: Segments) -> None:
    done = shell(segments, "mkdir gone; cd gone; rmdir ../gone; segments list --backend sqlite:own.db")
    assert done.code == 1
    assert done.stderr == "error: No such file or directory\n"


@pytest.mark.parametrize("words", ["list", "list -o table", "list -o csv", "get VIP", "--help", "--version"])
def test_a_full_disk_is_one_error_line(vip: Segments, words: str) -> None:
    done = shell(vip, f"segments {words} > /dev/full")
    assert done.code == 1
    assert done.stderr.startswith("error: ")
    error, hint = done.stderr.splitlines()
    assert "No space left" in error
    assert hint == "hint: changes that the command made are kept; only its output is incomplete"


@pytest.mark.parametrize("words", ["list", "list -o table", "get VIP -o csv", "--help", "--version"])
def test_a_closed_stdout_is_one_error_line(vip: Segments, words: str) -> None:
    done = shell(vip, f"segments {words} >&-")
    assert done.code == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_a_full_disk_is_reported_as_json(vip: Segments) -> None:
    done = shell(vip, "segments list -o json > /dev/full")
    assert (done.code, done.error["code"]) == (1, "OUTPUT_FAILED")


def test_a_closed_stdin_does_not_matter_without_a_prompt(vip: Segments) -> None:
    assert shell(vip, "segments list -o id <&-") == (0, "1\n2\n", "")


def test_a_closed_stdin_cannot_confirm(vip: Segments) -> None:
    done = shell(vip, "segments delete VIP <&-")
    assert done.code == 2
    assert "--yes" in done.stderr


def test_a_closed_stderr_changes_no_exit_code(vip: Segments) -> None:
    assert shell(vip, "segments get NOPE 2>&-") == (3, "", "")
    assert shell(vip, "segments list -v -o id 2>&-") == (0, "1\n2\n", "")


def test_a_full_stderr_changes_no_exit_code(vip: Segments) -> None:
    assert shell(vip, "segments get NOPE 2>/dev/full").code == 3


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_does_not_write_into_the_store(vip: Segments, closed: str) -> None:
    shell(vip, f"segments -v add NEW {closed}; segments -v get NOPE {closed}")
    assert vip.ok("list", "-o", "code").lines[:2] == ["VIP", "STAFF"]
    store = sqlite3.connect(vip.store)
    assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    store.close()


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "LANG": ""},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
@pytest.mark.parametrize("format", ["tsv", "json", "table", "csv", "yaml"])
def test_output_is_utf_8_in_every_locale(accented: Segments, env: dict[str, str], format: str) -> None:
    written = accented.ok("list", "-o", format, **env).stdout
    assert "ÉLITE" in written
    assert "重要" in written


@pytest.mark.parametrize("env", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}], ids=str)
def test_help_and_errors_work_in_every_locale(segments: Segments, env: dict[str, str]) -> None:
    assert segments.ok("--help", **env).stderr == ""
    assert segments("get", "ÉLITE", **env).code == 3


def test_a_table_on_a_terminal_is_utf_8_in_every_locale(accented: Segments) -> None:
    assert "ÉLITE" in accented.shown("list", PYTHONIOENCODING="ascii").stdout


def test_ids_can_be_piped_to_xargs(thousands: Segments) -> None:
    line = "segments list --filter 'id le 3' -o id | xargs segments get -o code"
    assert shell(thousands, line) == (0, "S0001\nS0002\nS0003\n", "")


def test_cut_selects_codes(thousands: Segments) -> None:
    assert shell(thousands, "segments list --limit 2 -q | cut -f2").lines == ["S0001", "S0002"]
