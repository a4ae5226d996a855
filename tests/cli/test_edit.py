"""segments edit: the editor's file, what is written, and what is kept if it cannot be."""

import os
import re
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segcli.errors import DeclinedError, UsageError
from segcli.model import SegmentDraft
from segcli.operations.edit import read, write
from tests.support.command import COMMAND, Done, Segments
from tests.support.modules import loaded, packages
from tests.support.tenant_server import TenantServer

OLD = SegmentDraft("VIP", "Very important", "Spent a lot")


def editor(segments: Segments, script: str) -> str:
    """The command of an editor that runs Python on the text in `path`, and counts its runs in `run`."""
    file = segments.home / "an editor.py"
    file.write_text(
        f"""
import os, pathlib, subprocess, sys, time
path = pathlib.Path(sys.argv[-1])
text = path.read_text()
seen = pathlib.Path({str(segments.home)!r}) / "seen"
seen.mkdir(exist_ok=True)
run = len(list(seen.iterdir())) + 1
(seen / str(run)).write_text(f"{{path}}\\n{{oct(path.stat().st_mode)}}\\n{{text}}")
command = {COMMAND!r}
{script}
path.write_text(text)
"""
    )
    return f"'{sys.executable}' '{file}' --wait"


def edited(segments: Segments, script: str, ref: str = "VIP", **env: str) -> Done:
    return segments.shown(
        "edit", ref, columns=200, **{"EDITOR": editor(segments, script), "NO_COLOR": "1", **env}
    )


def seen(segments: Segments, run: int) -> tuple[Path, int, str]:
    """The path, the mode and the text of the file that the editor was given."""
    path, mode, text = (segments.home / "seen" / str(run)).read_text().split("\n", 2)
    return Path(path), stat.S_IMODE(int(mode, 8)), text


def test_the_document_is_yaml_in_a_private_file_that_is_removed(vip: Segments) -> None:
    done = edited(vip, "text = text.replace('Very important', 'The best')")
    assert done.code == 0
    assert "The best" in done.stdout
    assert vip.ok("get", "VIP", "-o", "json").json["name"] == "The best"
    path, mode, text = seen(vip, 1)
    assert (path.suffix, mode, path.exists()) == (".yaml", 0o600, False)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments[0] == "# Segment VIP (id 1)"
    assert text.splitlines()[len(comments) :] == [
        "code: VIP",
        "name: Very important",
        "description: Spent a lot",
    ]


def test_without_a_change_nothing_is_written(vip: Segments) -> None:
    before = vip.ok("get", "VIP", "-o", "json").stdout
    done = edited(vip, "text += '# a comment\\n'")
    assert (done.code, done.stdout.splitlines()[0]) == (0, "no changes: VIP is as it was")
    assert vip.ok("get", "VIP", "-o", "json").stdout == before


def test_a_field_is_cleared_and_one_that_is_missing_is_unchanged(vip: Segments) -> None:
    assert edited(vip, "text = 'name:\\n'").code == 0
    shown = vip.ok("get", "VIP", "-o", "json").json
    assert (shown["code"], shown["name"], shown["description"]) == ("VIP", None, "Spent a lot")


def test_an_empty_document_cancels(vip: Segments) -> None:
    done = edited(vip, "text = '# only a comment\\n'")
    assert (done.code, done.stdout) == (1, "error: cancelled: the document is empty; nothing was changed\n")


def test_an_invalid_document_is_opened_again_with_the_error(vip: Segments) -> None:
    done = edited(vip, "text = 'nam: x\\n' if run == 1 else text.replace('nam:', 'name:')")
    assert done.code == 0
    assert seen(vip, 2)[2] == "# error: line 2: expected code, name, description\nnam: x\n"
    assert vip.ok("get", "VIP", "-o", "json").json["name"] == "x"


def test_an_invalid_document_that_is_left_as_it_is_ends_the_command(vip: Segments) -> None:
    done = edited(vip, "text = 'code:\\n' if run == 1 else text")
    assert done.code == 2
    kept = re.search(
        r"error: code: expected text that is not blank; the edited text is in (\S+)", done.stdout
    )
    assert kept
    assert "code:\n" in Path(kept[1]).read_text()
    os.unlink(kept[1])


def test_a_segment_that_was_changed_meanwhile_is_a_conflict(vip: Segments) -> None:
    script = """
subprocess.run([command, "update", "VIP", "--name", "Theirs"], check=True, stdout=subprocess.DEVNULL)
text = text.replace("Very important", "Mine")
"""
    done = edited(vip, script)
    assert done.code == 4
    kept = re.search(
        r"error: VIP was changed while you edited it; nothing was written; the edited text is in (\S+)",
        done.stdout,
    )
    assert kept
    path = Path(kept[1])
    assert "name: Mine" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    assert vip.ok("get", "VIP", "-o", "json").json["name"] == "Theirs"


