"""`segments completion install`: where the script is put, and that its shell finds it."""

import stat

import pytest

from segcli.completion.scripts import FILES
from tests.support.command import Segments
from tests.support.shells import SHELLS, Shell

PLACES = {
    "bash": "data/bash-completion/completions/segments",
    "zsh": "data/zsh/site-functions/_segments",
    "fish": "config/fish/completions/segments.fish",
}


@pytest.mark.parametrize("name", FILES)
def test_the_result_is_the_path_and_what_to_do_next(segments: Segments, name: str) -> None:
    done = segments.ok("completion", "install", name, "-o", "json").json
    path = segments.home / PLACES[name]
    assert (done["shell"], done["path"]) == (name, str(path))
    assert path.read_text() == segments.ok("completion", "show", name).stdout
    assert "new shell" in done["next"]


@pytest.mark.parametrize("name", FILES)
def test_the_default_is_the_login_shell(segments: Segments, name: str) -> None:
    done = segments.ok("completion", "install", "-o", "json", SHELL=f"/usr/local/bin/{name}").json
    assert done["shell"] == name


@pytest.mark.parametrize("shell", ["", "/bin/tcsh"])
def test_an_unknown_shell_is_an_error(segments: Segments, shell: str) -> None:
    done = segments("completion", "install", SHELL=shell)
    assert done.code == 2
    assert "hint: supported: bash, zsh, fish; for example: segments completion install bash" in done.stderr


def test_without_the_variables_it_is_in_home(segments: Segments) -> None:
    for name in FILES:
        segments.ok("completion", "install", name, XDG_DATA_HOME="", XDG_CONFIG_HOME="not/absolute")
    assert (segments.home / ".local/share/bash-completion/completions/segments").exists()
    assert (segments.home / ".local/share/zsh/site-functions/_segments").exists()
    assert (segments.home / ".config/fish/completions/segments.fish").exists()


def test_an_older_script_is_replaced(segments: Segments) -> None:
    path = segments.home / PLACES["bash"]
    path.parent.mkdir(parents=True)
    path.write_text("old")
    segments.ok("completion", "install", "bash")
    assert path.read_text() == segments.ok("completion", "show", "bash").stdout
    assert stat.S_IMODE(path.stat().st_mode) & 0o400


def test_a_script_that_cannot_be_written_is_an_error(segments: Segments) -> None:
    (segments.home / "data").write_text("a file where a folder belongs")
    done = segments("completion", "install", "bash")
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {segments.home}/data")


@pytest.mark.parametrize("name", SHELLS)
def test_a_new_shell_completes(segments: Segments, name: str) -> None:
    segments.ok("add", "VIP club")
    shell = Shell(name, segments)
    try:
        assert shell.complete("segments get V").rstrip() == "segments get VIP\\ club"
    finally:
        shell.close()


def test_bash_completes_without_the_package(segments: Segments) -> None:
    segments.ok("add", "a:b c")
    shell = Shell("bash", segments, package=False)
    try:
        assert shell.complete("segments get a:").rstrip() == "segments get a:b\\ c"
        assert shell.complete("segments list --sort=na").rstrip() == "segments list --sort=name"
    finally:
        shell.close()


@pytest.mark.parametrize("rc", ["COMP_WORDBREAKS=${COMP_WORDBREAKS//[:=@]/}", "IFS=,", "set -u"])
def test_bash_completes_with_unusual_settings(segments: Segments, rc: str) -> None:
    segments.ok("add", "a:b=c d")
    shell = Shell("bash", segments, rc=f"{rc}\n")
    try:
        assert shell.last_word("segments get a:b=") == "a:b=c d"
        assert shell.last_word("segments get 'a:b") == "a:b=c d"
        assert shell.complete("segments list --sort=na").rstrip() == "segments list --sort=name"
        assert shell.complete("segments -o ya").rstrip() == "segments -o yaml"
    finally:
        shell.close()
