"""config.yaml and its folder: refused if others can write them; a warning if others can read a secret."""

import os

import pytest

from segcli.paths import writable_by_others
from tests.support.command import Segments

SECRET = "profiles: {one: {backend: 'sqlite:one.db', shared_secret: s3cret-never-shown}}\n"
NO_SECRET = "profiles: {one: {backend: 'sqlite:one.db', secret_command: echo x}}\n"


@pytest.fixture
def written(segments: Segments) -> Segments:
    segments.config_file.parent.mkdir(parents=True, mode=0o700)
    segments.config_file.write_text(SECRET)
    segments.config_file.chmod(0o600)
    return segments


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_secret_that_others_can_read_is_warned_about(written: Segments, mode: int) -> None:
    path = written.config_file
    path.chmod(mode)
    warning = f"warning: other users can read the secret in {path} (mode {mode:04o}): run chmod 600 {path}"
    for command in (("list",), ("profile", "list"), ("--profile", "one", "list"), ("doctor",)):
        done = written.ok(*command)
        assert done.stderr.count(warning) == 1
    rows = {row["check"]: row["detail"] for row in written.ok("doctor", "-o", "json").json["items"]}
    assert rows["configuration"] == warning
    assert written.ok("list", "-q").stderr == ""
    assert written.ok("completion", "values", "profiles", "--", "").stderr == ""
    path.chmod(0o600)
    assert "warning" not in written.ok("list").stderr


def test_a_readable_file_without_a_secret_is_not_warned_about(written: Segments) -> None:
    written.config_file.write_text(NO_SECRET)
    written.config_file.chmod(0o644)
    assert written.ok("list").stderr == ""


@pytest.mark.parametrize("what", ["folder", "file"])
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_configuration_that_others_can_write_is_refused(written: Segments, what: str, mode: int) -> None:
    written.config_file.write_text(NO_SECRET)
    path = written.config_file if what == "file" else written.config_file.parent
    path.chmod(mode)
    for command in (("list",), ("profile", "use", "one"), ("doctor",)):
        done = written(*command)
        assert done.code == 2
        assert f"{path} is writable by other users (mode {mode:04o})" in done.stderr
        assert f"chmod go-w {path}" in done.stderr
    assert written.config_file.read_text() == NO_SECRET


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_configuration_of_another_user_is_refused(written: Segments) -> None:
    os.chown(written.config_file, 65534, -1)
    done = written("list")
    assert done.code == 2
    assert f"{written.config_file} belongs to another user (uid 65534)" in done.stderr


def test_a_path_that_does_not_exist_is_not_writable(written: Segments) -> None:
    assert writable_by_others(str(written.home / "nope")) is None
    assert writable_by_others("/") is None
