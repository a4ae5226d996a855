"""`segments export`: deterministic, complete, and read back as the same state."""

import json
import os
import shutil
import stat
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
import ruamel.yaml
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from segcli.account_set import AccountSet
from segcli.manifest.file_names import file_names
from segcli.manifest.schema import manifest_schema
from segcli.manifest.writer import Written, to_json, to_yaml
from segcli.model import SegmentDraft
from segcli.operations.desired import desired_of
from tests.support.command import Segments
from tests.support.manifests import quiet, read
from tests.support.sets import fill_sets, on_a_served_store, on_a_store, on_a_tenant
from tests.support.stores import fill, fill_accounts, open_store

VALID = validator_for(manifest_schema()).is_valid
CODES = [
    "VIP",
    "vip",
    "Vip",
    "yes",
    "null",
    "1e3",
    "007",
    "12",
    "-",
    ".",
    "..",
    "../x",
    "a/b",
    "a b",
    "a: b",
    "a #b",
    "#a",
    "'a'",
    '"a"',
    " a ",
    "CON",
    "nul.x",
    "a%b",
    "a~b",
    "é",
    "😀",
    "x" * 255,
    "é" * 200,
    "x" * 254 + "y",
    "[a]",
    "{a}",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "?",
    "~",
    "=",
    "<<",
    "y",
    "N",
    "a\tb",
    "a\\b",
    "2026-01-01",
    "\u202ea",
    "a\u0085b",
    "\ufffe",
]
TEXTS = [
    "a\nb",
    "a\n",
    "\na",
    "a\n\nb",
    " a\nb",
    "a\n b",
    "a \nb",
    "# a\nb",
    "a\r\nb",
    "---\na",
    "a\x7fb\nc",
    "\n",
    " ",
]


@pytest.fixture
def many(segments: Segments) -> Segments:
    """Segments with codes and texts of every kind; every third has accounts."""
    texts = [TEXTS[number % len(TEXTS)] for number in range(len(CODES))]
    fill(segments, (SegmentDraft(code, code[::-1], text) for code, text in zip(CODES, texts, strict=True)))
    for number in range(1, len(CODES) + 1, 3):
        fill_accounts(segments, number, range(number, number + 50))
    return segments


def state(path: Path) -> list[tuple[str, str | None, str | None, list[int]]]:
    """What a store holds, by code."""
    backend = open_store(str(path), timeout=10)
    try:
        found = [backend.get_segment(number) for number in range(1, len(CODES) + 1)]
        return sorted(
            (each.code, each.name, each.description, list(backend.get_segment_accounts(each.id)))
            for each in found
        )
    finally:
        backend.close()


def asked(source: Path | str) -> list[tuple[str, str | None, str | None, list[int]]]:
    return [
        (each.code, each.name, each.description, list(each.accounts))
        for each in read(source).segments
        if isinstance(each.accounts, AccountSet)
    ]


@pytest.mark.parametrize("to", ["out.yaml", "out.yml", "out.json", "OUT.JSON", "folder", "new/folder"])
def test_what_is_written_is_read_back(many: Segments, to: str) -> None:
    path = many.home / to
    done = many.ok("export", "--accounts", "--to", str(path))
    assert done.stdout == ""
    assert done.stderr == f"wrote {len(CODES)} segments with 800 account associations to {path}\n"
    assert asked(path) == state(many.store)
    before = {each: each.read_bytes() for each in many.home.rglob("*") if each.is_file()}
    many.ok("export", "--accounts", "--to", str(path))
    assert {each: each.read_bytes() for each in before} == before
    assert not list(many.home.rglob(".new-*"))


def test_other_readers_agree(many: Segments) -> None:
    text = many.ok("export", "--accounts").stdout
    document = many.ok("export", "--accounts", "-o", "json").json
    assert yaml.safe_load(text) == document
    assert ruamel.yaml.YAML(typ="safe", pure=True).load(text) == document  # YAML 1.2
    assert yaml.load(text, Loader=yaml.BaseLoader)["segments"][0]["code"] == min(CODES)
    assert VALID(document)
    assert json.dumps(document, ensure_ascii=True) == json.dumps(yaml.safe_load(text), ensure_ascii=True)
    folder = many.home / "folder"
    many.ok("export", "--accounts", "--to", str(folder))
    assert VALID(yaml.safe_load((folder / "segments.yaml").read_text()))


def test_stdout_has_the_bytes_of_the_file(many: Segments) -> None:
    for format, name in (("yaml", "a.yaml"), ("json", "a.json")):
        many.ok("export", "--to", str(many.home / name))
        assert many.raw("export", "-o", format).stdout == (many.home / name).read_bytes()


def test_without_accounts_memberships_are_not_managed(many: Segments) -> None:
    many.ok("export", "--to", str(many.home / "folder"))
    assert {each.accounts for each in read(many.home / "folder").segments} == {None}
    assert [each.name for each in (many.home / "folder").iterdir()] == ["segments.yaml"]


