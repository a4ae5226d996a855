"""Where our folders are, and how private folders and files are created."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import platformdirs
import pytest

from segcli.paths import (
    make_private_folder,
    replace_private_file,
    replaced_file,
    replaced_folder,
    user_folder,
)

VARIABLES = {
    "data": "XDG_DATA_HOME",
    "config": "XDG_CONFIG_HOME",
    "cache": "XDG_CACHE_HOME",
    "state": "XDG_STATE_HOME",
}


@pytest.mark.parametrize("kind", VARIABLES)
@pytest.mark.parametrize("value", [None, "", " ", "/x", "/x/", "//x", "relative/y", "~/z", " /x"])
def test_a_folder_is_the_one_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, kind: str, value: str | None
) -> None:
    monkeypatch.delenv(VARIABLES[kind], raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLES[kind], value)
    expected = getattr(platformdirs, f"user_{kind}_dir")("segments", appauthor=False)
    assert user_folder(kind) == expected


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=["umask 000", "umask 022", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_a_folder_and_its_missing_parents_are_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(str(tmp_path / "a" / "b" / "c"))
    for folder in ("a", "a/b", "a/b/c"):
        assert mode(tmp_path / folder) == 0o700
    assert mode(tmp_path) == 0o755


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o750)
    make_private_folder(str(tmp_path / "a"))
    assert mode(tmp_path / "a") == 0o750


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(FileExistsError):
        make_private_folder(str(tmp_path / "a"))
    with pytest.raises(FileExistsError):
        make_private_folder(str(tmp_path / "a" / "b"))


def test_a_folder_that_another_process_creates_meanwhile_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = os.mkdir

    def lose_the_race(path: str, mode: int) -> None:
        mkdir(path, mode)
        mkdir(path, mode)  # raises FileExistsError, as if the first call had been another process's

    monkeypatch.setattr(os, "mkdir", lose_the_race)
    make_private_folder(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()


def test_threads_that_create_one_folder_all_succeed(tmp_path: Path) -> None:
    errors: list[OSError] = []
    barrier = threading.Barrier(8)

    def create(number: int) -> None:
        barrier.wait()
        try:
            make_private_folder(str(tmp_path / "a" / "b" / "c"))
            replace_private_file(str(tmp_path / "a" / "b" / "c" / "file"), f"{number}")
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=create, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [path.name for path in (tmp_path / "a" / "b" / "c").iterdir()] == ["file"]


@pytest.mark.usefixtures("umask")
def test_a_file_is_private_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also before it gets its name."""
    path = tmp_path / "new" / "file"
    modes: list[int] = []
    fdopen = os.fdopen

    def record_mode(handle: int, *arguments: Any, **options: Any) -> IO[Any]:
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        file: IO[Any] = fdopen(handle, *arguments, **options)
        return file

    monkeypatch.setattr(os, "fdopen", record_mode)
    replace_private_file(str(path), "secret: ü\n")
    assert modes == [0o600]
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700
    assert path.read_text(encoding="utf-8") == "secret: ü\n"


@pytest.mark.parametrize("sync", [True, False])
def test_a_replaced_file_becomes_private(tmp_path: Path, sync: bool) -> None:
    path = tmp_path / "file"
    path.write_text("old and long")
    path.chmod(0o644)
    replace_private_file(str(path), "new", sync=sync)
    assert path.read_text() == "new"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_symbolic_link_is_kept_and_its_target_replaced(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "file"
    target.parent.mkdir()
    target.write_text("old")
    link = tmp_path / "file"
    link.symlink_to(Path("dotfiles") / "file")
    replace_private_file(str(link), "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert [path.name for path in target.parent.iterdir()] == ["file"]


def test_a_dangling_link_gets_its_target(tmp_path: Path) -> None:
    link = tmp_path / "file"
    link.symlink_to(tmp_path / "elsewhere" / "file")
    replace_private_file(str(link), "new")
    assert link.is_symlink()
    assert (tmp_path / "elsewhere" / "file").read_text() == "new"


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=repr)
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, error: BaseException
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(type(error)):
        replace_private_file(str(path), "new", sync=True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_text_that_cannot_be_encoded_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        replace_private_file(str(tmp_path / "file"), "\udcff")
    assert list(tmp_path.iterdir()) == []


def test_a_replaced_file_is_complete_or_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"

    def replace(text: str, *, fail: bool) -> None:
        with replaced_file(str(path)) as file:
            file.write(text)
            if fail:
                raise KeyError

    replace("one\n", fail=False)
    with pytest.raises(KeyError):
        replace("two\n", fail=True)
    assert path.read_text() == "one\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_replaced_folder_is_complete_or_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "folder"

    def replace(text: str, *, fail: bool) -> None:
        with replaced_folder(str(folder), "last") as new:
            (Path(new) / "inner").mkdir()
            (Path(new) / "inner" / "file").write_text(text)
            (Path(new) / "last").write_text(text)
            if fail:
                raise KeyError

    def state() -> dict[str, str]:
        return {
            str(each.relative_to(tmp_path)): each.read_text()
            for each in tmp_path.rglob("*")
            if each.is_file()
        }

    with pytest.raises(KeyError):
        replace("one", fail=True)
    assert state() == {}
    replace("one", fail=False)
    (folder / "other").write_text("mine")
    with pytest.raises(KeyError):
        replace("two", fail=True)
    assert state() == {"folder/inner/file": "one", "folder/last": "one", "folder/other": "mine"}
    replace("two", fail=False)
    assert state() == {"folder/inner/file": "two", "folder/last": "two", "folder/other": "mine"}
    assert not list(tmp_path.rglob(".new-*"))