def test_a_code_that_another_segment_has_is_opened_again(vip: Segments) -> None:
    done = edited(vip, "text = 'code: STAFF\\n' if run == 1 else text.replace('STAFF', 'GOLD')")
    assert done.code == 0
    assert seen(vip, 2)[2] == "# error: another segment has the code STAFF\ncode: STAFF\n"
    assert vip.ok("get", "GOLD", "-o", "json").json["id"] == 1
    done = edited(vip, "text = 'code: STAFF\\n'", "GOLD")
    assert done.code == 4
    kept = re.search(r"another segment has the code STAFF; the edited text is in (\S+)", done.stdout)
    assert kept
    os.unlink(kept[1])


@pytest.mark.usefixtures("tenant_variables")
def test_a_segment_of_a_tenant_is_edited(segments: Segments, tenant: TenantServer) -> None:
    segments.ok("add", "VIP", "--name", "Very important")
    assert edited(segments, "text = text.replace('important', 'rich')").code == 0
    assert segments.ok("get", "VIP", "-o", "json").json["name"] == "Very rich"


@pytest.mark.parametrize(
    ("env", "code", "message"),
    [
        ({"VISUAL": "/nonexistent/vi"}, 2, "the editor '/nonexistent/vi' (VISUAL) cannot be run: No such"),
        ({"VISUAL": "false"}, 1, "the editor exited with 1; nothing was changed"),
        ({"EDITOR": "'vi"}, 2, "EDITOR is not a valid command: no closing quotation"),
        ({"VISUAL": "true; touch x"}, 2, "the editor 'true;' (VISUAL) cannot be run: No such"),
    ],
    ids=str,
)
def test_an_editor_that_fails(vip: Segments, env: dict[str, str], code: int, message: str) -> None:
    done = edited(vip, "", **env)
    assert (done.code, f"error: {message}" in done.stdout) == (code, True)
    assert not (vip.home / "x").exists()


def test_ctrl_c_is_left_to_the_editor(vip: Segments) -> None:
    script = """
try:
    print("READY", flush=True)
    time.sleep(20)
except KeyboardInterrupt:
    text = text.replace("Very important", "Interrupted")
"""
    child = vip.terminal("edit", "VIP", EDITOR=editor(vip, script))
    child.expect("READY")
    child.sendintr()
    child.read()
    child.close()
    assert child.exitstatus == 0
    assert vip.ok("get", "VIP", "-o", "json").json["name"] == "Interrupted"


def test_without_a_terminal_it_is_a_usage_error(vip: Segments) -> None:
    done = vip("edit", "VIP", EDITOR="true")
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == (
        "error: an editor needs a terminal\nhint: change single fields with: segments update\n"
    )


def test_an_unknown_segment_opens_no_editor(vip: Segments) -> None:
    assert edited(vip, "", "NOPE").code == 3
    assert not (vip.home / "seen").exists()


def test_only_this_command_imports_yaml(vip: Segments) -> None:
    assert "yaml" not in packages(loaded(vip, "edit", "--help"))


@pytest.mark.parametrize("code", ["2026", "yes", "null", "~", "0x10", "2026-01-01", "<<", "=", "a: b", "#x"])
def test_a_value_is_text_as_it_is_written(code: str) -> None:
    assert read(write(SegmentDraft(code)), OLD).code == code


def test_a_number_needs_no_quotes() -> None:
    assert read("code: 2026\nname: yes", OLD) == SegmentDraft("2026", "yes", "Spent a lot")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code", "expected code, name, description with their values"),
        ("- code", "expected code, name, description with their values"),
        ("name: a\nname: b", "line 2: name appears twice"),
        ("name: [a]", "line 1: name: expected text"),
        ("name: &a {x: *a}", "line 1: name: expected text"),
        ("? [a]\n: b", "line 1: expected code, name, description"),
        ("name: 'a", "line 1: found unexpected end of stream"),
        ("name: a\n---\nname: b", "line 2: but found another document"),
        ("[" * 5000, "the document is nested too deeply"),
        ("name: \x07", "not valid YAML"),
    ],
)
def test_an_invalid_document_names_the_line(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text, OLD)
    assert raised.value.message == message


def test_a_document_without_content_is_declined() -> None:
    with pytest.raises(DeclinedError):
        read("# nothing\n", OLD)


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40) | st.text(
    st.sampled_from("a \n\t:#'\"|>-\r\x85\u2028é😀"), min_size=1, max_size=12
)


@example(value="a\n")
@example(value="a\n\n b \n")
@example(value="\n a")
@example(value="a \nb")
@given(value=TEXT)
def test_any_text_is_read_back(value: str) -> None:
    draft = SegmentDraft(f"x{value}", value, value)
    assert read(write(draft), OLD) == draft


def test_an_editor_that_was_killed(vip: Segments) -> None:
    done = edited(vip, "os.kill(os.getpid(), 15)")
    assert (done.code, done.stdout.strip()) == (
        1, "error: the editor was ended by signal 15; nothing was changed",
    )  # fmt: skip