def test_names_of_files(many: Segments) -> None:
    names = file_names(CODES)
    assert len({name.lower() for name in names.values()}) == len(CODES)
    assert names["VIP"] == "VIP"
    assert all(name.isascii() and len(name) < 200 and name[0] != "." for name in names.values())
    assert not any({"/", "\\", ":", " "} & set(name) for name in names.values())
    assert names["CON"] == "%43ON"
    assert names["é"] == "%C3%A9"


def test_an_empty_store(segments: Segments) -> None:
    fill(segments, [])
    assert segments.ok("export").stdout == "version: 1\nsegments: []\n"
    assert segments.ok("export", "-o", "json").json == {"version": 1, "segments": []}


def test_selected_segments(vip: Segments) -> None:
    vip.ok("add", "VIP-2")
    for words, codes in ((("VIP*",), ["VIP", "VIP-2"]), (("STAFF", "1", "VIP"), ["STAFF", "VIP"])):
        found = vip.ok("export", *words, "-o", "json").json["segments"]
        assert [each["code"] for each in found] == codes
    assert vip("export", "NOPE").code == 3
    assert vip("export", "NOPE*").code == 3


def test_stale_files_are_removed_and_other_files_kept(vip: Segments) -> None:
    folder = vip.home / "folder"
    vip.ok("export", "--accounts", "--to", str(folder))
    (folder / "README").write_text("mine")
    (folder / "accounts" / "OTHER.txt").write_text("1\n")
    vip.ok("delete", "STAFF", "--yes")
    done = vip.ok("export", "--accounts", "--to", str(folder))
    assert done.stderr.endswith("; removed 1 file that it no longer names\n")
    files = sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())
    assert files == ["README", "accounts/OTHER.txt", "accounts/VIP.txt", "segments.yaml"]


def test_a_file_of_another_name_is_not_removed(vip: Segments) -> None:
    folder = vip.home / "folder"
    folder.mkdir()
    (folder / "mine.txt").write_text("1\n")
    (folder / "segments.yaml").write_text(
        "version: 1\nsegments:\n- {code: A, accounts: {file: mine.txt}}\n"
        "- {code: B, accounts: {file: ../outside.txt}}\n"
    )
    (vip.home / "outside.txt").write_text("1\n")
    vip.ok("export", "--accounts", "--to", str(folder))
    assert (folder / "mine.txt").exists()
    assert (vip.home / "outside.txt").exists()


def test_what_cannot_be_written_changes_nothing(vip: Segments) -> None:
    file = vip.home / "file"
    file.write_text("mine")
    assert vip("export", "--to", str(file)).code == 2
    assert vip("export", "--to", str(file / "x.yaml")).code == 1
    assert file.read_text() == "mine"
    folder = vip.home / "folder"
    folder.mkdir()
    (folder / "segments.json").write_text("{}")
    assert "would have two manifests" in vip("export", "--to", str(folder)).stderr
    (folder / "segments.json").unlink()
    (vip.home / "elsewhere").mkdir()
    (folder / "accounts").symlink_to(vip.home / "elsewhere")
    done = vip("export", "--accounts", "--to", str(folder))
    assert (done.code, done.stderr.startswith("error: cannot write ")) == (1, True)
    assert [each.name for each in folder.iterdir()] == ["accounts"]
    assert list((vip.home / "elsewhere").iterdir()) == []
    assert vip("export", "--to", "").code == 2
    for path in ("/dev/fd/segments.yaml", "/dev/fd/folder"):  # there, nobody can create a file
        assert vip("export", "--to", path).stderr.startswith(f"error: cannot write {path}: ")


def test_only_a_regular_file_is_replaced(vip: Segments) -> None:
    pipe = vip.home / "pipe.yaml"
    os.mkfifo(pipe)
    folder = vip.home / "folder.yaml"
    folder.mkdir()
    for path in (pipe, folder):
        done = vip("export", "--to", str(path))
        assert (done.code, f"{path} is not a regular file" in done.stderr) == (2, True)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert list(folder.iterdir()) == []


def test_a_file_keeps_its_mode_and_a_link_its_target(vip: Segments) -> None:
    real = vip.home / "real.yaml"
    real.write_text("")
    real.chmod(0o640)
    (vip.home / "link.yaml").symlink_to(real)
    vip.ok("export", "--to", str(vip.home / "link.yaml"))
    assert (vip.home / "link.yaml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(read(real).segments) == 2


@pytest.mark.parametrize("options", [("-o", "csv"), ("-o", "code"), ("--query", "segments")])
def test_options_that_do_not_fit(vip: Segments, options: tuple[str, ...]) -> None:
    assert vip("export", *options).code == 2


def test_a_closed_pipe(vip: Segments) -> None:
    done = vip.through_a_shell("export --accounts | true")
    text = done.read()
    assert "Traceback" not in text
    assert "Exception" not in text


@pytest.mark.parametrize("on", [on_a_store, on_a_tenant, on_a_served_store])
def test_every_backend_has_the_same_export(on: object, tmp_path: Path) -> None:
    assert callable(on)
    with on(tmp_path) as segments:
        text = segments.ok("export", "--accounts").stdout
    found = {each["code"]: len(each["accounts"]["ids"]) for each in yaml.safe_load(text)["segments"]}
    assert found == {"A": 32, "B": 21, "C": 0}


def test_a_tenant_is_read_with_few_requests(tmp_path: Path) -> None:
    from tests.support.tenant_server import serving

    store = tmp_path / "tenant.db"
    backend = open_store(str(store), timeout=10)
    with backend.transaction():
        for number in range(1, 151):
            segment = backend.add_segment(SegmentDraft(f"S{number}"))
            backend.add_segment_accounts(segment.id, AccountSet([number]))
    backend.close()
    segments = Segments(tmp_path)
    with serving(store) as server:
        segments.env |= server.environ
        segments.ok("export", "--accounts")
        assert len(server.requests) <= 3


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
definitions = st.lists(
    st.builds(
        Written,
        texts.filter(lambda text: bool(text.strip())),
        texts | st.none(),
        texts | st.sampled_from(TEXTS) | st.none(),
        st.none() | st.sets(st.integers(1, 2**31 - 1), max_size=3).map(AccountSet),
    ),
    max_size=5,
    unique_by=lambda each: each.code,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(definitions)
def test_any_text_is_read_back(tmp_path: Path, found: Iterable[Written]) -> None:
    found = list(found)
    expected = [(each.code, each.name or None, each.description or None, each.accounts) for each in found]
    for name, write in (("a.yaml", to_yaml), ("a.json", to_json)):
        (tmp_path / name).write_text("".join(write(found)), encoding="utf-8", newline="\n")
        read_back = read(tmp_path / name).segments
        assert [(each.code, each.name, each.description, each.accounts) for each in read_back] == expected
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert yaml.safe_load((tmp_path / "a.yaml").read_text(encoding="utf-8")) == document
    assert VALID(document)


@given(st.lists(texts.filter(bool), unique=True))
def test_any_codes_have_names_of_their_own(codes: list[str]) -> None:
    names = file_names(codes)
    assert len({name.lower() for name in names.values()}) == len(codes)
    assert all(os.path.basename(name) == name and len(name) < 200 for name in names.values())


def test_an_export_asks_for_the_state_it_was_made_of(many: Segments) -> None:
    many.ok("export", "--accounts", "--to", str(many.home / "folder"))
    backend = open_store(str(many.store), timeout=10)
    desired = desired_of(read(many.home / "folder"), backend, quiet())
    backend.close()
    found = [(each.code, each.name, each.description, list(each.accounts or ())) for each in desired.segments]
    assert found == state(many.store)


def test_dash_is_stdout(vip: Segments) -> None:
    assert vip.ok("export", "--to", "-").stdout == vip.ok("export").stdout
    assert not Path("-").exists()


def test_a_file_that_differs_only_by_case_is_not_removed(segments: Segments) -> None:
    fill(segments, [SegmentDraft("VIP"), SegmentDraft("vip")])
    fill_accounts(segments, 2, [1])
    folder = segments.home / "folder"
    segments.ok("export", "--accounts", "--to", str(folder))
    segments.ok("delete", "VIP", "--yes")
    segments.ok("export", "--accounts", "--to", str(folder))
    assert [each.name for each in (folder / "accounts").iterdir()] == ["vip.txt"]
    fill(segments, [SegmentDraft("VIP")])
    fill_accounts(segments, 3, [2])
    segments.ok("delete", "vip", "--yes")
    done = segments.ok("export", "--accounts", "--to", str(folder))
    assert "removed" not in done.stderr
    assert (folder / "accounts" / "VIP.txt").read_text() == "2\n"


def test_a_killed_export_leaves_no_half_folder(segments: Segments) -> None:
    codes = [f"S{number:03}" for number in range(300)]
    fill_sets(segments.store, {code: {number} for number, code in enumerate(codes, 1)})
    complete = 0
    for run in range(10):
        folder = segments.home / f"folder-{run}"
        process = segments.start("export", "--accounts", "--to", str(folder))
        while process.poll() is None and not list(segments.home.glob(".new-*")):
            time.sleep(0.001)
        time.sleep(run / 50)
        process.kill()
        process.communicate()
        if folder.exists():
            complete += 1
            assert [each.code for each in read(folder).segments] == codes
        for left in segments.home.glob(".new-*"):
            shutil.rmtree(left)
    assert complete < 10
